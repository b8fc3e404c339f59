import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { NotBroughtBack, type Noticed } from '../../../src/store/accounts/account-store.js';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import { systemClock, type Clock } from '../../../src/store/ground/clock.js';
import { newAccount } from '../../../src/store/accounts/new-account.js';
import {
  disable,
  refreshed,
  rotate,
  setClient,
  setProject,
  setProxyDisabled,
  touch,
} from '../../../src/store/accounts/patches.js';
import { setClock } from '../../support/clock.js';
import { account, type DataDirectory, withDirectory } from '../../support/directory.js';
import { testDisk, type TestDisk } from '../../support/disk.js';
import { tokenAnswer } from '../../support/token-answer.js';

const sent = '1//0test-refresh-token-of-a1';
const answer = tokenAnswer('ya29.new');
const credential = { email: 'new@example.com', name: 'New', refreshToken: '1//0new', answer, clientKey: 'default' };
const off = setProxyDisabled({ at: 5, reason: 'by hand' });

interface Shop {
  readonly dir: DataDirectory;
  readonly disk: TestDisk;
  readonly store: AccountFiles;
  /** All that other programs did, as `id before>after`. */
  readonly noticed: string[];
}

/** A store on a directory with the account a1, and whatever `prepare` adds. */
async function withStore(
  use: (shop: Shop) => Promise<void> | void,
  { clock = systemClock, prepare }: { clock?: Clock; prepare?: (dir: DataDirectory) => Promise<unknown> } = {},
): Promise<void> {
  await withDirectory(async (dir) => {
    await dir.put();
    await prepare?.(dir);
    const disk = testDisk();
    const store = await AccountFiles.open(dir.at('accounts'), clock, disk);
    const noticed: string[] = [];
    const seen = (view: Noticed['after']): string =>
      view === null ? '-' : (view.unreadable ?? (view.account?.disabled === null ? 'on' : 'off'));
    store.onNoticed((changes) => {
      for (const { id, before, after } of changes) noticed.push(`${id} ${seen(before)}>${seen(after)}`);
    });
    await use({ dir, disk, store, noticed });
    store.close();
  });
}

/** Writes into the file itself, as a careless program does. */
const inPlace = (dir: DataDirectory, id: string, change: (json: Record<string, unknown>) => void): void => {
  const file = dir.at('accounts', `${id}.json`);
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(json);
  writeFileSync(file, JSON.stringify(json, null, 2));
};

/** Moves time on until `promise` is settled, at most tenfold: real files are read and written in between, at any load. */
async function passing<T>(clock: ReturnType<typeof setClock>, promise: Promise<T>): Promise<T> {
  const waiting = new Set([promise]);
  const settled = promise.finally(() => waiting.clear());
  settled.catch(() => undefined);
  while (waiting.size > 0) {
    if (clock.due.length > 0) clock.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return settled;
}

test('a patch is in memory at once, on disk when it resolves, and every other key stays in its place', async () => {
  await withStore(async ({ store, dir }) => {
    const before = await dir.read('a1');
    const done = store.patch('a1', off);
    assert.equal(store.get('a1')?.account?.proxyDisabled, { at: 5, reason: 'by hand' });
    assert.not.ok((await dir.read('a1')).proxy_disabled);
    await done;
    const after = await dir.read('a1');
    assert.equal(after, { ...before, proxy_disabled: true, proxy_disabled_at: 5, proxy_disabled_reason: 'by hand' });
    assert.equal(Object.keys(after).slice(0, Object.keys(before).length), Object.keys(before));
    assert.is(statSync(dir.at('accounts', 'a1.json')).mode & 0o777, 0o600);
  });
});

test('patches that come while one is written go out together, in order', async () => {
  await withStore(async ({ store, dir, disk }) => {
    await Promise.all([
      store.patch('a1', setProject('p-1')),
      store.patch('a1', setProject('p-2')),
      store.patch('a1', off),
      store.patch('a1', setProxyDisabled(null)),
      store.patch('a1', setProject('p-3')),
    ]);
    assert.is((await dir.read('a1')).token.project_id, 'p-3');
    assert.is((await dir.read('a1')).proxy_disabled, false);
    assert.ok(disk.calls.filter((call) => call === 'create').length <= 2, disk.calls.join(' '));
  });
});

test('a patch that changes nothing writes nothing', async () => {
  await withStore(async ({ store, disk }) => {
    await store.patch('a1', touch(1));
    await store.patch('a1', disable('1//0older', 1, 'x'));
    assert.equal(disk.calls, []);
  });
});

test('numbers of other programs come through a write to the digit', async () => {
  const text = JSON.stringify(account()).replace(/}$/, ',"x_big":12345678901234567890,"x_exact":0.30000000000000004}');
  await withStore(
    async ({ store, dir }) => {
      await store.patch('a1', off);
      assert.match(await dir.readRaw('a1'), /"x_big": 12345678901234567890,\n {2}"x_exact": 0\.30000000000000004,/);
    },
    { prepare: (dir) => dir.putRaw('a1.json', text) },
  );
});

test('a symbolic link stays one: the file that it names is changed', async () => {
  await withStore(
    async ({ store, dir }) => {
      await store.patch('a1', off);
      assert.ok(readFileSync(dir.at('elsewhere.json'), 'utf8').includes('by hand'));
      assert.ok((await dir.read('a1')).proxy_disabled);
      assert.equal(readdirSync(dir.at('accounts')), ['a1.json']);
    },
    {
      prepare: (dir) => {
        renameSync(dir.at('accounts', 'a1.json'), dir.at('elsewhere.json'));
        symlinkSync('../elsewhere.json', dir.at('accounts', 'a1.json'));
        return Promise.resolve();
      },
    },
  );
});

test("root does not take a user's file away from him", async () => {
  if (process.getuid?.() !== 0) return;
  await withStore(async ({ store, dir }) => {
    chownSync(dir.at('accounts', 'a1.json'), 12_345, 54_321);
    await store.patch('a1', off);
    const { uid, gid } = statSync(dir.at('accounts', 'a1.json'));
    assert.equal([uid, gid], [12_345, 54_321]);
  });
});

for (const code of ['ENOSPC', 'EROFS', 'EACCES', 'EIO'] as const) {
  test(`${code}: memory is right, the account says so, and the write is tried again until it lands`, async () => {
    const clock = setClock();
    await withStore(
      async ({ store, dir, disk }) => {
        disk.fail(code, code === 'EIO' ? 'sync' : 'create');
        const before = await dir.readRaw('a1');
        const failure = await store.patch('a1', rotate(sent, '1//0rotated', answer)).catch((error: unknown) => error);
        if (!(failure instanceof NotSaved)) throw new Error('no failure');
        assert.ok(failure.reason.includes(code), failure.reason);
        assert.is(store.get('a1')?.account?.refreshToken, '1//0rotated');
        assert.is(store.get('a1')?.notSaved, failure.reason);
        assert.is(await dir.readRaw('a1'), before);
        assert.equal(readdirSync(dir.at('accounts')), ['a1.json'], 'nothing is left behind');
        const pauses: number[] = [];
        for (let round = 0; round < 8; round++) {
          // a write under way has a timer too, for a disk that does not take it
          const retries = (): readonly number[] => clock.due.filter((at) => at - clock.now() !== 3_500);
          while (retries().length === 0) await new Promise(setImmediate);
          const [due] = retries();
          pauses.push((due ?? 0) - clock.now());
          clock.advance(pauses.at(-1) ?? 0);
        }
        assert.equal(pauses, [1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000]);
        const [unsaved] = await store.flush();
        assert.equal(unsaved?.unsaved, ['its new refresh token, which took the place of the one on disk']);
        disk.mend();
        assert.equal(await store.flush(), []);
        assert.is(store.get('a1')?.notSaved, null);
        assert.is((await dir.read('a1')).token.refresh_token, '1//0rotated');
      },
      { clock },
    );
  });
}

test('while a write waits for its next try, a change takes it along', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, disk }) => {
      disk.fail('ENOSPC', 'write');
      await store.patch('a1', off).catch(() => undefined);
      disk.mend();
      await store.patch('a1', setProject('p-1'));
      const file = await dir.read('a1');
      assert.equal([file.proxy_disabled, file.token.project_id], [true, 'p-1']);
      assert.equal(store.get('a1')?.notSaved, null);
    },
    { clock },
  );
});

test('a folder that cannot be synced: the change stands, but is not called saved until it is', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, disk }) => {
      disk.fail('EIO', 'syncFolder');
      const failure = await store.patch('a1', off).catch((error: unknown) => error);
      assert.instance(failure, NotSaved);
      assert.ok((await dir.read('a1')).proxy_disabled);
      disk.mend();
      disk.calls.length = 0;
      assert.equal(await store.flush(), []);
      assert.equal(disk.calls, ['syncFolder'], 'nothing to write, but the folder to sync');
    },
    { clock },
  );
});

test('a new account that cannot be saved serves from memory, and its file is written when it can be', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, disk }) => {
      disk.fail('ENOSPC', 'create');
      const failure = await store.create('n1', newAccount('n1', credential, 1)).catch((error: unknown) => error);
      assert.instance(failure, NotSaved);
      assert.is(store.get('n1')?.account?.email, 'new@example.com');
      await store.reload();
      assert.is(store.get('n1')?.account?.email, 'new@example.com', 'a reload does not take it for a removed one');
      await store.patch('n1', setProject('p-1')).catch(() => undefined);
      disk.mend();
      assert.equal(await store.flush(), []);
      const file = await dir.read('n1');
      assert.equal([file.email, file.token.project_id], ['new@example.com', 'p-1']);
    },
    { clock },
  );
});

test('an unreadable file gets a second look after 100 ms, at the start and before a write', async () => {
  const clock = setClock();
  await withDirectory(async (dir) => {
    await dir.putRaw('a1.json', '{"id":');
    const opening = AccountFiles.open(dir.at('accounts'), clock);
    while (clock.due.length === 0) await new Promise(setImmediate);
    assert.equal(clock.due, [clock.now() + 100]);
    await dir.put();
    clock.advance(100);
    const store = await opening;
    assert.is(store.get('a1')?.unreadable, null);
    const whole = await dir.readRaw('a1');
    await dir.putRaw('a1.json', '');
    const done = store.patch('a1', off);
    while (clock.due.length === 0) await new Promise(setImmediate);
    await dir.putRaw('a1.json', whole);
    clock.advance(100);
    await done;
    assert.ok((await dir.read('a1')).proxy_disabled);
    store.close();
  });
});

test('a file that cannot be read is never changed; the change lands when it can be', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir }) => {
      const whole = await dir.readRaw('a1');
      await dir.putRaw('a1.json', `${whole}}`);
      const failure = await passing(clock, store.patch('a1', off)).catch((error: unknown) => error);
      assert.instance(failure, NotSaved);
      assert.match(store.get('a1')?.unreadable ?? '', /^not JSON, see line /);
      assert.is(await dir.readRaw('a1'), `${whole}}`);
      await dir.putRaw('a1.json', whole);
      await passing(clock, store.reread(['a1.json']));
      await passing(clock, store.flush());
      assert.ok((await dir.read('a1')).proxy_disabled);
      assert.equal(store.get('a1')?.unreadable, null);
    },
    { clock },
  );
});

test('an account that became unreadable keeps its last good copy', async () => {
  await withStore(async ({ store, dir, noticed }) => {
    await dir.putRaw('a1.json', 'half');
    await store.reread(['a1.json']);
    assert.is(store.get('a1')?.account?.email, 'anna@example.com');
    assert.equal(noticed, ['a1 on>not JSON, see line 1']);
    assert.is((await store.readNow('a1'))?.email, 'anna@example.com');
  });
});

test('what another program changed before a write is merged with it, and neither side loses a key', async () => {
  await withStore(async ({ store, dir, noticed }) => {
    inPlace(dir, 'a1', (json) => {
      json.custom_label = 'mine';
      (json.token as Record<string, unknown>).session_id = 's-1';
    });
    await store.patch('a1', rotate(sent, '1//0rotated', answer));
    const file = await dir.read('a1');
    assert.equal([file.custom_label, file.token.session_id, file.token.refresh_token], ['mine', 's-1', '1//0rotated']);
    assert.equal(noticed, ['a1 on>on']);
  });
});

test('what changed between the reading and the replacing is merged: written in place or renamed there', async () => {
  for (const call of ['write', 'sync', 'close', 'exchange', 'syncFolder'] as const) {
    for (const how of ['in place', 'renamed'] as const) {
      await withStore(async ({ store, dir, disk }) => {
        let times = 0;
        disk.before(call, () => {
          if (times++ > 0) return;
          if (how === 'in place') inPlace(dir, 'a1', (json) => (json.custom_label = 'mine'));
          else {
            const json = JSON.parse(readFileSync(dir.at('accounts', 'a1.json'), 'utf8')) as Record<string, unknown>;
            writeFileSync(dir.at('accounts', 'theirs.tmp'), JSON.stringify({ ...json, custom_label: 'mine' }));
            renameSync(dir.at('accounts', 'theirs.tmp'), dir.at('accounts', 'a1.json'));
          }
        });
        await store.patch('a1', off);
        await store.flush();
        const file = await dir.read('a1');
        assert.equal([file.custom_label, file.proxy_disabled], ['mine', true], `${how}, before ${call}`);
        assert.equal(store.json('a1'), file, 'memory says what the disk says');
      });
    }
  }
});

test('a program that opened the old file before it was replaced is heard, also if it writes later', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir }) => {
      const held = await open(dir.at('accounts', 'a1.json'), 'r+');
      const json = JSON.parse(await held.readFile('utf8')) as Record<string, unknown>;
      await store.patch('a1', off);
      assert.is(clock.due.length, 1, 'one more look is planned');
      const late = JSON.stringify({ ...json, custom_label: 'written late' });
      const { bytesWritten } = await held.write(late.replace(/}$/, ',"x_big":12345678901234567890}'), 0);
      await held.truncate(bytesWritten);
      await held.close();
      clock.advance(100);
      await store.flush();
      const file = await dir.read('a1');
      assert.equal([file.custom_label, file.proxy_disabled], ['written late', true]);
      assert.match(await dir.readRaw('a1'), /"x_big": 12345678901234567890\b/);
      assert.equal(store.json('a1'), file);
      assert.equal(clock.due, [], 'and no more after it');
    },
    { clock },
  );
});

test('without an exchange, what is written into the old file is still merged', async () => {
  await withStore(async ({ store, dir, disk }) => {
    disk.fail('ENOSYS', 'exchange');
    let times = 0;
    disk.before('rename', () => {
      if (times++ === 0) inPlace(dir, 'a1', (json) => (json.custom_label = 'mine'));
    });
    await store.patch('a1', off);
    await store.flush();
    assert.equal([(await dir.read('a1')).custom_label, (await dir.read('a1')).proxy_disabled], ['mine', true]);
  });
});

test('a stale save that undid a change of ours has it applied again', async () => {
  await withStore(async ({ store, dir }) => {
    const stale = await dir.read('a1');
    await store.patch('a1', disable(sent, 1_800_000_000, 'invalid_grant: gone'));
    inPlace(dir, 'a1', (json) => {
      for (const key of Object.keys(json)) Reflect.deleteProperty(json, key);
      Object.assign(json, stale, { quota: { models: [], last_updated: 7 } });
    });
    await store.reread(['a1.json']);
    assert.is(store.get('a1')?.account?.disabled?.at, 1_800_000_000);
    await store.flush();
    const file = await dir.read('a1');
    assert.equal([file.disabled, file.disabled_at], [true, 1_800_000_000]);
    assert.equal(file.quota, { models: [], last_updated: 7 });
  });
});

test('a stale save that a look finds while our write is not over yet has the change applied again', async () => {
  await withStore(async ({ store, dir, disk }) => {
    const stale = { ...(await dir.read('a1')), quota: { models: [], last_updated: 7 } };
    let times = 0;
    disk.before('syncFolder', () => {
      if (times++ > 0) return;
      writeFileSync(dir.at('accounts', 'theirs.tmp'), JSON.stringify(stale));
      renameSync(dir.at('accounts', 'theirs.tmp'), dir.at('accounts', 'a1.json'));
      void store.readNow('a1');
      assert.is(store.get('a1')?.account?.refreshToken, '1//0rotated');
    });
    await store.patch('a1', rotate(sent, '1//0rotated', answer));
    await store.flush();
    const file = await dir.read('a1');
    assert.equal([file.token.refresh_token, file.quota], ['1//0rotated', { models: [], last_updated: 7 }]);
    assert.equal(store.json('a1'), file);
  });
});

test('an edit that only clears our flag is meant', async () => {
  await withStore(async ({ store, dir, noticed }) => {
    await store.patch('a1', disable(sent, 1_800_000_000, 'invalid_grant: gone'));
    inPlace(dir, 'a1', (json) => {
      json.disabled = false;
      delete json.disabled_at;
      delete json.disabled_reason;
    });
    await store.reread(['a1.json']);
    await store.flush();
    assert.is((await dir.read('a1')).disabled, false);
    assert.equal(noticed, ['a1 off>on']);
  });
});

test('a program that never stops changing the file does not hold a write for ever', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, disk }) => {
      let count = 0;
      disk.before('close', () => inPlace(dir, 'a1', (json) => (json.x_count = count++)));
      const failure = await store.patch('a1', off).catch((error: unknown) => error);
      assert.is(failure instanceof NotSaved && failure.reason, 'another program keeps changing it');
      assert.is(count, 100);
    },
    { clock },
  );
});

test('an account whose file is removed from outside goes; a write under way does not bring it back', async () => {
  await withStore(
    async ({ store, dir, noticed }) => {
      await dir.remove('a1');
      await store.patch('a1', off);
      assert.is(store.get('a1'), undefined);
      assert.equal(readdirSync(dir.at('accounts')), ['a2.json', 'a3.json']);
      assert.equal(noticed, ['a1 on>-']);
      assert.is(store.held, null);
      await store.patch('a1', off);
    },
    { prepare: (dir) => Promise.all([dir.put({ id: 'a2' }), dir.put({ id: 'a3' })]) },
  );
});

test('an account whose file does not come back with a folder that was away goes', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, noticed }) => {
      renameSync(dir.at('accounts'), dir.at('away'));
      await passing(clock, store.reread(['a1.json', 'a2.json']));
      assert.equal(store.missing, ['a1.json', 'a2.json']);
      assert.equal(noticed, []);
      renameSync(dir.at('away'), dir.at('accounts'));
      await dir.remove('a1');
      await passing(clock, store.reread());
      assert.equal(
        store.list().map(({ id }) => id),
        ['a2', 'a3'],
      );
      assert.equal([store.held, store.missing], [null, []]);
      assert.equal(noticed, ['a1 on>-']);
    },
    { clock, prepare: (dir) => Promise.all([dir.put({ id: 'a2' }), dir.put({ id: 'a3' })]) },
  );
});

test('while the folder is away, looks at it tell once, and again when its words change', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir }) => {
      const told: string[] = [];
      store.onChange((ids) => told.push(ids.join(' ')));
      renameSync(dir.at('accounts'), dir.at('away'));
      await store.reread();
      await passing(clock, store.reread(['a1.json']));
      assert.equal(told, ['a1 a2', 'a1'], 'that the folder cannot be listed, and that a file is missed');
      for (let round = 0; round < 3; round++) {
        await store.reread();
        await passing(clock, store.reread(store.missing));
      }
      assert.equal(told.splice(0), ['a1 a2', 'a1']);
      writeFileSync(dir.at('accounts'), 'no folder');
      await store.reread();
      assert.equal(told, ['a1 a2']);
    },
    { clock, prepare: (dir) => dir.put({ id: 'a2' }) },
  );
});

test('whoever waits for a change of an account that goes meanwhile is let go, without waiting for the clock', async () => {
  const clock = setClock();
  await withStore(
    async ({ dir, store }) => {
      unlinkSync(dir.at('accounts', 'a1.json'));
      const first = store.patch('a1', off);
      await new Promise(setImmediate);
      // the first change's write stands before the gap by now: this one is not part of it
      const second = store.patch('a1', rotate(sent, '1//0rotated', answer));
      store.close();
      await Promise.all([first, second]);
    },
    { clock },
  );
});

test('a file that is replaced by removing and writing it anew is not missed', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, noticed }) => {
      const text = await dir.readRaw('a1');
      await dir.remove('a1');
      const looking = store.reread(['a1.json']);
      while (clock.due.length === 0) await new Promise(setImmediate);
      await dir.putRaw('a1.json', text);
      await passing(clock, looking);
      assert.equal(noticed, []);
      assert.is(store.get('a1')?.account?.email, 'anna@example.com');
    },
    { clock },
  );
});

test('of two readings at once, what the later one found holds', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir }) => {
      const text = await dir.readRaw('a1');
      inPlace(dir, 'a1', (json) => (json.custom_label = 'for a moment'));
      await dir.putRaw('torn.json', '{');
      const looking = store.reread(['a1.json', 'torn.json']);
      while (clock.due.length === 0) await new Promise(setImmediate);
      await dir.putRaw('a1.json', text);
      await passing(clock, Promise.all([looking, store.reread(['a1.json'])]));
      assert.equal(store.json('a1'), JSON.parse(text));
    },
    { clock },
  );
});

test('readNow takes in what stands there, and forgets nothing that waits', async () => {
  await withStore(async ({ store, dir }) => {
    const done = store.patch('a1', setClient(sent, 'work'));
    inPlace(dir, 'a1', (json) => ((json.token as Record<string, unknown>).project_id = 'p-9'));
    const now = await store.readNow('a1');
    assert.equal([now?.projectId, now?.clientKey], ['p-9', 'work']);
    await done;
    assert.is(await store.readNow('nobody'), null);
  });
});

test('moving away keeps what could not be saved, and bringing back never replaces', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, disk }) => {
      disk.fail('ENOSPC', 'exchange');
      await store.patch('a1', rotate(sent, '1//0rotated', answer)).catch(() => undefined);
      const target = dir.at('removed.json');
      await store.moveAway('a1', target);
      assert.equal(readdirSync(dir.at('accounts')), []);
      assert.is(store.get('a1'), undefined);
      assert.match(readFileSync(target, 'utf8'), /1\/\/0rotated/);
      assert.is(statSync(target).mode & 0o777, 0o600);
      await store.bringBack('a1', target);
      assert.is(store.get('a1')?.account?.refreshToken, '1//0rotated');
      writeFileSync(target, '{}');
      await store.bringBack('a1', target).then(
        () => assert.unreachable(),
        (error: unknown) => assert.instance(error, NotBroughtBack),
      );
      assert.is((await dir.read('a1')).token.refresh_token, '1//0rotated');
    },
    { clock },
  );
});

test('moving away keeps the file as it is, to the digit and with what another program wrote at the last moment', async () => {
  const text = JSON.stringify(account()).replace(/}$/, ',"x_big":12345678901234567890}');
  await withStore(
    async ({ store, dir, disk }) => {
      chmodSync(dir.at('accounts', 'a1.json'), 0o644);
      disk.before('rename', () => {
        writeFileSync(dir.at('accounts', 'a1.json'), text.replace('"x_big"', '"custom_label":"mine","x_big"'));
      });
      await store.moveAway('a1', dir.at('removed.json'));
      const moved = readFileSync(dir.at('removed.json'), 'utf8');
      assert.match(moved, /"custom_label":"mine","x_big":12345678901234567890}$/);
      assert.is(statSync(dir.at('removed.json')).mode & 0o777, 0o600);
      assert.equal(store.list(), []);
    },
    { prepare: (dir) => dir.putRaw('a1.json', text) },
  );
});

test('a refresh token that is rotated while its account is moved away goes with it', async () => {
  for (const call of ['rename', 'syncFolder'] as const) {
    await withStore(async ({ store, dir, disk }) => {
      const saved: Promise<void>[] = [];
      disk.before(call, () => {
        if (saved.length === 0) saved.push(store.patch('a1', rotate(sent, '1//0rotated', answer)));
      });
      await store.moveAway('a1', dir.at('removed.json'));
      await Promise.all(saved);
      assert.match(readFileSync(dir.at('removed.json'), 'utf8'), /1\/\/0rotated/, call);
      assert.equal(readdirSync(dir.at('accounts')), []);
    });
  }
});

test('an account that cannot be moved away stays, and what came meanwhile is saved', async () => {
  await withStore(async ({ store, dir, disk }) => {
    const saved: Promise<void>[] = [];
    disk.before('rename', () => {
      saved.push(store.patch('a1', off));
      throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
    });
    const failure = await store.moveAway('a1', dir.at('removed.json')).catch((error: unknown) => error);
    assert.instance(failure, Error);
    await Promise.all(saved);
    assert.ok((await dir.read('a1')).proxy_disabled);
  });
});

test('a file is moved away to another file system by a copy, and a link as what it names', async () => {
  await withStore(async ({ store, dir, disk }) => {
    let times = 0;
    disk.before('rename', () => {
      if (times++ === 0) throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' });
    });
    await store.moveAway('a1', dir.at('removed.json'));
    assert.match(readFileSync(dir.at('removed.json'), 'utf8'), /anna@example\.com/);
    writeFileSync(dir.at('elsewhere.json'), JSON.stringify(account({ id: 'a2' })));
    symlinkSync('../elsewhere.json', dir.at('accounts', 'a2.json'));
    await store.reload();
    await store.moveAway('a2', dir.at('removed-too.json'));
    assert.ok(lstatSync(dir.at('removed-too.json')).isFile());
    assert.equal(readdirSync(dir.at('accounts')), []);
  });
});

test('a look while the only account is moved away says nothing of files that vanished', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir, disk, noticed }) => {
      const real = { ...disk };
      Object.assign(disk, {
        syncFolder: (folder: string) => store.reread(['a1.json']).then(() => real.syncFolder(folder)),
      });
      await passing(clock, store.moveAway('a1', dir.at('removed.json')));
      assert.equal([store.held, store.list(), noticed], [null, [], []]);
    },
    { clock },
  );
});

test('the last missing account that is moved away takes the banner along', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir }) => {
      await dir.remove('a1');
      await passing(clock, store.reread(['a1.json']));
      assert.match(store.held ?? '', /1 of 1 account files vanished/);
      await passing(clock, store.moveAway('a1', dir.at('removed.json')));
      assert.is(store.held, null);
      assert.match(readFileSync(dir.at('removed.json'), 'utf8'), /anna@example\.com/);
    },
    { clock },
  );
});

test('a look that began before an account was moved away does not bring it back to life', async () => {
  const clock = setClock();
  await withStore(
    async ({ store, dir }) => {
      await dir.putRaw('torn.json', '{');
      const looking = store.reread(['a1.json', 'torn.json']);
      while (clock.due.length === 0) await new Promise(setImmediate);
      await store.moveAway('a1', dir.at('removed.json'));
      await passing(clock, looking);
      assert.equal(
        store.list().map(({ id }) => id),
        ['torn'],
      );
    },
    { clock },
  );
});

test('an unreadable file is moved away as it is', async () => {
  await withStore(
    async ({ store, dir }) => {
      assert.is(store.get('bad')?.unreadable, 'not UTF-8');
      await store.moveAway('bad', dir.at('removed.json'));
      assert.equal([...readFileSync(dir.at('removed.json'))], [0xff, 0x00]);
      assert.is(statSync(dir.at('removed.json')).mode & 0o777, 0o600);
      await store.bringBack('bad', dir.at('removed.json'));
      assert.equal([...readFileSync(dir.at('accounts', 'bad.json'))], [0xff, 0x00]);
      assert.is(store.get('bad')?.unreadable, 'not UTF-8');
    },
    {
      prepare: (dir) => {
        writeFileSync(dir.at('accounts', 'bad.json'), Buffer.from([0xff, 0x00]));
        chmodSync(dir.at('accounts', 'bad.json'), 0o644);
        return Promise.resolve();
      },
    },
  );
});

test('accounts are listed in the order of their names, whenever they came', async () => {
  await withStore(
    async ({ store, dir }) => {
      await dir.put({ id: 'a0' });
      await store.create('a2', newAccount('a2', credential, 1));
      await store.reload();
      assert.equal(
        store.list().map(({ id }) => id),
        ['a0', 'a1', 'a2', 'b1'],
      );
    },
    { prepare: (dir) => dir.put({ id: 'b1' }) },
  );
});

test('the account is another object only where something in it changed', async () => {
  await withStore(async ({ store, dir }) => {
    const before = store.get('a1')?.account;
    inPlace(dir, 'a1', (json) => (json.x_theirs = 1));
    await store.reread(['a1.json']);
    assert.is(store.get('a1')?.account, before);
    await store.patch('a1', refreshed(sent, answer, 'ya29.known'));
    assert.is.not(store.get('a1')?.account, before);
  });
});

test('files that are none of accounts, and a folder named like one', async () => {
  await withStore(async ({ store, dir }) => {
    mkdirSync(dir.at('accounts', 'folder.json'));
    await dir.putRaw('notes.txt', 'x');
    await dir.putRaw('.json', 'x');
    await dir.putRaw('a1.json.bak', 'x');
    await store.reload();
    assert.equal(
      store.list().map(({ file, unreadable }) => [file, unreadable]),
      [
        ['a1.json', null],
        ['folder.json', 'a directory'],
      ],
    );
  });
});

test('any number of changes of when an account was used last leave the way free for a verdict on any of them', async () => {
  await withStore(
    async ({ store, disk }) => {
      const touches = Promise.all(store.list().map(({ id }) => store.patch(id, touch(4_000_000_000))));
      for (const id of ['a1', 'b59', 'b30']) {
        disk.calls.length = 0;
        await store.patch(id, disable(sent.replace('a1', id), 1, 'invalid_grant: gone'));
        const written = disk.calls.filter((call) => call === 'exchange').length;
        assert.ok(written <= 10, `${written} files were written before the verdict on ${id}`);
        assert.ok(store.get(id)?.account?.disabled, id);
      }
      await touches;
      assert.ok(store.list().every(({ account: kept }) => kept?.lastUsed === 4_000_000_000 || kept?.disabled !== null));
    },
    { prepare: (dir) => Promise.all(Array.from({ length: 60 }, (_, index) => dir.put({ id: `b${index}` }))) },
  );
});

test('a file that is back while many others are taken in is not taken for gone', () =>
  withDirectory(async (dir) => {
    const ids = Array.from({ length: 250 }, (_, at) => `a${at}`);
    for (const id of ids) await dir.put({ id, email: `${id}@example.com` });
    const store = await AccountFiles.open(dir.at('accounts'), systemClock);
    const file = (id: string): string => dir.at('accounts', `${id}.json`);
    const text = readFileSync(file('a0'), 'utf8');
    rmSync(file('a0'));
    rmSync(file('a1'));
    for (const id of ids.slice(2)) {
      writeFileSync(file(id), JSON.stringify({ ...JSON.parse(readFileSync(file(id), 'utf8')), name: 'changed' }));
    }
    let turns = 0;
    store.onChange(() => {
      if (turns++ === 0) writeFileSync(file('a0'), text);
    });
    await store.reread();
    assert.ok(turns > 1, 'by turns');
    assert.equal([store.get('a0') === undefined, store.get('a1')], [false, undefined]);
    store.close();
  }));

test('many changed files are taken in by turns: nothing else waits for all of them', () =>
  withDirectory(async (dir) => {
    const ids = Array.from({ length: 450 }, (_, at) => `a${at}`);
    for (const id of ids) await dir.put({ id, email: `${id}@example.com` });
    const store = await AccountFiles.open(dir.at('accounts'), systemClock);
    for (const id of ids) {
      const file = dir.at('accounts', `${id}.json`);
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), name: 'changed' }));
    }
    const told: number[] = [];
    let turns = 0;
    let isOver = false;
    store.onChange((changed) => told.push(changed.length));
    const count = (): void => {
      turns += told.length > 0 ? 1 : 0;
      if (!isOver) setImmediate(count);
    };
    count();
    await store.reread();
    isOver = true;
    assert.is(
      told.reduce((sum, many) => sum + many),
      450,
    );
    assert.ok(Math.max(...told) <= 100, told.join(' '));
    assert.ok(turns >= told.length - 1, `${turns} turns of others between ${told.length}`);
    const before = told.length;
    await store.reread();
    assert.is(told.length, before, 'what says nothing new tells nobody');
    store.close();
  }));

test.run();
