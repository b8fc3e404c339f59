/** The poll of a folder that a slow or hanging file system holds up: nobody else waits for it. */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FolderPoll } from '../../../src/store/files/folder-poll.js';
import type { ScanResult } from '../../../src/store/files/folder-scan.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';

/** Each look at the size and times of a file whose name has `which` in it takes so long. */
const slow = (which: string, ms: number): string => `
  const slowFs = require('node:fs');
  const statSync = slowFs.statSync;
  slowFs.statSync = (file, ...rest) => {
    if (file.includes('${which}')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms});
    return statSync(file, ...rest);
  };
`;

interface Polled {
  readonly dir: DataDirectory;
  /** The result of the next pass. */
  readonly pass: () => Promise<ScanResult>;
}

const withPoll = (names: readonly string[], before: string, use: (polled: Polled) => Promise<void>): Promise<void> =>
  withDirectory(async (dir) => {
    for (const name of names) writeFileSync(dir.at('accounts', name), '{}');
    let told: (result: ScanResult) => void = () => undefined;
    const poll = new FolderPoll(
      dir.at('accounts'),
      systemClock,
      () => [],
      (result) => told(result),
      before,
    );
    let alive: NodeJS.Timeout | undefined;
    const pass = (): Promise<ScanResult> =>
      new Promise((resolve) => {
        // nothing of the poll keeps a process alive
        alive = setTimeout(() => undefined, 60_000);
        told = (result) => {
          clearTimeout(alive);
          resolve(result);
        };
        poll.begin();
      });
    try {
      await use({ dir, pass });
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
      () => ['gone.json'],
      (result) => told(result),
    );
    assert.is((await next(poll)).folder, null);
    poll.stop();
    const there = new FolderPoll(
      dir.at('accounts'),
      systemClock,
      () => ['gone.json'],
      (result) => told(result),
    );
    const found = await next(there);
    assert.match(found.folder ?? '', /^\d+ \d+$/);
    assert.equal(found.changed, ['gone.json'], 'what was read before and is gone');
    there.stop();
  }));

test.run();
