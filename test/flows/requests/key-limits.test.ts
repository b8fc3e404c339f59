/** Fifty clients at once against each limit of a key, on the whole program, and what the SDKs make of the refusal. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KeyRules } from '../../../src/proxy/contract/operations.js';
import { dayOf } from '../../../src/store/usage/usage-line.js';
import { setClock } from '../../support/clock.js';
import { saysText } from '../../support/gemini-server.js';
import type { Google } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';
import { withTranslatedHouse } from '../../support/translated-house.js';

const test = suite('limits of client keys');
const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0anna' };
const prepare = (google: Google): void => google.grant(anna.refreshToken, { email: anna.email });
const CLIENTS = 50;
const ZONE = process.env.TZ;

function useZone(zone: string | undefined): void {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
}
test.after.each(() => useZone(ZONE));

async function keyWith(house: House, rules: KeyRules): Promise<string> {
  return (await house.supervisor.operations.addKey('ci', rules)).key ?? '';
}

async function ask(house: House, key: string) {
  const response = await fetch(`http://${house.supervisor.address}/v1beta/models/gemini-3-flash:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': key },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
  });
  await response.arrayBuffer();
  return { status: response.status, retryAfter: Number(response.headers.get('retry-after') ?? NaN) };
}

const all = (house: House, key: string, count = CLIENTS) =>
  Promise.all(Array.from({ length: count }, () => ask(house, key)));
const good = (answers: readonly { status: number }[]): number => answers.filter(({ status }) => status === 200).length;

const tokensUsed = async (house: House): Promise<number> => {
  const [row] = (await house.supervisor.operations.keys()).filter(({ name }) => name === 'ci');
  return row?.tokensToday ?? NaN;
};

test('requests a minute: as many as the limit, over a restart too, and again when the time is over', () => {
  const clock = setClock(Date.UTC(2026, 10, 30, 6, 0, 10));
  return withHouse({ accounts: [anna], prepare, clock }, async (house) => {
    const key = await keyWith(house, { requestsPerMinute: 20 });
    const first = await all(house, key, 15);
    assert.is(good(first), 15);
    await house.stop();
    await house.start();
    const second = await all(house, key);
    assert.is(good(second), 5);
    assert.ok(second.every(({ status, retryAfter }) => status === 200 || (status === 429 && retryAfter === 50)));
    clock.advance(50_000);
    assert.is(good(await all(house, key)), 20);
    assert.is(house.google.generated().length, 40);
  });
});

test('requests at the same time: never more at Google, and each that ends lets another in', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const key = await keyWith(house, { maxInFlight: 7 });
    let goOn = (): void => undefined;
    const held = new Promise<undefined>((resolve) => (goOn = () => resolve(undefined)));
    house.google.upstream(() => held);
    const rush = Array.from({ length: CLIENTS }, () => ask(house, key));
    await new Promise<void>((resolve) => {
      let refused = 0;
      for (const one of rush) void one.then(({ status }) => status === 429 && ++refused === CLIENTS - 7 && resolve());
    });
    assert.is(house.google.generated().length, 7);
    assert.equal(await ask(house, key), { status: 429, retryAfter: 1 });
    goOn();
    assert.is(good(await Promise.all(rush)), 7);
    house.google.upstream(null);
    assert.is(good(await all(house, key, 7)), 7);
  }));

/** A limit of tokens, and a moment in a zone; what comes next of day and month begins so many hours later. */
const periods = [
  { limit: 'tokensPerDay', zone: ZONE, from: [2026, 10, 30, 22], hours: 2 },
  { limit: 'tokensPerMonth', zone: ZONE, from: [2026, 10, 29, 22], hours: 26 },
  { limit: 'tokensPerDay', zone: 'Europe/Berlin', from: [2026, 2, 29, 1], hours: 22 },
  { limit: 'tokensPerDay', zone: 'Europe/Berlin', from: [2026, 9, 25, 1], hours: 24 },
  { limit: 'tokensPerMonth', zone: 'Europe/Berlin', from: [2026, 2, 28, 23], hours: 72 },
] as const;

for (const { limit, zone, from, hours } of periods) {
  test(`${limit}: not more than the limit and what was under way when it was reached, over a restart, until ${hours} h later (${zone ?? 'here'}, ${from.join('-')})`, () => {
    useZone(zone);
    const [year, month, day, hour] = from;
    const clock = setClock(new Date(year, month, day, hour).getTime());
    return withHouse({ accounts: [anna], prepare, clock }, async (house) => {
      const key = await keyWith(house, {});
      await ask(house, key);
      const each = await tokensUsed(house);
      assert.ok(each > 0);
      await house.supervisor.operations.setKey('ci', { [limit]: 10 * each });
      for (let client = 0; client < 4; client++) await all(house, key, 2);
      assert.is(await tokensUsed(house), 9 * each);
      const rush = await all(house, key);
      const used = await tokensUsed(house);
      assert.ok(good(rush) >= 1 && used === (9 + good(rush)) * each, `${good(rush)} served, ${used} tokens`);
      await house.stop();
      await house.start();
      const refused = await all(house, key);
      assert.is(good(refused), 0);
      assert.ok(refused.every(({ retryAfter }) => retryAfter === hours * 3_600));
      clock.sleep(hours * 3_600_000 - 1);
      house.google.expireAccess();
      assert.is((await ask(house, key)).status, 429);
      clock.advance(1);
      assert.is((await ask(house, key)).status, 200);
      const days = await house.supervisor.operations.usage('2000-01-01', '2100-01-01', ['day', 'key']);
      const served = days.map(({ day: name, requests, failed }) => [name, requests - failed]);
      assert.equal(
        [served[0], served.at(-1)],
        [
          [dayOf(new Date(year, month, day).getTime()), 9 + good(rush)],
          [dayOf(clock.now()), 1],
        ],
      );
    });
  });
}

test('the refusal is in the words of each protocol, and of the error class of each SDK', () =>
  withTranslatedHouse(
    () => saysText('Hello.'),
    async ({ house, url, gemini }) => {
      const key = await keyWith(house, { tokensPerDay: 1 });
      const openai = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
      const anthropic = new Anthropic({ apiKey: key, authToken: null, baseURL: url, maxRetries: 0 });
      const messages = [{ role: 'user' as const, content: 'hi' }];
      await openai.chat.completions.create({ model: 'gpt-5', messages });
      const before = gemini.calls.length;
      const errors = await Promise.all([
        openai.chat.completions.create({ model: 'gpt-5', messages }).catch((error: unknown) => error),
        openai.responses.create({ model: 'gpt-5', input: 'hi' }).catch((error: unknown) => error),
        anthropic.messages
          .create({ model: 'claude-sonnet-4-5', max_tokens: 9, messages })
          .catch((error: unknown) => error),
      ]);
      const [chat, responses, claude] = errors;
      for (const error of [chat, responses]) {
        assert.ok(error instanceof OpenAI.RateLimitError);
        assert.equal([error.code, error.type], ['rate_limit_exceeded', 'rate_limit_error']);
        assert.ok(Number(error.headers.get('retry-after')) > 0);
      }
      assert.ok(claude instanceof Anthropic.RateLimitError);
      assert.match(claude.message, /rate_limit_error.*tokens a day/);
      const wait = Number(claude.headers.get('retry-after'));
      // The SDKs would sleep until then otherwise.
      assert.is(claude.headers.get('x-should-retry'), wait > 60 ? 'false' : null);
      assert.is(gemini.calls.length, before);
    },
  ));

test.run();
