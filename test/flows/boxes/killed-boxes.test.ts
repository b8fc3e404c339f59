/** Boxes as processes: killed at each step of an exchange, and started where the database is away. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { App, ask } from '../../support/app.js';
import { withPool, type TestBox, type TestPool } from '../../support/boxes.js';
import { account, type DataDirectory } from '../../support/directory.js';
import { withGoogle, type Google } from '../../support/google.js';
import { withBoxDirectory } from '../../support/houses.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';

const sent = '1//0test-refresh-token-of-a1';
const next = '1//0what-took-its-place';
const a1 = account({ id: 'a1' });

/** What the rest of the pool and the box's next start make of a box that was killed. */
interface Outcome {
  /** At which step: of test/support/exchange-faults.mjs, or `sent`, when Google has the token and has not answered. */
  readonly at: string;
  /** How often Google saw the token. */
  readonly seen: 0 | 1;
  /** Whether the new token lies in the box's spool. */
  readonly spooled: boolean;
  /** What another box is told when it wants to send the token. */
  readonly other: 'granted' | 'held' | 'replaced';
  /** Which token the row has once the box has started again. */
  readonly holds: typeof sent | typeof next;
  /** How the token's last lease was closed. */
  readonly lease: RegExp;
}

const nobody = { seen: 0, spooled: false, holds: sent } as const;
const lost = { seen: 1, spooled: false, other: 'held', holds: sent, lease: /unknown/ } as const;
const safe = { seen: 1, spooled: true, holds: next } as const;

/** Nothing is lost from `spooled` on; before that nobody but Google has ever had the new token. */
const outcomes: readonly Outcome[] = [
  { at: 'take', ...nobody, other: 'granted', lease: /failed/ },
  { at: 'taken', ...nobody, other: 'held', lease: /unknown/ },
  { at: 'sent', ...lost },
  { at: 'answered', ...lost },
  { at: 'spooled', ...safe, other: 'held', lease: /landed/ },
  { at: 'landing', ...safe, other: 'held', lease: /landed/ },
  // the other one takes it, or has heard before what took the token's place
  { at: 'landed', ...safe, other: 'replaced', lease: /landed|replaced/ },
  { at: 'told', ...safe, spooled: false, other: 'replaced', lease: /landed|replaced/ },
];

const faults = path.join(import.meta.dirname, '../../support/exchange-faults.mjs');

/** Hands in the program on a box's directory; what of it still runs is ended with that. */
async function withProgram(dir: DataDirectory, google: Google, use: (program: App) => Promise<void>): Promise<void> {
  const { PATH, HOME } = process.env;
  const program = new App(dir, google, { PATH, HOME });
  try {
    await use(program);
  } finally {
    program.close();
  }
}

/** Lets a box refresh its account, and resolves once it is dead. */
const killedAt = ({ at }: Outcome, dir: DataDirectory, google: Google): Promise<void> =>
  withProgram(dir, google, async (program) => {
    const hold = at === 'sent' ? google.hold(sent) : null;
    const { process: child, url } = program.starting({ NODE_OPTIONS: `--import ${faults}`, REGRANT_TEST_STEP: at });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    void url.then(ask).catch(() => 0);
    if (hold !== null) {
      await hold.waiting();
      child.kill('SIGKILL');
    }
    const [status, signal] = await ended;
    assert.is(signal, 'SIGKILL', `it ended with ${status ?? ''}`);
    hold?.release();
  });

const leaseOf = async (pool: TestPool): Promise<string> => {
  const [row] = await pool.sql('select open, outcome from {exchange} where token_fp = $1', [fingerprint(sent)]);
  return JSON.stringify(row);
};

function spooledIn(dir: DataDirectory): boolean {
  try {
    return readdirSync(dir.at('state/spool')).includes(fingerprint(sent));
  } catch {
    return false;
  }
}

async function shows(pool: TestPool, google: Google, outcome: Outcome, other: TestBox): Promise<void> {
  await withBoxDirectory(pool, google, 'box-a', async ({ dir }) => {
    await killedAt(outcome, dir, google);
    const { at, seen, spooled, holds, lease } = outcome;
    assert.is(spooledIn(dir), spooled, `${at}: spooled`);
    const permit = await other.exchanges.permit(sent, 'refresh');
    assert.is(permit.kind, outcome.other, `${at}: another box`);
    other.exchanges.letGo(sent);
    await other.exchanges.settled();
    const again = await pool.box('box-a', { stateFolder: dir.at('state') });
    const held = again.accounts.get('a1')?.account;
    assert.equal([held?.refreshToken, held?.disabled], [holds, null], `${at}: after its next start`);
    assert.is(spooledIn(dir), false, `${at}: delivered`);
    assert.match(await leaseOf(pool), new RegExp(`"open":false,"outcome":"(?:${lease.source})"`), `${at}: its lease`);
    while (other.accounts.get('a1')?.account?.refreshToken !== holds) await pause(5);
    assert.is((await other.exchanges.permit(holds, 'refresh')).kind, 'granted', `${at}: all goes on`);
    assert.is(google.calls.token.filter(({ refreshToken }) => refreshToken === sent).length, seen, `${at}: Google`);
  });
}

for (const outcome of outcomes)
  testOnPostgres(`a box that is killed at “${outcome.at}”`, (server) =>
    withGoogle((google) =>
      withPool(server, [a1], async (pool) => {
        google.grant(sent, { email: 'anna@example.com', rotateTo: next });
        await shows(pool, google, outcome, await pool.box('box-b'));
      }),
    ),
  );

testOnPostgres('a database that is away is waited for at a start, and while the start reads it', (server) =>
  withGoogle((google) =>
    withPool(server, [a1], (pool) =>
      withBoxDirectory(pool, google, 'box-a', ({ dir, wire }) =>
        withProgram(dir, google, async (program) => {
          google.grant(sent, { email: 'anna@example.com' });
          wire.refuse();
          const { url } = program.starting();
          const early = url.then(() => assert.unreachable('it serves already'));
          const calledAgain = async (): Promise<void> => {
            while (wire.refused < 3) await pause(5);
          };
          await Promise.race([early, calledAgain()]);
          // the start reads the accounts, and gets no answer
          await server.sql('begin');
          await server.sql(`lock table "${pool.given.schema}".account`);
          wire.thaw();
          // the server does not see that the first one has given up
          const tries = async (): Promise<number> =>
            (await server.sql('select from pg_locks where not granted')).length;
          const readAgain = async (): Promise<void> => {
            while ((await tries()) < 2) await pause(5);
          };
          await Promise.race([early, readAgain()]);
          await server.sql('commit');
          assert.is(await ask(await url), 200);
        }),
      ),
    ),
  ),
);

test.run();
