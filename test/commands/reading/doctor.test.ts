import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Readable, Writable } from 'node:stream';
import { accounts } from '../../../src/commands/accounts/accounts.js';
import { doctor } from '../../../src/commands/reading/doctor.js';
import { status as statusVerb } from '../../../src/commands/supervisor/status.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { withDoor } from '../../support/door.js';
import { withHouse, type House } from '../../support/house.js';
import { runVerb } from '../../support/verb.js';

/** What `regrant doctor` prints on a data directory, and its exit status. */
async function examine(dataDir: string): Promise<{ readonly status: number; readonly lines: readonly string[] }> {
  const { status, stdout, stderr } = await runVerb(doctor, dataDir);
  assert.is(stderr, '');
  return { status, lines: stdout.trimEnd().split('\n') };
}

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-dead-token' };

test('all well: a line for each thing looked at, exit 0, through the running supervisor', async () => {
  await withDoor({ accounts: [ann] }, async ({ house }) => {
    const { status, lines } = await examine(house.dir.path);
    assert.is(status, 0, lines.join('\n'));
    assert.ok(lines.every((line) => line.startsWith('✔ ')));
    assert.ok(lines.some((line) => line.startsWith('✔ OAuth client default: 1234-test')));
    assert.ok(lines.some((line) => /^✔ http:\/\/127\.0\.0\.1:\d+: answers 404, \d+ ms$/.test(line)));
    assert.ok(lines.some((line) => /^✔ clock: within \d+ s of the servers$/.test(line)));
    assert.is(lines.at(-1), '✔ ann@example.com: Google honours its refresh token');
    // the schedule may have asked too, right after the start
    assert.ok(house.google.calls.token.length >= 1);
  });
});

test('each trouble says what, why and what now, and the exit status is 1', async () => {
  await withDoor({ accounts: [ann, bob] }, async ({ house }) => {
    await house.dir.putRaw('torn.json', '{\n"id": "torn",\n');
    await house.supervisor.operations.reload();
    const { status, lines } = await examine(house.dir.path);
    assert.is(status, 1);
    assert.ok(lines.some((line) => line.startsWith('✖ torn.json: torn.json cannot be read: not JSON, see line 3')));
    assert.ok(
      lines.some((line) => /^✖ bob@example\.com: .*invalid_grant.*run `regrant add`/.test(line)),
      lines.join('\n'),
    );
  });
});

test('a grant that is well is not all: a blocked account is wrong, with its link; one put off says by whom', async () => {
  const until = Math.floor(Date.now() / 1000) + 3600;
  const blocked = { validation_blocked: true, validation_blocked_until: until, validation_url: 'https://g.co/verify' };
  const accounts = [
    { ...ann, ...blocked },
    { id: 'cara', email: 'cara@example.com', quota: { models: [], is_forbidden: true, forbidden_reason: 'TOS' } },
    { id: 'dan', email: 'dan@example.com', proxy_disabled: true, proxy_disabled_reason: 'quota used up' },
  ];
  await withDoor({ accounts }, async ({ house }) => {
    const { status, lines } = await examine(house.dir.path);
    assert.is(status, 1);
    const honours = 'Google honours its refresh token';
    assert.equal(lines.slice(-3).sort(), [
      `▲ dan@example.com: ${honours}; it is out of the proxy (quota used up): run \`regrant on\` to put it back`,
      `✖ ann@example.com: ${honours}, but it is blocked: Google asks a human to verify the account; open https://g.co/verify in a browser, then \`regrant test\`; next try in 60 min`,
      `✖ cara@example.com: ${honours}, but the service is forbidden to it: TOS; it comes back once Code Assist answers it again`,
    ]);
  });
});

test("others' words are one line each, and do nothing to the terminal", async () => {
  const words = 'invalid_grant: \u001b]0;owned\u0007a\nb\u001b[2J';
  const eve = { id: 'eve', email: 'eve@example.com', disabled: true, disabled_at: 1, disabled_reason: words };
  await withHouse({ accounts: [eve] }, async (house) => {
    await house.stop();
    const { lines } = await examine(house.dir.path);
    assert.match(lines.at(-1) ?? '', /^✖ eve@example\.com: disabled: invalid_grant: a b, for \d+d\d*h?; /);
    const listed = await runVerb((context) => accounts(context, { json: false }), house.dir.path);
    assert.match(listed.stdout, /^disabled {7}eve@example\.com {2}invalid_grant: a b, for \d+d\d*h?\n$/);
    await house.start();
  });
});

test('works on the files where nothing runs, and names an endpoint that cannot be reached', async () => {
  const settings = { oauth: { tokenUrl: 'http://127.0.0.1:9/token' }, upstream: { baseUrls: ['http://127.0.0.1:9'] } };
  await withHouse({ accounts: [ann], settings }, async (house) => {
    await house.stop();
    const { status, lines } = await examine(house.dir.path);
    assert.is(status, 1);
    assert.ok(lines.some((line) => line.startsWith('✖ http://127.0.0.1:9: connection refused; check the connection')));
    assert.match(lines.at(-1) ?? '', /^✖ ann@example\.com: ECONNREFUSED/);
    await house.start();
  });
});

test('rule 6: a rotated token in an answer that comes after the waiting is saved before the program ends', async () => {
  const prepare = (google: House['google']): void =>
    google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0ann-late-rotation' });
  await withHouse({ accounts: [], settings: { oauth: { timeoutMs: 1_000 } }, prepare }, async (house) => {
    await house.stop();
    await house.dir.put(ann);
    const held = house.google.hold(ann.refreshToken);
    const told: string[] = [];
    const stderr = new Writable({
      write(chunk: Buffer, _encoding, done) {
        told.push(chunk.toString());
        held.release();
        done();
      },
    });
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
    const stdin = Readable.from([]);
    const status = await doctor({ dataDir: house.dir.path, env: {}, clock: systemClock, stdin, stdout, stderr });
    assert.is(status, 1);
    assert.match(told.join(''), /^waiting for the token endpoint's late answer, 60 s at most/);
    assert.is((await house.dir.read('ann')).token.refresh_token, '1//0ann-late-rotation');
    await house.start();
  });
});

test('each is told as it comes, in the order of the list; Ctrl-C ends at once with the counts, and 130', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `a${index + 10}`);
  const accounts = ids.map((id) => ({ id, email: `${id}@example.com`, refreshToken: `1//0${id}-token` }));
  const prepare = (google: House['google']): void => {
    for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
  };
  await withDoor({ accounts, prepare }, async ({ house }) => {
    const held = house.google.hold('1//0a15-token');
    let told = '';
    const context = {
      ...{ dataDir: house.dir.path, env: {}, clock: systemClock, stdin: Readable.from([]) },
      stdout: new Writable({ write: (chunk: Buffer, _encoding, done) => (done(), void (told += chunk.toString())) }),
      stderr: new Writable({ write: (chunk: Buffer, _encoding, done) => (done(), void (told += chunk.toString())) }),
    };
    const ended = doctor(context);
    await house.until(() => told.includes('✔ a14@example.com'));
    process.emit('SIGINT', 'SIGINT');
    assert.is(await ended, 130);
    held.release();
    assert.equal(
      told.match(/a\d\d(?=@)/g),
      ids.slice(0, 5),
      'one that is known already is not told before the one that is not',
    );
    assert.match(told, /\nstopped: of 5 accounts 5 are well, 0 need a look, 0 are out; 7 left out\n$/);
  });
});

test('a log that cannot be written is said by doctor and status, with what it lacks', async () => {
  await withDoor({ accounts: [ann] }, async ({ house }) => {
    rmSync(house.dir.at('logs'), { recursive: true });
    writeFileSync(house.dir.at('logs'), 'in the way');
    house.store.log.reopen();
    await house.until(() => house.store.log.trouble !== null);
    house.store.log.logger.info('nobody keeps this');
    await house.until(() => house.store.log.lost > 0);
    const { status, lines } = await examine(house.dir.path);
    assert.is(status, 1);
    assert.ok(
      lines.some((line) => /^✖ log: it cannot be written, \d+ lines since the start are lost/.test(line)),
      lines.join('\n'),
    );
    const asked = await runVerb((context) => statusVerb(context, { json: true }), house.dir.path);
    assert.is((JSON.parse(asked.stdout) as { log: { ok: boolean } }).log.ok, false);
    const said = await runVerb((context) => statusVerb(context, { json: false }), house.dir.path);
    assert.match(said.stdout, /; the log cannot be written, \d+ lines are lost at /);
  });
});

test.run();
