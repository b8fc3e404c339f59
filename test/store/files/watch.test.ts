/** What other programs do is noticed within a second, with events or without. */
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { systemClock, type Clock } from '../../../src/store/ground/clock.js';
import type { ScanResult } from '../../../src/store/files/folder-scan.js';
import { ProvenEvents } from '../../../src/store/files/proven-events.js';
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
  clock: Clock = systemClock,
): Promise<void> {
  await withDirectory(async (dir) => {
    prepare(dir);
    const store = await AccountFiles.open(dir.at('accounts'), systemClock);
    const watch = new AccountsWatch({ folder: dir.at('accounts'), store, clock });
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

/** Pauses of the poll are noted, and last a fortieth of their time. */
function quickPauses(): { readonly clock: Clock; readonly pauses: number[] } {
  const pauses: number[] = [];
  const clock: Clock = {
    ...systemClock,
    after: (ms, act) => {
      if (ms >= 500 && ms < 1_000) pauses.push(ms);
      return systemClock.after(ms / 40, act);
    },
  };
  return { clock, pauses };
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let round = 0; !holds(); round++) {
    assert.ok(round < 500, 'it never is');
    await new Promise((done) => setTimeout(done, 10));
  }
};

test('the poll is rare once events are proven, and dense again after a change that none told of', async () => {
  const { clock, pauses } = quickPauses();
  const isRare = (): boolean => pauses.at(-1) === 800;
  await withWatch(
    (dir) => writeFileSync(dir.at('accounts', 'a1.json'), text('before')),
    async ({ dir, noticedAfter }) => {
      await until(isRare);
      const edit = (label: string) => (): void => writeFileSync(dir.at('accounts', 'a1.json'), text(label));
      assert.ok((await noticedAfter(edit('by another'), 'a1', 'by another')) < 1_000);
      const before = pauses.length;
      await until(() => pauses.length > before + 20);
      assert.equal(new Set(pauses.slice(before + 1)), new Set([800]), 'a told edit casts no doubt');
      // under another name of the same file it is written without an event here
      linkSync(dir.at('accounts', 'a1.json'), dir.at('other-name'));
      const unheard = (): void => writeFileSync(dir.at('other-name'), text('by the other name'));
      await noticedAfter(unheard, 'a1', 'by the other name');
      await until(() => !isRare());
      unlinkSync(dir.at('other-name'));
    },
    clock,
  );
});

const pass = (of: Partial<ScanResult>): ScanResult => ({
  ...{
    changed: [],
    differs: [],
    folder: '1 2',
    isAllHere: true,
    isTouched: false,
    isWhole: true,
    isListed: true,
    tookMs: 1,
  },
  ...of,
});

test('events are proven by a probe for a minute, where all files are here and none changed unheard', () => {
  const events = new ProvenEvents();
  events.compare(pass({}), 0);
  assert.is(events.areProven(0), false);
  assert.ok(events.wantsProbe(0, 5_000));
  events.probes('.probe');
  events.tells('a1.json', 10);
  assert.is(events.areProven(10), false, 'another file proves nothing');
  events.tells('.probe', 20);
  assert.is(events.areProven(20), true);
  assert.is(events.wantsProbe(20, 5_000), false);
  assert.ok(events.wantsProbe(55_000, 5_000), 'before it is over');
  assert.is(events.areProven(60_020), false);

  events.tells('.probe', 60_000);
  // an event that comes behind the pass that saw the change
  events.compare(pass({ differs: ['a2.json'] }), 61_000);
  events.tells('a2.json', 61_001);
  events.compare(pass({ isWhole: false }), 62_000);
  assert.ok(events.areProven(62_000));
  events.compare(pass({ differs: ['a3.json'] }), 63_000);
  events.compare(pass({ isWhole: false }), 64_000);
  assert.not(events.areProven(64_000), 'no event told of a3');
  events.tells('.probe', 123_999);
  assert.not(events.areProven(123_999), 'for a minute, whatever probes say');
  assert.ok(events.areProven(124_000));
  events.compare(pass({ isAllHere: false }), 125_000);
  assert.not(events.areProven(125_000));
  events.compare(pass({}), 126_000);
  events.forget();
  assert.not(events.areProven(126_000), 'of another folder nothing is proven');
});

test('asked to look now, it names what was edited since, and nobody else; where stamps prove nothing it says so', () =>
  withDirectory(async (dir) => {
    const folder = dir.at('accounts');
    for (const id of ['a1', 'a2', 'a3', 'a4']) {
      writeFileSync(dir.at('accounts', `${id}.json`), JSON.stringify(account({ id })), { mode: 0o600 });
      // long ago: neither may just have been read when it was written again
      utimesSync(dir.at('accounts', `${id}.json`), 1_000, 1_000);
    }
    const rereadNames: (readonly string[] | null)[] = [];
    const store = {
      files: [],
      missing: ['gone.json'],
      readAt: null,
      reread: (names: readonly string[] | null) => (rereadNames.push(names), Promise.resolve()),
    };
    const watch = new AccountsWatch({ folder, store, clock: systemClock });
    assert.is(await watch.lookNow(), null, 'nothing was looked at yet');
    const alive = setTimeout(() => undefined, 30_000);
    watch.start();
    await until(() => rereadNames.length > 0);
    await new Promise((done) => setTimeout(done, 100));
    await watch.lookNow();
    writeFileSync(dir.at('accounts', 'a2.json'), '{"id": "edited"}');
    rmSync(dir.at('accounts', 'a3.json'));
    const [found, again] = await Promise.all([watch.lookNow(), watch.lookNow()]);
    assert.equal([...new Set(found)].sort(), ['a2.json', 'a3.json', 'gone.json']);
    assert.ok((again ?? []).every((name) => name !== 'a1.json' && name !== 'a4.json'));
    symlinkSync(dir.at('elsewhere'), dir.at('accounts', 'a5.json'));
    assert.is(await watch.lookNow(), null, 'what a link leads to is elsewhere');
    watch.stop();
    assert.is(await watch.lookNow(), null);
    clearTimeout(alive);
  }));

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
