/** One pass over a folder as the poll makes it, with and without a listing: whom it tells of. */
import fs, { chmodSync, mkdirSync, renameSync, statfsSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scanFolder, type ScanOrder, type ScanResult } from '../../../src/store/files/folder-scan.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';

interface Scanned {
  readonly dir: DataDirectory;
  readonly file: (name: string) => string;
  /** What the next pass finds. @param told - whom events told of since the one before */
  readonly pass: (extent: Extent, told?: readonly string[]) => ScanResult;
  /** How often the folder was listed. */
  readonly listings: () => number;
}

type Extent = 'whole' | 'stamps';
/** No change here is so young that another one may carry the same times. */
const CERTAIN = { timeStampMs: 0, firstBackMs: 0, readSinceBackMs: 0, newsEveryMs: 1_000 };

const withScan = (names: readonly string[], use: (scanned: Scanned) => void): Promise<void> =>
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
    const bounds = { ...CERTAIN, local: [statfsSync(folder).type] };
    scanFolder({ ...fs, readdirSync }, { parentPort, workerData }, bounds);
    const pass = (extent: Extent, told: readonly string[] = []): ScanResult => {
      tell({ kind: 'pass', extent, probe: null, told });
      if (last === null) throw new Error('nothing was told');
      return last;
    };
    use({ dir, file, pass, listings: () => listings });
    await Promise.resolve();
  });

/** The first passes (one takes from others what they may do to the files), and the file system's clock has gone on since. */
const begun = ({ pass, dir, file }: Scanned): void => {
  pass('whole');
  pass('whole');
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
  test(`a pass tells of what was done since the one before, once, and so does one that lists nothing: ${what}`, async () => {
    for (const extent of ['whole', 'stamps'] as const) {
      await withScan(['a.json', 'b.json'], (scanned) => {
        begun(scanned);
        act(scanned.file);
        // as the events of the system tell of it
        assert.equal([...scanned.pass(extent, told).changed].sort(), told, extent);
        for (const again of ['stamps', 'whole'] as const) assert.equal(scanned.pass(again).differs, [], again);
      });
    }
  });
}

test('a pass that lists nothing sees the files it knew, told or not; one that was added untold is seen by the next listing', () =>
  withScan(['a.json', 'b.json', 'c.json'], (scanned) => {
    begun(scanned);
    const listings = scanned.listings();
    writeFileSync(scanned.file('a.json'), '{"a":1}');
    unlinkSync(scanned.file('b.json'));
    writeFileSync(scanned.file('d.json'), '{}');
    const found = scanned.pass('stamps');
    assert.equal(found.differs, ['a.json', 'b.json']);
    assert.not(found.isListed);
    assert.is(scanned.listings(), listings);
    assert.equal(scanned.pass('whole').differs, ['d.json']);
  }));

test('where the folder is another one, it is listed in any case', () =>
  withScan(['a.json'], (scanned) => {
    begun(scanned);
    renameSync(scanned.file('.'), scanned.dir.at('moved'));
    mkdirSync(scanned.file('.'));
    writeFileSync(scanned.file('b.json'), '{}');
    const found = scanned.pass('stamps');
    assert.ok(found.isListed);
    assert.equal([...found.changed].sort(), ['a.json', 'b.json']);
  }));

test.run();
