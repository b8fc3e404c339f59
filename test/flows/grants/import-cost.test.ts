/** What an import costs depends on what it takes in, not on how many accounts there are already; its CPU is in the bench. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pool } from '../../../src/proxy/pool/pool.js';
import { KeptAccounts } from '../../../src/store/accounts/kept-accounts.js';
import { setClock } from '../../support/clock.js';
import { withHouse, type House } from '../../support/house.js';

/** As many as the token endpoint is asked at once: the clock stands still. */
const TOKENS = 9;

async function taken({ google, supervisor }: House): Promise<void> {
  for (let at = 0; at < TOKENS; at++) {
    const refreshToken = `1//0new-${at}`;
    google.grant(refreshToken, { email: `new${at}@example.com` });
    const extras = { client: null, ownClient: null, projectId: null, file: null };
    const { outcome } = await supervisor.operations.importToken({ refreshToken, ...extras });
    assert.is(outcome, 'added');
  }
}

/** What the taking in looks at besides its own token. */
interface Looks {
  /** Account files that are opened: the token's own, before and after it is written. */
  files: number;
  /** How often all accounts of the store or of the pool are listed. */
  lists: number;
}

/** Calls `looked` with the arguments of each call of a method. @returns what ends that */
function spied(of: object, name: string, looked: (...given: readonly unknown[]) => void): () => void {
  const methods = of as Record<string, (...given: readonly unknown[]) => unknown>;
  const { [name]: method = () => undefined } = methods;
  methods[name] = function (this: unknown, ...given) {
    looked(...given);
    return Reflect.apply(method, this, given);
  };
  return () => {
    methods[name] = method;
  };
}

async function looksOf(accounts: number): Promise<Looks> {
  const ids = Array.from({ length: accounts }, (_, at) => `a${at}`);
  const known = ids.map((id) => ({ id, email: `${id}@example.com`, accessEndsIn: 3_000 }));
  const looks: Looks = { files: 0, lists: 0 };
  await withHouse({ accounts: known, clock: setClock() }, async (house) => {
    const inFolder = (file: unknown): void => {
      if (typeof file === 'string' && file.startsWith(house.dir.at('accounts', ''))) looks.files++;
    };
    const list = (): void => {
      looks.lists++;
    };
    const spies = [
      ...['open', 'openSync', 'readFile', 'readFileSync'].map((name) => spied(fs, name, inFolder)),
      ...[KeptAccounts, Pool].map(({ prototype }) => spied(prototype, 'list', list)),
    ];
    syncBuiltinESMExports();
    try {
      await taken(house);
    } finally {
      for (const end of spies) end();
      syncBuiltinESMExports();
    }
  });
  return looks;
}

test('a token taken into a pool of 600 looks at no more than one taken into a pool of 15: at no file but its own', async () => {
  const [few, many] = [await looksOf(15), await looksOf(600)];
  assert.is(many.files, few.files);
  assert.ok(many.files <= 3 * TOKENS, `${many.files} files opened`);
  // one or two more is what goes on by itself
  assert.ok(many.lists <= 3 * TOKENS && few.lists <= 3 * TOKENS, `${few.lists} and ${many.lists} lists`);
});

test.run();
