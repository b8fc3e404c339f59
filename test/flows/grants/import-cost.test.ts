/** What an import costs depends on what it takes in, not on how many accounts there are already. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
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

/** CPU of all threads for a token, ms, where there are so many accounts already. */
async function cpuMs(accounts: number): Promise<number> {
  const ids = Array.from({ length: accounts }, (_, at) => `a${at}`);
  const known = ids.map((id) => ({ id, email: `${id}@example.com`, accessEndsIn: 3_000 }));
  let used = 0;
  await withHouse({ accounts: known, clock: setClock() }, async (house) => {
    const before = process.cpuUsage();
    await taken(house);
    const { user, system } = process.cpuUsage(before);
    used = (user + system) / 1_000 / TOKENS;
  });
  return used;
}

test('a token taken into a pool of 600 costs hardly more CPU than one taken into a pool of 15', async () => {
  await cpuMs(15);
  const few = await cpuMs(15);
  const many = await cpuMs(600);
  assert.ok(many < 2.5 * few, `${many.toFixed(1)} ms and ${few.toFixed(1)} ms`);
});

test.run();
