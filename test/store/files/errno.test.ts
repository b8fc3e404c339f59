/** Whatever errno the system gives, for each call by which an account file is written or looked at. */
import fs from 'node:fs';
import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setProxyDisabled } from '../../../src/store/accounts/patches.js';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { type ScanResult, type ScanStart, scanFolder } from '../../../src/store/files/folder-scan.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';
import { testDisk } from '../../support/disk.js';

const CODES = Object.keys(constants.errno);
/** An unsaved change is saved within so long of its being possible. */
const SAVED_WITHIN_MS = 15_000;

for (const [call, what] of [
  ['create', 'open'],
  ['write', 'write'],
  ['sync', 'fsync'],
] as const) {
  test(`${what}: whatever the system says, the file stays whole, the change is kept, and saved within 15 s of its being possible`, () =>
    withDirectory(async (dir) => {
      await dir.put({ id: 'a1' });
      const [disk, clock] = [testDisk(), setClock(Date.now())];
      const store = await AccountFiles.open(dir.at('accounts'), clock, disk);
      for (const [round, code] of CODES.entries()) {
        const before = await dir.readRaw('a1');
        disk.fail(code, call);
        const at = round + 1;
        const failure: unknown = await store
          .patch('a1', setProxyDisabled({ at, reason: code }))
          .catch((e: unknown) => e);
        assert.instance(failure, NotSaved, `${code}: ${String(failure)}`);
        assert.is(await dir.readRaw('a1'), before, code);
        assert.is(store.get('a1')?.account?.proxyDisabled?.at, at, code);
        assert.match(store.get('a1')?.notSaved ?? '', new RegExp(code));
        assert.equal(fs.readdirSync(dir.at('accounts')), ['a1.json'], code);
        disk.mend();
        clock.advance(SAVED_WITHIN_MS);
        await store.flush();
        assert.is(store.get('a1')?.notSaved, null, code);
        assert.match(await dir.readRaw('a1'), new RegExp(`"proxy_disabled_at": ${at}\\b`));
      }
      store.close();
    }));
}

/** One pass of the thread that looks at the folder, in this thread, with a file system that refuses. */
function scanned(folder: string, refuse: (call: string, file: string) => string | null): () => ScanResult {
  const failing = (call: 'statSync' | 'lstatSync' | 'readdirSync') =>
    ((file: string, ...more: []) => {
      const code = refuse(call, file);
      if (code !== null) throw Object.assign(new Error(code), { code });
      return (fs[call] as (file: string) => unknown)(file, ...more);
    }) as never;
  let order: (order: object) => void = () => undefined;
  let result: ScanResult | null = null;
  const parentPort = {
    on: (_event: string, listener: (order: never) => void) => (order = listener as typeof order),
    postMessage: (said: ScanResult | object) => (result = said as ScanResult),
  };
  const workerData: ScanStart = { folder, known: [], readSince: null, skip: [], place: new SharedArrayBuffer(1_024) };
  const calls = { statSync: failing('statSync'), lstatSync: failing('lstatSync'), readdirSync: failing('readdirSync') };
  const bounds = { timeStampMs: 0, firstBackMs: 0, readSinceBackMs: 0, newsEveryMs: 1_000, local: [] };
  scanFolder({ ...fs, ...calls }, { parentPort, workerData }, bounds);
  return () => {
    order({ kind: 'pass', extent: 'whole', probe: null });
    if (result === null) throw new Error('it said nothing');
    return result;
  };
}

test('stat: whatever the system says of one file, that is news of this file alone, once, and so is its end', () =>
  withDirectory(async (dir) => {
    for (const id of ['a1', 'b1']) await dir.put({ id });
    for (const code of CODES) {
      const fault = { code: null as string | null };
      const pass = scanned(dir.at('accounts'), (_call, file) => (file.endsWith('b1.json') ? fault.code : null));
      pass();
      assert.equal(pass().changed, [], code);
      fault.code = code;
      assert.equal([pass().changed, pass().changed], [['b1.json'], []], code);
      fault.code = null;
      assert.equal([pass().changed, pass().changed], [['b1.json'], []], code);
    }
  }));

test('stat and list: whatever the system says of the folder, no file counts as gone', () =>
  withDirectory(async (dir) => {
    await dir.put({ id: 'a1' });
    const folder = dir.at('accounts');
    for (const code of CODES) {
      for (const which of ['statSync', 'readdirSync']) {
        const fault = { code: null as string | null };
        const pass = scanned(folder, (call, file) => (call === which && file === folder ? fault.code : null));
        pass();
        fault.code = code;
        const { changed, folder: found } = pass();
        assert.equal([changed, found], [[], null], `${which} ${code}`);
        fault.code = null;
        assert.equal(pass().changed, [], `${which} ${code}`);
      }
    }
  }));

test.run();
