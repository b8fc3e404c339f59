import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { constants } from 'node:os';
import { HANDOVER } from '../../src/proxy/contract/succession/handover.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlClient } from '../../src/control/client.js';
import { LONGEST_LINE, PROTOCOL } from '../../src/control/protocol.js';
import { Control } from '../../src/control/control.js';
import { ControlServer } from '../../src/control/server.js';
import { listenFailure } from '../../src/proxy/server/listener/listen-errors.js';
import { CannotRun } from '../../src/store/ground/errors.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { version } from '../../src/store/ground/version.js';
import { withDirectory } from '../support/directory.js';
import { withDoor } from '../support/door.js';
import { withHouse } from '../support/house.js';

const anna = { id: 'a1', email: 'anna@example.com', accessEndsIn: 3600 };
const code = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
const failing = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
};

test('the socket is 0600 in a closed folder, and gone after the end', () =>
  withDirectory(async () => {
    let socket = '';
    await withDoor({}, async ({ path, house }) => {
      socket = path;
      assert.is(statSync(path).mode & 0o777, 0o600);
      assert.is(statSync(house.dir.path).mode & 0o077, 0);
      const greeting = JSON.parse((await rawFirst(path)).toString()) as unknown;
      assert.equal(greeting, { regrant: version, protocol: PROTOCOL, pid: process.pid, handover: HANDOVER });
    });
    assert.not.ok(existsSync(socket));
  }));

const rawFirst = (path: string): Promise<Buffer> =>
  new Promise((resolve) => {
    const socket = net.createConnection(path);
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes);
      socket.destroy();
    });
  });

test('a socket left by a crash is replaced; anything else that stands there is not touched', () =>
  withDirectory(async (dir) => {
    // a listener that ends without closing leaves its socket, as a killed process does
    await withDoor({}, async ({ house }) => {
      const path = dir.at('left.sock');
      const abandoned = net.createServer();
      await new Promise<void>((resolve) => abandoned.listen(path, resolve));
      const second = await ControlServer.open(path, house.supervisor, systemClock);
      const client = await ControlClient.connect(path);
      assert.is(client?.pid, process.pid);
      client?.close();
      await second.close();
      abandoned.close();

      const file = dir.at('file.sock');
      writeFileSync(file, 'somebody needs this');
      const error = await failing(ControlServer.open(file, house.supervisor, systemClock));
      assert.match(error.message, /file\.sock: something that is no socket stands there; remove/);
      assert.is(readFileSync(file, 'utf8'), 'somebody needs this');
      assert.is(await ControlClient.connect(file), null);
    });
    assert.is(await ControlClient.connect(dir.at('nothing.sock')), null);
  }));

test('requests of one client are answered by id, also when they overtake each other', () =>
  withDoor({ accounts: [anna] }, async ({ raw }) => {
    const { socket, lines, line } = await raw();
    socket.write('{"id":7,"request":"status"}\n{"id":8,"request":"nonsense"}\n{"id":9,"request":"resume"}\n');
    await line(4);
    const replies = lines.slice(1).map((text) => JSON.parse(text) as Record<string, unknown>);
    const reply = (id: number) => replies.find((each) => each.id === id);
    assert.is((reply(7)?.result as Record<string, unknown>).status, 'ok');
    assert.is((reply(8)?.error as Record<string, unknown>).code, 'UNKNOWN_REQUEST');
    assert.ok(reply(9)?.error, 'arguments that do not fit are an error');
  }));

test('a request in pieces is a request; names of the prototype are none', () =>
  withDoor({ accounts: [anna] }, async ({ raw }) => {
    const { socket, lines, line } = await raw();
    for (const piece of ['{"id":1,', '"request":"sta', 'tus"}', '\n']) {
      socket.write(piece);
      await new Promise((done) => setImmediate(done));
    }
    await line(2);
    socket.write('{"id":2,"request":"constructor"}\n{"id":3,"request":"__proto__"}\n');
    await line(4);
    assert.match(lines[1] ?? '', /"result"/);
    for (const text of lines.slice(2)) assert.match(text, /UNKNOWN_REQUEST/);
  }));

test('the first line that is no request, or one without end, closes that connection and no other', () =>
  withDoor({ accounts: [anna] }, async ({ raw, connect }) => {
    const bystander = await connect();
    const bad = ['hello', '{', '[]', '{"id":"one","request":"status"}', '\0\xff\xfe', 'x'.repeat(LONGEST_LINE + 10)];
    for (const text of bad) {
      const { socket, closed } = await raw();
      socket.write(`${text}\n`);
      await closed;
    }
    const endless = await raw();
    endless.socket.write('y'.repeat(LONGEST_LINE * 2));
    await endless.closed;
    assert.is((await bystander.request('status', [])).status, 'ok');
  }));

test('what is sent ahead of a request has a bound, and belongs to that request', () =>
  withDoor({ accounts: [anna] }, async ({ raw }) => {
    const { socket, lines, line } = await raw();
    socket.write('{"id":1,"items":["no-such"]}\n{"id":2,"request":"testNow","arguments":[["a1"]]}\n');
    socket.write('{"id":1,"request":"testNow","arguments":[["a1"]]}\n');
    await line(3);
    const asked = (id: number) => {
      const reply = lines.slice(1).map((text) => JSON.parse(text) as { id: number; result: { accountId: string }[] });
      return reply.find((one) => one.id === id)?.result.map(({ accountId }) => accountId);
    };
    assert.equal([asked(1), asked(2)], [['no-such', 'a1'], ['a1']]);
    const many = await raw();
    for (let at = 0; at < 20_000; at++) many.socket.write(`{"id":1,"items":["no-${at}"]}\n`);
    many.socket.write('{"id":1,"request":"testNow","arguments":[[]]}\n');
    const answers = new Promise<number>((resolve) => {
      const look = (): void => {
        const parts = many.lines.slice(1).map((text) => JSON.parse(text) as { page?: object[]; result?: object[] });
        if (!parts.some(({ result }) => result !== undefined)) setTimeout(look, 5);
        else resolve(parts.reduce((sum, { page, result }) => sum + (page ?? result ?? []).length, 0));
      };
      look();
    });
    assert.is(await answers, 20_000);
    const endless = await raw();
    const items = `{"id":1,"items":["${'x'.repeat(1_000_000)}"]}\n`;
    for (let sent = 0; sent < 20; sent++) endless.socket.write(items);
    await endless.closed;
  }));

test('another protocol is said, with what to do; a stranger and a silent one are no regrant', () =>
  withDirectory(async (dir) => {
    const path = dir.at('other.sock');
    let greeting = JSON.stringify({ regrant: '9.9.9', protocol: 99, pid: 4711 });
    const server = net.createServer((socket) => socket.end(greeting === '' ? '' : `${greeting}\n`));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const other = await failing(ControlClient.connect(path));
    assert.is(code(other), 'VERSION');
    assert.match(other.message, /9\.9\.9.*kill 4711/);
    greeting = JSON.stringify({ regrant: '9.9.9', protocol: 99, pid: 4711, handover: HANDOVER });
    assert.match((await failing(ControlClient.connect(path))).message, /9\.9\.9.*regrant restart/);
    for (greeting of ['GET / HTTP/1.1', '{}', '']) {
      assert.is(code(await failing(ControlClient.connect(path))), 'STRANGER');
    }
    server.close();
  }));

test('a server that answers rubbish, or goes away, rejects what was asked', () =>
  withDirectory(async (dir) => {
    const path = dir.at('rubbish.sock');
    const greeting = `${JSON.stringify({ regrant: version, protocol: PROTOCOL, pid: 1 })}\n`;
    let answer = '';
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(greeting);
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const asked = async (text: string): Promise<string> => {
      answer = text;
      const client = await ControlClient.connect(path);
      if (client === null) throw new Error('nothing listens');
      const error = await failing(client.request('status', []));
      client.close();
      return code(error);
    };
    assert.is(await asked(''), 'GONE');
    assert.is(await asked('not json\n'), 'PROTOCOL');
    assert.is(await asked('{"id":1,"result":{"status":"odd"}}\n'), 'PROTOCOL');
    assert.is(await asked('{"id":1,"error":{"code":"NO","message":"no"}}\n'), 'NO');
    assert.is(await asked('{"id":99,"result":1}\n'), 'GONE');
    server.close();
  }));

test('more clients than there are terminals are turned away, and leave room when they go', () =>
  withDoor({ accounts: [anna] }, async ({ path, connect }) => {
    const sockets = Array.from({ length: 64 }, () => net.createConnection(path));
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('data', done))));
    assert.ok(await failing(connect()));
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('close', done))));
    await new Promise((done) => setTimeout(done, 50));
    assert.is((await (await connect()).request('status', [])).status, 'ok');
  }));

/** Calls `use` while the system refuses with this code to bind a socket whose path `which` picks. */
async function withoutBinding(code: string, which: (file: string) => boolean, use: () => Promise<void>): Promise<void> {
  const prototype = net.Server.prototype as unknown as { _listen2: (this: net.Server, ...given: unknown[]) => void };
  const listen = prototype._listen2;
  prototype._listen2 = function (...given) {
    const [file] = given;
    if (typeof file !== 'string' || !which(file)) Reflect.apply(listen, this, given);
    else process.nextTick(() => this.emit('error', Object.assign(new Error(`bind ${code} ${file}`), { code })));
  };
  try {
    await use();
  } finally {
    prototype._listen2 = listen;
  }
}

test('bind: whatever the system says of a socket in the data directory, it goes to the next place; of all places, one line', () =>
  withHouse({}, ({ supervisor, dir }) =>
    withDirectory(async (runtime) => {
      const places: string[] = [];
      const parts = {
        ...{ supervisor, clock: systemClock, own: dir.path, isOurs: () => Promise.resolve(true) },
        env: { XDG_RUNTIME_DIR: runtime.path },
        moved: (socket: string): Promise<void> => {
          places.push(socket);
          return Promise.resolve();
        },
      };
      for (const errno of Object.keys(constants.errno)) {
        const isInside = (file: string): boolean => file.startsWith(dir.path);
        await withoutBinding(errno, isInside, async () => (await Control.open(parts)).close());
        assert.ok(places.at(-1)?.startsWith(runtime.path), `${errno}: ${places.at(-1) ?? ''}`);
        await withoutBinding(
          errno,
          () => true,
          async () => {
            const error = await failing(Control.open(parts));
            assert.is(code(error), 'CONTROL_SOCKET', errno);
            assert.match(error.message, new RegExp(`^cannot open the control socket .*${errno}.*; .* XDG_RUNTIME_DIR`));
            assert.not.match(error.message, /\n/);
          },
        );
      }
      await withoutBinding(
        'ENOSYS',
        () => false,
        async () => (await Control.open(parts)).close(),
      );
      assert.is(places.at(-1), dir.at('regrant.sock'));
    }),
  ));

test('bind: whatever the system says of the port of the proxy, it is one line that names the address and why', () => {
  for (const errno of Object.keys(constants.errno)) {
    const error = listenFailure(Object.assign(new Error(`listen ${errno}`), { code: errno }), '127.0.0.1', 8_045);
    assert.instance(error, CannotRun);
    assert.is(error.code, errno);
    assert.match(error.message, /^(cannot listen on )?127\.0\.0\.1:8045/);
    assert.match(error.message, errno === 'EADDRINUSE' ? /is in use/ : new RegExp(errno));
    assert.not.match(error.message, /\n/);
  }
});

test.run();
