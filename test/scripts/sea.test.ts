/** The single file, from a folder with nothing beside it; `npm run soak -- sea` walks it with an upgrade and its compiled code. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, withApp, type App, type Program } from '../support/app.js';
import { withDirectory } from '../support/directory.js';
import { ann } from '../support/package-walk.js';

const { layOut, makeOneFile } = (await import(path.join(import.meta.dirname, '..', '..', 'scripts', 'sea.mjs'))) as {
  readonly layOut: (laid: string) => Promise<void>;
  readonly makeOneFile: (target: string, options: { readonly isWarm: boolean }) => Promise<void>;
};

/** It starts, serves and ends. @param besides - what is asked of it while it serves */
const serves = (program: Program, besides: (app: App) => Promise<void> = () => Promise.resolve()): Promise<void> =>
  withApp({ accounts: [ann], google: { quotaProject: 'client' }, program }, async (app) => {
    const running = await app.headless();
    assert.is(await ask(running.url), 200);
    await besides(app);
    assert.is((await running.stop()).status, 0);
  });

test('the program that is laid out for the single file runs wherever that is, to be warmed up', () =>
  withDirectory(async ({ path: folder }) => {
    mkdirSync(path.join(folder, 'laid'));
    await layOut(path.join(folder, 'laid'));
    await serves([process.execPath, path.join(folder, 'laid', 'dist', 'app.js')]);
  }));

test('the single file starts, serves and ends with no file of ours beside it', () =>
  withDirectory(async ({ path: folder }) => {
    const file = path.join(folder, 'regrant');
    await makeOneFile(file, { isWarm: false });
    await serves([file], async (app) => {
      assert.match((await app.run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
      assert.is((await app.run(['status'])).status, 0);
    });
  }));

test.run();
