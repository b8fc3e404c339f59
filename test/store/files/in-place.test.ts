/** Files that nothing can take the place of: written in their place once a copy is safe, and never without one. */
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setProxyDisabled } from '../../../src/store/accounts/patches.js';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import type { Disk } from '../../../src/store/disk/disk.js';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { TrashFolder } from '../../../src/store/files/trash.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';
import { mountPoints } from '../../support/disk.js';
import { mkdirSync } from 'node:fs';

const off = setProxyDisabled({ at: 7, reason: 'by hand' });

async function withMounted(disk: Disk, use: (store: AccountFiles, dir: DataDirectory) => Promise<void>): Promise<void> {
  await withDirectory(async (dir) => {
    await dir.put({ id: 'a1' });
    mkdirSync(dir.at('trash'));
    const trash = new TrashFolder(dir.at('trash'), systemClock, disk);
    const store = await AccountFiles.open(dir.at('accounts'), systemClock, disk, (id, text) =>
      trash.keepCopy(id, text),
    );
    await use(store, dir);
    store.close();
  });
}

test('whatever the system says to the rename, the file is written in its place; only where it is gone it is not', async () => {
  for (const code of Object.keys(constants.errno)) {
    await withMounted(mountPoints(code), async (store, dir) => {
      const outcome = await Promise.race([
        store.patch('a1', off).then(
          () => 'saved',
          (error: unknown) => (error instanceof NotSaved ? 'not saved' : String(error)),
        ),
        // a file that is gone is read again, and is there again
        new Promise((done) => setTimeout(done, code === 'ENOENT' ? 300 : 10_000, 'waits')),
      ]);
      const { proxy_disabled: isOff } = await dir.read('a1');
      const expected = code === 'ENOENT' ? false : true;
      assert.is(isOff, expected, `${code}: ${String(outcome)}`);
      if (expected) assert.equal([outcome, readdirSync(dir.at('trash'))], ['saved', []], code);
    });
  }
});

test('whatever the system says to the copy, nothing is overwritten without one, and it counts as unsaved', async () => {
  for (const code of Object.keys(constants.errno)) {
    const mounted = mountPoints();
    const disk: Disk = {
      ...mounted,
      create: (file) =>
        file.includes('/trash/') ? Promise.reject(Object.assign(new Error(code), { code })) : mounted.create(file),
    };
    await withMounted(disk, async (store, dir) => {
      const before = await dir.readRaw('a1');
      const failure = await store.patch('a1', off).catch((error: unknown) => error);
      assert.instance(failure, NotSaved);
      assert.match(String(failure), /mount point \(EBUSY\), and no copy of it can be kept in trash\/: /, code);
      assert.is(await dir.readRaw('a1'), before);
      assert.match(store.get('a1')?.notSaved ?? '', /EBUSY/);
    });
  }
});

test('a disk that fills up in the middle of it leaves the file as it was', async () => {
  const mounted = mountPoints();
  let isFull = true;
  const disk: Disk = {
    ...mounted,
    overwrite: async (file, bytes) => {
      if (!isFull) return mounted.overwrite(file, bytes);
      isFull = false;
      await mounted.overwrite(file, bytes.subarray(0, 40));
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    },
  };
  await withMounted(disk, async (store, dir) => {
    const before = await dir.readRaw('a1');
    assert.instance(await store.patch('a1', off).catch((error: unknown) => error), NotSaved);
    assert.is(await dir.readRaw('a1'), before);
    assert.equal(readdirSync(dir.at('trash')), []);
  });
});

test('a crash in the middle of it leaves a copy that can be put back', async () => {
  const mounted = mountPoints();
  const disk: Disk = {
    ...mounted,
    overwrite: async (file, bytes) => {
      await mounted.overwrite(file, bytes.subarray(0, 40));
      // the process is gone: nothing follows
      return new Promise(() => undefined);
    },
  };
  await withMounted(disk, async (store, dir) => {
    const before = await dir.readRaw('a1');
    void store.patch('a1', off);
    while ((await dir.readRaw('a1')) === before) await new Promise(setImmediate);
    const [copy = ''] = readdirSync(dir.at('trash'));
    assert.match(copy, /^\d{13}-replaced-a1\.json$/);
    assert.is(readFileSync(dir.at('trash', copy), 'utf8'), before);
  });
});

test.run();
