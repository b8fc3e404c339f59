/** One pass over a folder as the poll makes it: what it tells, and what it costs where nobody touched the folder. */
import fs, { chmodSync, mkdirSync, renameSync, statfsSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scanFolder, type ScanOrder, type ScanResult } from '../../../src/store/files/folder-scan.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';

interface Scanned {
  readonly dir: DataDirectory;
  readonly file: (name: string) => string;
  /** What the next pass finds. */
  readonly pass: () => ScanResult;
  /** How often the folder was listed. */
  readonly listings: () => number;
}

const WHOLE: ScanOrder = { kind: 'pass', extent: 'whole', probe: null };
/** No change here is so young that another one may carry the same times. */
const CERTAIN = { timeStampMs: 0, firstBackMs: 0, readSinceBackMs: 0, newsEveryMs: 1_000 };

const withScan = (names: readonly string[], local: boolean, use: (scanned: Scanned) => void): Promise<void> =>
  withDirectory(async (dir) => {
    const folder = dir.at('accounts');
    const file = (name: string): string => dir.at('accounts', name);
    for (const name of names) writeFileSync(file(name), '{}');
    let listings = 0;
    const readdirSync = ((where: string) => {
      listings++;
      return fs.readdirSync(where);
    }) as typeof fs.readdirSync;
    let tell: (order: ScanOrder) => void = () => undefined;
    let last: ScanResult | null = null;
    const parentPort = {
      on: (_message: 'message', listener: (order: ScanOrder) => void) => (tell = listener),
      postMessage: (said: object) => void (last = said as ScanResult),
    };
    const workerData = { folder, known: [], readSince: null, skip: [], place: new SharedArrayBuffer(1_024) };
    const bounds = { ...CERTAIN, local: local ? [statfsSync(folder).type] : [] };
    scanFolder({ ...fs, readdirSync }, { parentPort, workerData }, bounds);
    const pass = (): ScanResult => {
      tell(WHOLE);
      if (last === null) throw new Error('nothing was told');
      return last;
    };
    use({ dir, file, pass, listings: () => listings });
    await Promise.resolve();
  });

/** Passes until the names of the folder stand, and the file system's clock has gone on since. */
const settled = ({ pass, dir, file }: Scanned): void => {
  pass();
  pass();
  const { ctimeMs } = fs.statSync(file('.'));
  const other = dir.at('clock');
  do writeFileSync(other, '');
  while (fs.statSync(other).ctimeMs === ctimeMs);
};

/** What may be done to a folder of `a.json` and `b.json`, and whom a pass must tell of. */
const DONE: readonly (readonly [string, (file: (name: string) => string) => void, readonly string[]])[] = [
  ['added', (file) => writeFileSync(file('c.json'), '{}'), ['c.json']],
  ['removed', (file) => unlinkSync(file('a.json')), ['a.json']],
  ['renamed', (file) => renameSync(file('a.json'), file('d.json')), ['a.json', 'd.json']],
  ['two exchanged', exchanged, ['a.json', 'b.json']],
  ['replaced', replaced, ['a.json']],
  ['edited in place', (file) => writeFileSync(file('a.json'), '{"a":1}'), ['a.json']],
  ['stamped only', (file) => utimesSync(file('b.json'), 5, 5), ['b.json']],
  ['its mode changed', (file) => chmodSync(file('b.json'), 0o400), ['b.json']],
  ['added under the old times of the folder', addedUnderOldTimes, ['c.json']],
  ['a folder of such a name', (file) => mkdirSync(file('e.json')), ['e.json']],
];

function exchanged(file: (name: string) => string): void {
  renameSync(file('a.json'), file('.x'));
  renameSync(file('b.json'), file('a.json'));
  renameSync(file('.x'), file('b.json'));
}

function replaced(file: (name: string) => string): void {
  writeFileSync(file('.new'), '{"a":2}');
  renameSync(file('.new'), file('a.json'));
}

/** As whoever restores a backup does. */
function addedUnderOldTimes(file: (name: string) => string): void {
  const { atime, mtime } = fs.statSync(file('.'));
  writeFileSync(file('c.json'), '{}');
  utimesSync(file('.'), atime, mtime);
}

for (const [what, act, told] of DONE) {
  test(`a pass tells of what was done since the one before, also where the names stand: ${what}`, () =>
    withScan(['a.json', 'b.json'], true, (scanned) => {
      settled(scanned);
      act(scanned.file);
      assert.equal([...scanned.pass().changed].sort(), told);
      assert.equal(scanned.pass().changed, [], 'once');
    }));
}

test('names that stand are not listed again, on a local file system alone', async () => {
  await withScan(['a.json'], true, (scanned) => {
    settled(scanned);
    const before = scanned.listings();
    for (let count = 0; count < 5; count++) scanned.pass();
    writeFileSync(scanned.file('a.json'), '{"a":1}');
    assert.equal(scanned.pass().changed, ['a.json']);
    assert.is(scanned.listings(), before);
    writeFileSync(scanned.file('b.json'), '{}');
    scanned.pass();
    assert.is(scanned.listings(), before + 1);
  });
  await withScan(['a.json'], false, (scanned) => {
    settled(scanned);
    const before = scanned.listings();
    scanned.pass();
    assert.is(scanned.listings(), before + 1);
  });
});

test.run();
