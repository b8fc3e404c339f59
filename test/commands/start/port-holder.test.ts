import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ServedByAnother, holderOf, portTaken } from '../../../src/commands/start/port-holder.js';
import { AddressInUse } from '../../../src/proxy/server/listener/listen-errors.js';
import { withApp } from '../../support/app.js';

/** What a start says to a port that somebody holds who answers so; null: who says nothing at all and hangs up. */
async function saidTo(answer: { status: number; body: string } | null): Promise<string> {
  const server =
    answer === null
      ? net.createServer((socket) => socket.destroy())
      : createServer((_, response) => void response.writeHead(answer.status).end(answer.body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return (await portTaken(new AddressInUse('127.0.0.1', (server.address() as AddressInfo).port))).message;
  } finally {
    server.close();
  }
}

test('a start on the port of another regrant says whose it is and how its screen opens, and ends nothing', () =>
  withApp({}, async (app) => {
    const first = await app.headless();
    const { port } = new URL(first.url);
    const env = { REGRANT_PROXY_PORT: port };
    const second = await app.run(['--headless', '--data-dir', app.dir.at('second')], { env });
    assert.is(second.status, 3);
    assert.match(second.stderr, `127.0.0.1:${port} is served by another regrant`);
    assert.not.match(second.stderr, 'end that one');
    if (process.platform !== 'linux') return;
    const { username } = os.userInfo();
    assert.match(second.stderr, `(of user ${username}, pid ${first.pid}, data directory ${app.dir.at('')}`);
    assert.match(second.stderr, /its screen: `regrant --data-dir \S+`; for a second one/);
    await first.stop();
  }));

test('whoever holds the port is told as regrant only where it says that it is', async () => {
  const key = "an API key is needed: send regrant's own (see `regrant env`)";
  const table: readonly (readonly [answer: { status: number; body: string } | null, isRegrant: boolean])[] = [
    [{ status: 200, body: '{"name":"regrant","version":"9.9.9"}' }, true],
    [{ status: 401, body: JSON.stringify({ error: { message: key } }) }, true],
    [{ status: 200, body: '{"name":"other","about":"a rival of regrant"}' }, false],
    [{ status: 404, body: 'no' }, false],
    [null, false],
  ];
  for (const [answer, isRegrant] of table) {
    const said = await saidTo(answer);
    assert.is(said.includes('is served by another regrant'), isRegrant, said);
    assert.is(said.includes('is in use by another program'), !isRegrant, said);
  }
});

test('what is not known of the other one is left open, and another user is named in the command', () => {
  const words = (holder: ConstructorParameters<typeof ServedByAnother>[1]): string =>
    new ServedByAnother('127.0.0.1:8045', holder).message;
  const known = { uid: 4_000_000, user: 'proxy', pid: 7, dataDir: "/srv/it's here" };
  assert.match(words(known), "its screen: `sudo -u proxy regrant --data-dir '/srv/it'\\''s here'`; for a second one");
  assert.match(
    words({ ...known, pid: null, dataDir: null }),
    'regrant (of user proxy); its screen: `sudo -u proxy regrant`, with',
  );
  assert.match(words({ ...known, user: null }), '(of user 4000000, pid 7');
  assert.match(words(null), 'another regrant; its screen opens for its own user');
});

test('a port that nobody listens on has no holder', () => {
  assert.is(holderOf(1), null);
});

test.run();
