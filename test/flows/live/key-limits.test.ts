/** A Live session and the key that opened it: counted, limited, and ended with it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withHouse, type House } from '../../support/house.js';
import { seeded } from '../../support/random.js';
import { LiveClient, refusedWith, type LiveService, withLiveService } from '../../support/live.js';

const account = { id: 'a1', email: 'a1@example.com', accessToken: 'ya29.live-a1', accessEndsIn: 3_000 };
const setup = (model: string): string => JSON.stringify({ setup: { model: `models/${model}` } });
const usage = { promptTokenCount: 30, cachedContentTokenCount: 10, responseTokenCount: 7, thoughtsTokenCount: 3 };

/** The whole program in front of a Live service that answers each message with what a turn used. */
const withKeys = (
  use: (house: House, service: LiveService) => Promise<void>,
  models: Readonly<Record<string, unknown>> = {},
): Promise<void> =>
  withLiveService(async (service) => {
    service.session = (socket) =>
      socket.on('message', () => socket.send(JSON.stringify({ usageMetadata: { ...usage, totalTokenCount: 40 } })));
    const settings = { upstream: { kind: 'gemini', baseUrls: [service.url] }, proxy: { authMode: 'strict' }, models };
    await withHouse({ accounts: [account], settings }, (house) => use(house, service));
  });

async function keyOf(house: House, name: string, rules: Parameters<House['supervisor']['operations']['addKey']>[1]) {
  const { key, text } = await house.supervisor.operations.addKey(name, rules);
  if (key === null) throw new Error(text);
  return key;
}

const open = (house: House, key: string): LiveClient => {
  const [host = '', port = ''] = house.supervisor.address.split(':');
  return new LiveClient({ host, port: Number(port) }, undefined, { 'x-goog-api-key': key });
};

test('a key with one request in flight has one session, and the next once that has ended', () =>
  withKeys(async (house) => {
    const key = await keyOf(house, 'one', { maxInFlight: 1 });
    const first = open(house, key);
    await first.opened;
    assert.is(await refusedWith(open(house, key)), 429);
    first.socket.close();
    await first.closed;
    await house.until(() => house.supervisor.inFlight() === 0);
    const second = open(house, key);
    await second.opened;
    second.socket.close();
    await second.closed;
  }));

test('a session is one row in flight: its age, key, account, model and bytes', () =>
  withKeys(async (house) => {
    const client = open(house, await keyOf(house, 'talks', {}));
    await client.opened;
    client.socket.send(setup('gemini-live'));
    await client.received(1);
    const { total, rows } = await house.supervisor.operations.flight();
    const [row] = rows;
    assert.equal(
      [total, rows.length, row?.kind, row?.key, row?.account, row?.model, row?.protocol],
      [1, 1, 'live', 'talks', 'a1@example.com', 'gemini-live', 'gemini'],
    );
    assert.ok((row?.bytes ?? 0) > 40, 'the message that it was sent');
    assert.ok((row?.ageMs ?? -1) >= 0);
    client.socket.close();
    await client.closed;
    await house.until(() => house.supervisor.inFlight() === 0);
    assert.equal(await house.supervisor.operations.flight(), { total: 0, rows: [] });
  }));

test('a session counts among the requests of a minute', () =>
  withKeys(async (house) => {
    const key = await keyOf(house, 'slow', { requestsPerMinute: 2 });
    for (let n = 0; n < 2; n++) {
      const client = open(house, key);
      await client.opened;
      client.socket.close();
      await client.closed;
    }
    assert.is(await refusedWith(open(house, key)), 429);
  }));

test('what its turns used counts for the key: by kind in the usage, and for its tokens of a day', () =>
  withKeys(async (house) => {
    const key = await keyOf(house, 'few', { tokensPerDay: 45 });
    const client = open(house, key);
    await client.opened;
    client.socket.send(setup('gemini-live'));
    client.socket.send('{"clientContent":{}}');
    await client.received(2);
    client.socket.close();
    await client.closed;
    await house.until(() => house.supervisor.inFlight() === 0);
    const today = new Date();
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()]
      .map((part) => String(part).padStart(2, '0'))
      .join('-');
    const [sum] = await house.supervisor.operations.usage(day, day, ['key', 'model']);
    assert.equal([sum?.model, sum?.in, sum?.cached, sum?.out, sum?.thoughts], ['gemini-live', 40, 20, 14, 6]);
    assert.is(await refusedWith(open(house, key)), 429);
  }));

test('the sums of many sessions are what the service said, whoever ends them and however', () =>
  withKeys(
    async (house, service) => {
      const random = seeded(11);
      const said = new Map<string, number[]>();
      const book = (id: string, counts: readonly number[]): void => {
        const sums = said.get(id) ?? [0, 0, 0, 0, 0];
        said.set(
          id,
          sums.map((sum, at) => sum + (counts[at] ?? 0)),
        );
      };
      service.session = (socket) =>
        socket.on('message', (data: Buffer) => {
          const told = data.toString();
          if (told.startsWith('{"setup"')) socket.send(random(2) === 0 ? Buffer.alloc(70_000, 0x22) : '{}');
          else socket.send(told);
        });
      const keys = [
        { name: 'one', key: await keyOf(house, 'one', {}) },
        { name: 'two', key: await keyOf(house, 'two', {}) },
      ];
      const session = async (number: number): Promise<void> => {
        const { name, key } = keys[number % 2] ?? { name: '', key: '' };
        const [asked, model] = number % 3 === 0 ? ['talk', 'gemini-live-2.5'] : ['gemini-live', 'gemini-live'];
        const client = open(house, key);
        await client.opened;
        client.socket.send(setup(asked));
        book(`${name} ${model}`, [1]);
        const turns = random(5);
        for (let turn = 0; turn < turns; turn++) {
          const [prompt, cached, out, thoughts] = [50 + random(900), random(50), random(99), random(30)];
          const counts = { promptTokenCount: prompt, cachedContentTokenCount: cached, responseTokenCount: out };
          const usageMetadata = { ...counts, thoughtsTokenCount: thoughts, totalTokenCount: prompt + out + thoughts };
          client.socket.send(JSON.stringify({ serverContent: { turnComplete: true }, usageMetadata }));
          book(`${name} ${model}`, [0, prompt - cached, cached, out, thoughts]);
        }
        await client.received(1 + turns);
        if (number % 4 === 0) client.socket.terminate();
        else client.socket.close();
        await client.closed;
      };
      for (let at = 0; at < 40; at += 8) await Promise.all(Array.from({ length: 8 }, (_, n) => session(at + n)));
      await house.until(() => house.supervisor.inFlight() === 0);
      const counted = await house.supervisor.operations.usage('2000-01-01', '2100-01-01', ['key', 'model']);
      const sums = counted.map((sum) => [
        `${sum.key ?? ''} ${sum.model ?? ''}`,
        [sum.requests, sum.in, sum.cached, sum.out, sum.thoughts],
      ]);
      assert.equal(Object.fromEntries(sums), Object.fromEntries(said));
    },
    { aliases: { talk: 'gemini-live-2.5' } },
  ));

/** Models that a key may use, the one that a setup names, and whether the session goes on. */
const rules: readonly (readonly [allowed: readonly string[], named: string, goesOn: boolean])[] = [
  [[], 'gemini-live', true],
  [['gemini-live*'], 'gemini-live-2.5', true],
  [['gemini-2*'], 'gemini-live-2.5', false],
  [['gemini-2*'], 'x'.repeat(150), false],
];

for (const [allowed, named, goesOn] of rules) {
  test(`a key for ${allowed.join() || 'every model'} ${goesOn ? 'may' : 'may not'} set a session up with ${named.slice(0, 20)}`, () =>
    withKeys(async (house, service) => {
      let heard = 0;
      const answer = service.session;
      service.session = (socket, request) => {
        socket.on('message', () => (heard += 1));
        answer(socket, request);
      };
      const client = open(house, await keyOf(house, 'some', { models: [...allowed] }));
      await client.opened;
      client.socket.send(setup(named));
      if (goesOn) {
        await client.received(1);
        client.socket.close();
      }
      const { code, reason } = await client.closed;
      assert.is(code, goesOn ? 1_005 : 1_008);
      if (!goesOn) assert.match(reason, /may not use the model/);
      assert.is(heard, goesOn ? 1 : 0, 'the upstream hears nothing of it');
    }));
}

test('an alias in a setup is the model that it means, in one frame or in several, and a hidden one ends the session', () =>
  withKeys(
    async (house, service) => {
      const heard: string[] = [];
      const answer = service.session;
      service.session = (socket, request) => {
        socket.on('message', (data: Buffer) => heard.push(data.toString()));
        answer(socket, request);
      };
      const key = await keyOf(house, 'some', { models: ['gemini-live-*'] });
      for (const cut of [0, 9, 30]) {
        const client = open(house, key);
        await client.opened;
        const said = setup('talk');
        if (cut > 0) {
          client.socket.send(said.slice(0, cut), { fin: false });
          client.socket.ping();
        }
        client.socket.send(said.slice(cut));
        client.socket.send('{"more":"models/talk"}');
        await client.received(2);
        client.socket.close();
        await client.closed;
        assert.equal(heard.splice(0), [setup('gemini-live-2.5'), '{"more":"models/talk"}']);
      }
      await house.until(() => house.supervisor.inFlight() === 0);
      const hidden = open(house, key);
      await hidden.opened;
      hidden.socket.send(setup('gemini-live-1'));
      const { code, reason } = await hidden.closed;
      assert.equal([code, reason.includes('models/gemini-live-1 is not served here')], [1_008, true]);
      assert.equal(heard, []);
    },
    { aliases: { talk: 'gemini-live-2.5' }, hidden: ['gemini-live-1'] },
  ));

test('a key that is revoked takes its sessions with it within a second', () =>
  withKeys(async (house) => {
    const client = open(house, await keyOf(house, 'gone', {}));
    await client.opened;
    const began = performance.now();
    await house.supervisor.operations.revokeKey('gone');
    await client.closed;
    assert.ok(performance.now() - began < 1_500);
  }));

test.run();
