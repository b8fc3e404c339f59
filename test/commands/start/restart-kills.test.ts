import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlClient } from '../../../src/control/client.js';
import type { AnswerOf, ArgumentsOf, RequestName } from '../../../src/control/protocol.js';
import { DirectoryLocked } from '../../../src/store/disk/lock-owner.js';
import { InstanceLock } from '../../../src/store/disk/lock.js';
import { withApp, type App } from '../../support/app.js';
import { RotatingGrants } from '../../support/handover.js';
import { pause } from '../../support/pause.js';
import { ask } from '../../support/proxy.js';

const accounts = [{ id: 'a1', email: 'anna@example.com', refreshToken: '1//0token-of-anna' }];
const faults = path.join(import.meta.dirname, '../../support/handover-faults.mjs');

/** At which step of a handover what happens, and which of the two processes serves afterwards. */
const table: readonly (readonly [step: string, what: 'kill' | 'orphan', serves: 'old' | 'new'])[] = [
  ['start', 'kill', 'old'],
  ['loaded', 'kill', 'old'],
  ['loaded', 'orphan', 'new'],
  ['yours', 'kill', 'old'],
  ['yours', 'orphan', 'new'],
  ['ready', 'kill', 'old'],
  ['ready', 'orphan', 'new'],
];

/** The pid of whoever serves, once it is one that `test` wants. */
async function servingPid(app: App, wanted: (pid: number) => boolean): Promise<number> {
  for (;;) {
    const pid = await app.status().then(
      (status) => status.pid,
      () => 0,
    );
    if (wanted(pid)) return pid;
    await pause(50);
  }
}

/** Asks whoever has the control socket, without the start of another program. */
async function asked<N extends RequestName>(app: App, name: N, given: ArgumentsOf<N>): Promise<AnswerOf<N>> {
  const client = await ControlClient.connect(app.dir.at('regrant.sock'));
  if (client === null) throw new Error('nothing runs');
  return client.request(name, given).finally(() => client.close());
}

// one process after the other: whoever serves after one row is the old one of the next
test('kill -9 of either side at each step of a handover: one serves on, with the latest tokens and the only lock', () =>
  withApp({ accounts }, async (app) => {
    const grants = new RotatingGrants(app.google, accounts);
    // beside the data directory, which is the program's
    const told = `${app.dir.path}.fault`;
    await writeFile(told, '');
    const { url, pid: first } = await app.headless({
      NODE_OPTIONS: `--import ${faults}`,
      REGRANT_TEST_HANDOVER: told,
    });
    const { hostname: host, port } = new URL(url);
    const body = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}';
    let old = first;
    try {
      for (const [step, what, serves] of table) {
        const row = `${what} at "${step}"`;
        await writeFile(told, `${step} ${what}`);
        assert.is((await asked(app, 'testNow', [['a1']]))[0]?.ok, true, row);
        const restarted = await asked(app, 'restart', []).catch(() => null);
        if (what === 'kill') assert.is(restarted?.pid, old, `${row}: ${restarted?.text ?? ''}`);
        const before = old;
        old = await servingPid(app, (found) => (found === before) === (serves === 'old') && found !== 0);
        // on a connection of its own: one to the process that was killed breaks with it, whenever the client sees that
        assert.is((await ask({ host, port: Number(port) }, { body })).status, 200, row);
        // it writes and refreshes, so the directory is its own
        assert.is((await asked(app, 'testNow', [['a1']]))[0]?.ok, true, row);
        assert.equal(await grants.lost(app), [], row);
        assert.is(grants.sentTwice, 0, row);
        const isHeld = (error: unknown): boolean => error instanceof DirectoryLocked && error.owner?.pid === old;
        assert.throws(() => InstanceLock.acquire(app.dir.at('state/lock'), app.dir.path), isHeld);
      }
    } finally {
      process.kill(old, 'SIGKILL');
      await rm(told);
    }
  }));

test.run();
