/** Client keys on both kinds of store, and on several boxes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemDisk } from '../../../src/store/disk/disk.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { messageOf } from '../../../src/store/ground/errors.js';
import { keysInFile, type KeyStore } from '../../../src/store/keys/key-store.js';
import { SettingsError } from '../../../src/store/settings/settings-error.js';
import { SharedKeys } from '../../../src/store/shared/shared-keys.js';
import { withDirectory } from '../../support/directory.js';
import { testOnPostgres } from '../../support/postgres.js';
import { type BoxAtPool, until, withBoxes } from '../../support/shared-pool.js';

const sha256 = 'a'.repeat(64);

const keepsKeys = async (store: KeyStore): Promise<void> => {
  assert.is(store.read().size, 0);
  await store.write(new Map([['ci', { sha256, created: 1, tokensPerDay: 5, x_unknown: { kept: [1] } }]]));
  await store.write(new Map([['ci', { off: true }]]));
  assert.equal(
    [store.read().get('ci')?.tokensPerDay, store.read().get('ci')?.off, store.read().get('ci')?.sha256],
    [5, true, sha256],
  );
  for (const wrong of [new Map([['ci', { tokensPerDay: -1 }]]), new Map([['no name', { sha256 }]])]) {
    const error = await store.write(wrong).then(
      () => null,
      (error: unknown) => error,
    );
    assert.instance(error, SettingsError);
    assert.is(store.read().get('ci')?.tokensPerDay, 5);
  }
  await store.write(
    new Map([
      ['ci', null],
      ['other', { sha256 }],
    ] as const),
  );
  assert.equal([...store.read().keys()], ['other']);
};

const keysOn = ({ database, listening, name: box }: BoxAtPool): Promise<SharedKeys> =>
  SharedKeys.open({ database, listening, box });

test('keys in a file are added, changed and removed, and what is not allowed changes nothing', () =>
  withDirectory((dir) => keepsKeys(keysInFile(dir.at('keys.json'), systemClock, systemDisk))));

testOnPostgres('keys in a database are kept as those in a file, what nobody knows of them too', (server) =>
  withBoxes(server, ['a'], async (a) => {
    const keys = await keysOn(a);
    await keepsKeys(keys);
    await keys.write(new Map([['ci', { sha256, x_unknown: 12 }]]));
    assert.is(await a.database.run(`select from {client_key} where name = 'ci' and doc->'x_unknown' = '12'`), 1);
  }),
);

testOnPostgres('a key that one box makes, changes or revokes counts on the other at once', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [here, there] = [await keysOn(a), await keysOn(b)];
    const told: string[] = [];
    there.follow(() => told.push([...there.read()].map(([name, { off }]) => `${name} ${String(off)}`).join()));
    await here.write(new Map([['ci', { sha256 }]]));
    const tookMs = await until(() => told.length === 1);
    await Promise.all([here.write(new Map([['ci', { off: true }]])), there.write(new Map([['ci', { note: 'mine' }]]))]);
    await until(() => here.read().get('ci')?.note === 'mine' && there.read().get('ci')?.off === true);
    await here.write(new Map([['ci', null]]));
    await until(() => told.at(-1) === '');
    assert.is(told[0], 'ci false');
    assert.ok(tookMs < 250, `${tookMs}`);
  }),
);

testOnPostgres('what a hand changes of a row counts, though it leaves the time of the change as it was', (server) =>
  withBoxes(server, ['a'], async (a) => {
    const keys = await keysOn(a);
    await keys.write(new Map([['ci', { sha256 }]]));
    const told: string[] = [];
    keys.follow(() => {
      try {
        told.push(String(keys.read().get('ci')?.off));
      } catch (error) {
        told.push(messageOf(error));
      }
    });
    const change = (doc: object): Promise<number> =>
      a.database.run(`update {client_key} set doc = doc || '${JSON.stringify(doc)}' where name = 'ci'`);
    await change({ off: 'no' });
    await until(() => told.length > 0);
    assert.match(told.join(), /^client_key in the database: keys\.ci\.off is /);
    await change({ off: true });
    await until(() => told.at(-1) === 'true');
    assert.is(told.length, 2);
  }),
);

testOnPostgres('a row that is no key is named, and a database that is away says that nothing is kept', (server) =>
  withBoxes(server, ['a'], async (a) => {
    const keys = await keysOn(a);
    await a.database.run(`insert into {client_key} (name, doc) values ('hand', '{"sha256": 7}')`);
    await until(() => {
      try {
        return keys.read().size === 2;
      } catch {
        return true;
      }
    });
    assert.throws(() => keys.read(), /client_key in the database: keys\.hand\.sha256 is 7; allowed: 64 of/);
    await server.stop('fast');
    const error = await keys.write(new Map([['ci', { sha256 }]])).catch((error: unknown) => error);
    assert.ok(error instanceof SettingsError, String(error));
    assert.match(error.message, /the key is not kept$/);
  }),
);

test.run();
