import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { screenMemory } from '../../src/commands/screen-memory.js';
import { withDirectory } from '../support/directory.js';

const kept = {
  ...({ sort: 'errors', direction: 'backwards', columns: 'all', focus: 'log', zoomed: true } as const),
  filters: { accounts: 'anna', log: '', refreshes: '' },
};

test('state/screen.json has what the last screen left, for nobody else to read', () =>
  withDirectory(async (directory) => {
    await mkdir(directory.at('state'));
    const { memory } = screenMemory(directory.path, {});
    assert.is(memory?.read(), undefined);
    memory?.write(kept);
    assert.equal(memory?.read(), { schema: 1, ...kept });
    const file = directory.at('state', 'screen.json');
    assert.is((await stat(file)).mode & 0o777, 0o600);
    assert.equal(await readdir(directory.at('state')), ['screen.json']);
    await writeFile(file, '{"sort":');
    assert.is(memory?.read(), null, 'half a file is none');
    memory?.write(kept);
    assert.match(await readFile(file, 'utf8'), /"sort": "errors"/);
  }));

test('a folder that is missing or takes nothing is in nobody’s way', () =>
  withDirectory(async (directory) => {
    const { memory } = screenMemory(directory.path, {});
    memory?.write(kept);
    assert.is(memory?.read(), undefined);
    await mkdir(directory.at('state'));
    await chmod(directory.at('state'), 0o500);
    memory?.write(kept);
    await chmod(directory.at('state'), 0o700);
  }));

test.run();
