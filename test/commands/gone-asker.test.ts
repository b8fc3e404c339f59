/** The program's own askers of tests and imports that end in every way: nothing more is sent to Google for them. */
import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlClient } from '../../src/control/client.js';
import { RemoteSupervisor } from '../../src/control/remote.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { type App, withApp } from '../support/app.js';
import { pause } from '../support/pause.js';
import type { ProgramInTerminal } from '../../scripts/terminal.js';

const names = Array.from({ length: 24 }, (_, index) => `a${index + 10}`);
/** Off, so that no request asks for them. */
const accounts = names.map((id) => ({
  ...{ id, email: `${id}@example.com`, refreshToken: `1//0token-of-${id}`, accessEndsIn: 3_600 },
  ...{ proxy_disabled: true, proxy_disabled_at: 1_700_000_000, proxy_disabled_reason: 'tired' },
}));

/** So many exchanges that no request waits for are sent until one of them is answered, or hangs for seconds. */
const ON_THEIR_WAY = 3;

async function eventually(what: () => boolean): Promise<void> {
  while (!what()) await pause(5);
}

/** A doctor, two tests by name, an import and an attached screen on all, once each of them waits for Google. */
async function askersOf(app: App, follower: RemoteSupervisor, before: number) {
  const waiting = (): number => follower.snapshot().testing?.of ?? 0;
  const file = app.dir.at('tokens.txt');
  writeFileSync(file, ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'].map((name) => `1//0token-of-${name}\n`).join(''));
  const verbs: ProgramInTerminal[] = [];
  const screen = app.terminal(['attach']);
  await screen.shows(/1 Accounts/);
  for (const [args, of] of [
    [['doctor'], 8],
    [['test', ...names.slice(8, 12).map((name) => `${name}@example.com`)], 12],
  ] as const) {
    verbs.push(app.terminal(args));
    await eventually(() => waiting() === of);
  }
  verbs.push(app.terminal(['import', file]));
  await app.google.until(({ token }) => token.length >= before + ON_THEIR_WAY);
  return { verbs, screen, waiting };
}

test('whoever asked is killed, interrupted or loses his terminal: Google is asked nothing more', () =>
  withApp({ accounts }, async (app) => {
    await app.headless();
    const client = await ControlClient.connect(app.dir.at('regrant.sock'));
    assert.ok(client);
    const follower = await RemoteSupervisor.follow(client, systemClock);
    // asked about by now, they are none of the schedule's today
    await follower.operations.testNow(names);
    const before = app.google.calls.token.length;
    const held = app.google.hold('*');
    const { verbs, screen, waiting } = await askersOf(app, follower, before);
    screen.type('*t');
    await eventually(() => waiting() === names.length);
    const [doctor, named, imports] = verbs;
    doctor?.kill('SIGKILL');
    named?.type('\x03');
    imports?.kill('SIGKILL');
    screen.hangUp();
    await eventually(() => waiting() <= ON_THEIR_WAY);
    const sent = app.google.calls.token.length;
    held.release();
    await Promise.all(verbs.map(({ ended }) => ended));
    await eventually(() => follower.snapshot().testing === null);
    await pause(2_000);
    assert.is(app.google.calls.token.length, sent);
    follower.close();
  }));

test.run();
