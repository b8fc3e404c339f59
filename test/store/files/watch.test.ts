/** What other programs do is noticed within a second, with events or without. */
import { chmodSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { AccountsWatch } from '../../../src/store/files/watch.js';
import { account, type DataDirectory, withDirectory } from '../../support/directory.js';

interface Watched {
  readonly dir: DataDirectory;
  readonly store: AccountFiles;
  /** Resolves with the ms until the account says so, from `act` on. */
  readonly noticedAfter: (act: () => void, id: string, label: string) => Promise<number>;
}

async function withWatch(
  prepare: (dir: DataDirectory) => void,
  use: (watched: Watched) => Promise<void>,
): Promise<void> {
  await withDirectory(async (dir) => {
    prepare(dir);
    const store = await AccountFiles.open(dir.at('accounts'), systemClock);
    const watch = new AccountsWatch({ folder: dir.at('accounts'), store, clock: systemClock });
    watch.start();
    const noticedAfter: Watched['noticedAfter'] = (act, id, label) =>
      new Promise((resolve, reject) => {
        // nothing of the watch keeps a process alive
        const tooLate = setTimeout(() => reject(new Error(`${label}: not noticed`)), 5_000);
        const stop = store.onNoticed(() => {
          if (store.json(id)?.custom_label !== label) return;
          stop();
          clearTimeout(tooLate);
          resolve(performance.now() - started);
        });
        const started = performance.now();
        act();
      });
    try {
      await use({ dir, store, noticedAfter });
    } finally {
      watch.stop();
      store.close();
    }
  });
}

const text = (label: string): string => JSON.stringify(account({ custom_label: label }), null, 2);

test('an edit that makes no event here is noticed within a second by the poll', async () => {
  await withWatch(
    (dir) => {
      mkdirSync(dir.at('elsewhere'));
      writeFileSync(dir.at('elsewhere', 'a1.json'), text('before'));
      // the system tells of what happens in the folder, not of what happens where a link leads
      symlinkSync('../elsewhere/a1.json', dir.at('accounts', 'a1.json'));
    },
    async ({ dir, noticedAfter }) => {
      const edit = (): void => writeFileSync(dir.at('elsewhere', 'a1.json'), text('by another'));
      const ms = await noticedAfter(edit, 'a1', 'by another');
      assert.ok(ms < 1_000, `${ms} ms`);
    },
  );
});

test('with events it is noticed sooner than any poll', async () => {
  await withWatch(
    (dir) => writeFileSync(dir.at('accounts', 'a1.json'), text('before')),
    async ({ dir, noticedAfter }) => {
      const took: number[] = [];
      for (const label of ['one', 'two', 'three']) {
        const edit = (): void => writeFileSync(dir.at('accounts', 'a1.json'), text(label));
        took.push(await noticedAfter(edit, 'a1', label));
      }
      assert.ok(Math.min(...took) < 250, took.join());
    },
  );
});

test('a folder that was moved away and made anew is watched like the first', async () => {
  await withWatch(
    (dir) => writeFileSync(dir.at('accounts', 'a1.json'), text('before')),
    async ({ dir, noticedAfter }) => {
      const replace = (): void => {
        renameSync(dir.at('accounts'), dir.at('away'));
        mkdirSync(dir.at('accounts'));
        writeFileSync(dir.at('accounts', 'a1.json'), text('in the new one'));
      };
      assert.ok((await noticedAfter(replace, 'a1', 'in the new one')) < 1_500);
      const edit = (): void => writeFileSync(dir.at('accounts', 'a1.json'), text('edited there'));
      assert.ok((await noticedAfter(edit, 'a1', 'edited there')) < 1_000);
    },
  );
});

test('a file that others could read is closed to them at the start, a link’s is left alone', () =>
  withWatch(
    (dir) => {
      for (const name of ['a1', 'a2']) {
        writeFileSync(dir.at('accounts', `${name}.json`), JSON.stringify(account({ id: name })));
        chmodSync(dir.at('accounts', `${name}.json`), 0o644);
      }
      writeFileSync(dir.at('elsewhere'), '{}');
      chmodSync(dir.at('elsewhere'), 0o644);
      symlinkSync(dir.at('elsewhere'), dir.at('accounts', 'link.json'));
    },
    async ({ dir, noticedAfter }) => {
      await noticedAfter(
        () => writeFileSync(dir.at('accounts', 'a3.json'), JSON.stringify(account({ id: 'a3', custom_label: 'x' }))),
        'a3',
        'x',
      );
      const modeOf = (...parts: string[]): string => (statSync(dir.at(...parts)).mode & 0o777).toString(8);
      const modes = (): string => ['a1', 'a2'].map((name) => modeOf('accounts', `${name}.json`)).join(' ');
      // a thread of its own closes them
      while (modes() !== '600 600') await new Promise((done) => setTimeout(done, 10));
      assert.is(modeOf('elsewhere'), '644');
    },
  ));

test.run();
