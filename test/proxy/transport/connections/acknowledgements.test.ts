import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Acknowledgements,
  judge,
  type Look,
  type Unheard,
  type Unsent,
} from '../../../../src/proxy/transport/connections/acknowledgements.js';
import { endsOf, readSendQueues, sendQueuesIn } from '../../../../src/proxy/transport/connections/send-queues.js';

const CHECK_MS = 15_000;

const unsent = (bytes: number, repeats: number, more: Partial<Unsent> & { isFull?: boolean } = {}): Unsent => ({
  queue: { bytes, repeats, isFull: more.isFull ?? false },
  written: more.written ?? 900,
  isPending: more.isPending ?? false,
});
const lookAt = (stuckAtMs: number, of: Unsent): Look => ({ unsent: of, stuckAtMs });

/** name, silent for so long, sent whole, what is unsent, the look before, verdict */
const verdicts: readonly (readonly [string, number, boolean, Unsent, Look | null, 'taken' | 'dead' | number])[] = [
  ['all acknowledged', 3_000, true, unsent(0, 0), null, 'taken'],
  ['all acknowledged after it was not', 20_000, true, unsent(0, 0), lookAt(0, unsent(700, 3)), 'taken'],
  ['all acknowledged of an upload that goes on', 3_000, false, unsent(0, 0), null, 3_000],
  ['some waits in the program', 3_000, true, unsent(0, 0, { isPending: true }), null, 0],
  ['nothing acknowledged, but not for long', 15_000, true, unsent(700, 6), lookAt(0, unsent(700, 3)), 0],
  ['nothing acknowledged for long', 16_000, true, unsent(700, 6), lookAt(0, unsent(700, 3)), 'dead'],
  ['the first look comes late', 16_000, true, unsent(700, 6), null, 'dead'],
  ['an upload: not known since when', 15_000, false, unsent(700, 6), null, 15_000],
  ['an upload that stands still', 31_000, false, unsent(700, 6), lookAt(15_000, unsent(700, 2)), 'dead'],
  ['some was acknowledged meanwhile', 15_000, true, unsent(500, 1), lookAt(0, unsent(700, 3)), 15_000],
  ['more was written meanwhile', 15_000, false, unsent(700, 1, { written: 1_100 }), lookAt(0, unsent(700, 3)), 15_000],
  ['sent for the first time, not again', 15_000, true, unsent(700, 0), null, 0],
  ['the other end is full and says so', 60_000, true, unsent(700, 1, { isFull: true }), lookAt(0, unsent(700, 0)), 0],
  ['full, and silent since', 60_000, true, unsent(700, 2, { isFull: true }), lookAt(0, unsent(700, 1)), 'dead'],
];

for (const [name, quietMs, isSent, now, before, expected] of verdicts) {
  test(`a silent request: ${name}`, () => {
    const verdict = judge({ quietMs, isSent }, now, before, CHECK_MS);
    assert.is(typeof verdict === 'string' ? verdict : verdict.stuckAtMs, expected);
  });
}

test('a row of the table of the kernel is read by its columns, whatever lies around it', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F6D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0',
    '   1: 0A01A8C0:C350 08080808:01BB 01 000001A4:00000000 01:00000116 0000000A  1000        0 12 2 0 163 4 30 1 -1',
    '10002: 0A01A8C0:C351 08080808:01BB 01 0000FFFF:00000000 04:00000116 00000000  1000        3 13 2 0 163 4 30 1 -1',
  ].join('\n');
  const keys = new Set(['0A01A8C0:C350 08080808:01BB', '0A01A8C0:C351 08080808:01BB', '0A01A8C0:C352 08080808:01BB']);
  assert.equal(
    [...sendQueuesIn(table, keys)],
    [
      ['0A01A8C0:C350 08080808:01BB', { bytes: 420, repeats: 10, isFull: false }],
      ['0A01A8C0:C351 08080808:01BB', { bytes: 65_535, repeats: 3, isFull: true }],
    ],
  );
});

/** Opens a connection to a server on an address and gives the client's end of it. */
async function withConnection(address: string, use: (socket: Socket, peer: Socket) => Promise<void>): Promise<void> {
  const server = net.createServer();
  const peer = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve));
  const socket = net.connect((server.address() as net.AddressInfo).port, address);
  try {
    const other = await peer;
    if (socket.connecting) await once(socket, 'connect');
    other.on('error', () => undefined);
    socket.on('error', () => undefined);
    await use(socket, other);
    other.destroy();
  } finally {
    socket.destroy();
    server.close();
  }
}

const isLinux = process.platform === 'linux';
const hasIpv6 = await new Promise<boolean>((resolve) => {
  const probe = net.createServer().once('error', () => resolve(false));
  probe.listen(0, '::1', () => probe.close(() => resolve(true)));
});

for (const [address, canTell] of [
  ['127.0.0.1', isLinux],
  ['::1', isLinux && hasIpv6],
] as const) {
  const name = `the send queue of a connection to ${address} is found, also under TLS, and not once it is closed`;
  const body = () =>
    withConnection(address, async (socket, peer) => {
      const ends = endsOf(socket);
      assert.ok(ends !== null);
      const secured = tls.connect({ socket }).on('error', () => undefined);
      assert.equal(endsOf(secured), ends);
      peer.pause();
      while (socket.writableLength === 0) {
        socket.write(Buffer.alloc(1_000_000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const queue = (await readSendQueues([ends])).get(ends.key);
      assert.ok(queue !== undefined && queue.bytes > 0, JSON.stringify(queue));
      socket.destroy();
      await once(socket, 'close');
      assert.is(endsOf(socket), null);
    });
  if (canTell) test(name, body);
  else test.skip(name, body);
}

/** A request that has been silent for so long, on no connection of its own. */
const silent = (quietMs: number): Unheard & { ended: number } => ({
  ...{ quietMs, isSent: true, carrier: null, isTaken: false, ended: 0 },
  unacknowledged() {
    this.ended += 1;
  },
});

/** Everything under way, looked at once. */
async function lookOnce(looks: Acknowledgements, ...requests: readonly Unheard[]): Promise<void> {
  looks.look({ forEach: (act) => requests.forEach((unheard) => act({ unheard })) });
  await new Promise((resolve) => setImmediate(resolve));
}

test('the system is asked for nothing while no request has been silent for a fifth of the time', async () => {
  let reads = 0;
  const looks = new Acknowledgements({
    rules: { connectionCheckSeconds: 15 },
    onDead: () => undefined,
    read: () => {
      reads += 1;
      return Promise.resolve(new Map());
    },
  });
  await lookOnce(looks, silent(2_999), silent(10));
  assert.is(reads, 0);
  const unknown = silent(3_000);
  await lookOnce(looks, unknown, silent(2_999));
  assert.is(reads, 1);
  assert.ok(unknown.isTaken, 'one of which the system knows nothing is not asked about again');
  assert.is(unknown.ended, 0);
});

for (const [code, reads] of [
  ['ENOENT', 1],
  ['EACCES', 1],
  ['EMFILE', 2],
] as const) {
  test(`where the system says ${code} it is asked ${reads === 1 ? 'never again' : 'again'}, and nothing is ended`, async () => {
    let asked = 0;
    const looks = new Acknowledgements({
      rules: { connectionCheckSeconds: 15 },
      onDead: () => assert.unreachable(),
      read: () => {
        asked += 1;
        return Promise.reject(Object.assign(new Error(code), { code }));
      },
    });
    const request = silent(60_000);
    await lookOnce(looks, request);
    await lookOnce(looks, request);
    assert.equal([asked, request.ended], [reads, 0]);
  });
}

test.run();
