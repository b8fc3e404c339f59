/** The poll of a folder that a slow or hanging file system holds up: nobody else waits for it. */
import { linkSync, mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync, watch, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FolderPoll, readingNow, sinceNow } from '../../../src/store/files/folder-poll.js';
import type { PassOrder, ScanResult } from '../../../src/store/files/folder-scan.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';

/** Each look at the size and times of a file whose name has `which` in it takes so long. */
const slow = (which: string, ms: number): string => `
  const slowFs = require('node:fs');
  const lstatSync = slowFs.lstatSync;
  slowFs.lstatSync = (file, ...rest) => {
    if (file.includes('${which}')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms});
    return lstatSync(file, ...rest);
  };
`;

interface Polled {
  readonly dir: DataDirectory;
  /** The result of the next pass. */
  readonly pass: (order?: PassOrder) => Promise<ScanResult>;
  /** What was told while passes went on. */
  readonly news: string[];
}

const withPoll = (
  names: readonly string[],
  before: string,
  use: (polled: Polled) => Promise<void>,
  readSince: number | null = null,
  known: () => readonly string[] = () => [],
): Promise<void> =>
  withDirectory(async (dir) => {
    for (const name of names) writeFileSync(dir.at('accounts', name), '{}');
    let told: (result: ScanResult) => void = () => undefined;
    const news: string[] = [];
    const poll = new FolderPoll(
      dir.at('accounts'),
      systemClock,
      () => ({ known: known(), readSince }),
      (result) => told(result),
      (names) => news.push(...names),
      before,
    );
    let alive: NodeJS.Timeout | undefined;
    const pass = (order?: PassOrder): Promise<ScanResult> =>
      new Promise((resolve) => {
        // nothing of the poll keeps a process alive
        alive = setTimeout(() => undefined, 60_000);
        told = (result) => {
          clearTimeout(alive);
          resolve(result);
        };
        poll.begin(order);
      });
    try {
      await use({ dir, pass, news });
    } finally {
      clearTimeout(alive);
      poll.stop();
    }
  });

test('a pass over a thousand files of 50 ms each takes nothing from anybody else', () =>
  withPoll(
    Array.from({ length: 1_000 }, (_, index) => `a${index}.json`),
    slow('.json', 50),
    async ({ pass }) => {
      void pass();
      const before = performance.eventLoopUtilization();
      await new Promise((done) => setTimeout(done, 1_000));
      const { active } = performance.eventLoopUtilization(before);
      assert.ok(active < 200, `${Math.round(active)} ms of a second`);
    },
  ));

test('a file that hangs holds up only itself, and is looked at again once it does no more', () =>
  withPoll(['a1.json', 'a2.json', 'a3.json'], slow('a2', 4_000), async ({ dir, pass }) => {
    const began = performance.now();
    const first = await pass();
    assert.equal([...first.changed].sort(), ['a1.json', 'a3.json']);
    writeFileSync(dir.at('accounts', 'a3.json'), '{"edited": true}');
    assert.ok((await pass()).changed.includes('a3.json'));
    assert.ok(performance.now() - began < 3_900, 'while the other one hangs');
  }));

test('nor does one that begins to hang after passes that found all files on this machine', () =>
  withPoll(['a1.json', 'a3.json'], slow('a2', 4_000), async ({ dir, pass }) => {
    await pass();
    await pass();
    writeFileSync(dir.at('accounts', 'a2.json'), '{}');
    writeFileSync(dir.at('accounts', 'a3.json'), '{"edited": true}');
    const began = performance.now();
    assert.ok((await pass()).changed.includes('a3.json'));
    assert.ok(performance.now() - began < 3_900, 'while the other one hangs');
  }));

test('what a long pass found is told while it goes on, once', () =>
  withPoll(['a1.json', 'a2.json', 'a3.json', 'a4.json'], slow('.json', 60), async ({ dir, pass, news }) => {
    await pass();
    // the first one took from others what they may do, which is a change
    await pass();
    news.splice(0);
    writeFileSync(dir.at('accounts', 'a1.json'), '{"edited": 1}');
    await new Promise((done) => setTimeout(done, 50));
    const { changed, differs } = await pass();
    assert.equal(news, ['a1.json']);
    assert.equal([changed, differs], [[], ['a1.json']]);
  }));

test('a glance looks at no file while the folder is the same one, and says whether it was touched', () =>
  withPoll(['a1.json'], '', async ({ dir, pass }) => {
    const glance: PassOrder = { kind: 'pass', extent: 'glance', probe: null, told: [] };
    await pass();
    writeFileSync(dir.at('accounts', 'a1.json'), '{"edited": 1}');
    const seen = await pass(glance);
    assert.equal([seen.changed, seen.isWhole, seen.isTouched], [[], false, false]);
    writeFileSync(dir.at('accounts', 'a2.json'), '{}');
    assert.ok((await pass(glance)).isTouched);
    assert.not.ok((await pass(glance)).isTouched, 'since then');
    // a probe is nobody's doing
    await pass({ kind: 'pass', extent: 'whole', probe: '.regrant-0123456789abcdef', told: [] });
    assert.not.ok((await pass(glance)).isTouched);
    renameSync(dir.at('accounts'), dir.at('away'));
    mkdirSync(dir.at('accounts'));
    const other = await pass(glance);
    assert.equal([other.changed, other.isWhole], [['a1.json', 'a2.json'], true]);
  }));

/** Linux lists the threads of a process. */
const testOnLinux = (name: string, act: () => Promise<void>): void =>
  process.platform === 'linux' ? test(name, act) : test.skip(name, act);
const threads = (): number => readdirSync('/proc/self/task').length;

testOnLinux('a small folder of this machine takes no thread until something in it is elsewhere', () =>
  withPoll(['a1.json'], '', async ({ dir, pass }) => {
    await pass();
    const before = threads();
    for (let times = 0; times < 3; times++) await pass();
    assert.is(threads(), before);
    writeFileSync(dir.at('accounts', 'a1.json'), '{"edited": 1}');
    assert.equal((await pass()).differs, ['a1.json']);
    writeFileSync(dir.at('elsewhere'), '{}');
    symlinkSync(dir.at('elsewhere'), dir.at('accounts', 'a2.json'));
    assert.is((await pass()).isAllHere, false);
    await pass();
    assert.is(threads(), before + 1);
    writeFileSync(dir.at('accounts', 'a3.json'), '{}');
    assert.ok((await pass()).changed.includes('a3.json'), 'seen by the thread');
  }),
);

testOnLinux('so does a pool that has grown large', () => {
  const files = { count: 128 };
  const names = (): string[] => Array.from({ length: files.count }, (_, index) => `a${index}.json`);
  return withPoll(
    names(),
    '',
    async ({ dir, pass }) => {
      await pass();
      const before = threads();
      await pass();
      assert.is(threads(), before);
      files.count = 129;
      for (const name of names()) writeFileSync(dir.at('accounts', name), '{}');
      assert.ok((await pass()).changed.includes('a128.json'));
      await pass();
      assert.is(threads(), before + 1);
    },
    null,
    names,
  );
});

test('a probe makes its event and leaves no file, and is no account file', () =>
  withPoll([], '', async ({ dir, pass }) => {
    const told: (string | null)[] = [];
    const watcher = watch(dir.at('accounts'), (_event, name) => told.push(name));
    const { changed } = await pass({ kind: 'pass', extent: 'whole', probe: '.regrant-0123456789abcdef', told: [] });
    while (told.length === 0) await new Promise((done) => setTimeout(done, 5));
    watcher.close();
    assert.equal([...new Set(told)], ['.regrant-0123456789abcdef']);
    assert.equal([changed, readdirSync(dir.at('accounts'))], [[], []]);
  }));

test('events tell all only of files that lie here and nowhere else', () =>
  withPoll(['a1.json'], '', async ({ dir, pass }) => {
    const isAllHere = async (): Promise<boolean> => (await pass()).isAllHere;
    assert.is(await isAllHere(), true);
    writeFileSync(dir.at('elsewhere'), '{}');
    for (const link of [linkSync, symlinkSync]) {
      link(dir.at('elsewhere'), dir.at('accounts', 'a2.json'));
      assert.is(await isAllHere(), false, link.name);
      unlinkSync(dir.at('accounts', 'a2.json'));
      assert.is(await isAllHere(), true);
    }
  }));

test('on a file system that other machines write to, or of no known kind, they tell nothing', () =>
  withPoll(
    ['a1.json'],
    `const nfs = require('node:fs'); const statfs = nfs.statfsSync;
     nfs.statfsSync = (...of) => ({ ...statfs(...of), type: 0x6969 });`,
    async ({ pass }) => assert.is((await pass()).isAllHere, false),
  ));

test('a folder that cannot be listed is told so, and one that is back', () =>
  withDirectory(async (dir) => {
    let told: (result: ScanResult) => void = () => undefined;
    const next = (poll: FolderPoll): Promise<ScanResult> => {
      const alive = setTimeout(() => undefined, 60_000);
      return new Promise<ScanResult>((resolve) => {
        told = resolve;
        poll.begin();
      }).finally(() => clearTimeout(alive));
    };
    const poll = new FolderPoll(
      dir.at('none'),
      systemClock,
      () => ({ known: ['gone.json'], readSince: null }),
      (result) => told(result),
      () => undefined,
    );
    assert.is((await next(poll)).folder, null);
    poll.stop();
    const there = new FolderPoll(
      dir.at('accounts'),
      systemClock,
      () => ({ known: ['gone.json'], readSince: null }),
      (result) => told(result),
      () => undefined,
    );
    const found = await next(there);
    assert.match(found.folder ?? '', /^\d+ \d+$/);
    assert.equal(found.changed, ['gone.json'], 'what was read before and is gone');
    there.stop();
  }));

test('files that were not changed since they were read are not told at first', async () => {
  const told = async (ms: number | null, before = ''): Promise<readonly string[]> => {
    let changed: readonly string[] = [];
    const first = async ({ pass }: Polled): Promise<void> => void ({ changed } = await pass());
    await withPoll(['a.json', 'b.json'], before, first, ms === null ? null : Date.now() + ms);
    return [...changed].sort();
  };
  assert.equal(await told(null), ['a.json', 'b.json'], 'nobody knows when');
  assert.equal(await told(500), ['a.json', 'b.json'], 'within what clocks may differ');
  assert.equal(await told(5_000), []);
  const network = `require('node:fs').statfsSync = () => ({ type: 0x6969 });`;
  assert.equal(await told(5_000, network), ['a.json', 'b.json'], 'stamped by the clock of another machine');
});

test('when files were read is told as the clock counts now, and never later', () => {
  const at = readingNow();
  assert.ok(Math.abs(sinceNow(at) - at.wall) < 1_000);
  assert.ok(sinceNow({ ...at, wall: at.wall - 3_600_000 }) <= at.wall - 3_600_000, 'it was set forward since');
  assert.ok(Math.abs(sinceNow({ ...at, wall: at.wall + 3_600_000 }) - at.wall) < 1_000, 'it was set back since');
});

test.run();
