import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TrashFolder } from '../../../src/store/files/trash.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';
import { pause } from '../../support/pause.js';

const DAY_MS = 86_400_000;

test('what was put there a day ago stays, whatever the clock said then or says now', () =>
  withDirectory(async (dir) => {
    const clock = setClock(Date.UTC(1970, 0, 2));
    const trash = new TrashFolder(dir.path, clock);
    await trash.keepReplaced('a1', { id: 'a1' });
    // the wall clock is set right meanwhile, and a server says the same
    trash.keepClear(() => Date.UTC(2026, 10, 30));
    clock.advance(DAY_MS);
    await pause(20);
    const left = readdirSync(dir.path).filter((name) => name.endsWith('.json'));
    assert.is(left.length, 1);
    trash.stop();
  }));

test.run();
