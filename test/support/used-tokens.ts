/**
 * Requests of every protocol and packing in front of an upstream that keeps a book of what it said was used: with
 * failovers, answers that are cut off, clients that leave, and answers that say nothing of it.
 */
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import type { Google } from './google.js';
import { API_KEY, type House, withHouse } from './house.js';
import { withUpstream } from './proxy.js';
import { type Random, seeded } from './random.js';

const ids = ['a0', 'a1', 'a2', 'a3'];
const models = ['gemini-3-flash', 'gemini-2.5-pro'];
const packings = ['identity', 'gzip', 'deflate', 'br'] as const;
const AT_ONCE = 24;

/** What clients ask, and how the upstream's answer is put. */
const asked = {
  generate: { protocol: 'gemini', streams: false },
  events: { protocol: 'gemini', streams: true },
  list: { protocol: 'gemini', streams: true },
  interaction: { protocol: 'gemini', streams: false },
  count: { protocol: 'gemini', streams: false },
  chat: { protocol: 'openai-chat', streams: false },
  chatEvents: { protocol: 'openai-chat', streams: true },
  responses: { protocol: 'openai-responses', streams: false },
  responsesEvents: { protocol: 'openai-responses', streams: true },
  messages: { protocol: 'anthropic', streams: false },
  messagesEvents: { protocol: 'anthropic', streams: true },
} as const;
type Asked = keyof typeof asked;
const kinds = Object.keys(asked) as Asked[];

/** What becomes of a request. */
const fates = ['good', 'good', 'good', 'failover', 'refused', 'unsaid', 'cut', 'left', 'empty'] as const;
type Fate = (typeof fates)[number];

interface Plan {
  readonly number: number;
  readonly kind: Asked;
  readonly packing: (typeof packings)[number];
  readonly fate: Fate;
  readonly model: string;
  readonly key: string;
  /** Accounts that fail before one answers. */
  readonly failing: number;
  /** Of each event, of which a whole answer has the last; the first says nothing where it is null. */
  readonly counts: readonly (Counts | null)[];
}

interface Counts {
  readonly prompt: number;
  readonly cached: number;
  readonly out: number;
  readonly thoughts: number;
  readonly toolUse: number;
}

const columns = ['requests', 'failed', 'in', 'cached', 'out', 'thoughts', 'unread'] as const;
type Used = Record<(typeof columns)[number], number>;

/** What was said to be used, and what regrant counted otherwise. */
export interface UsedFigures {
  readonly requests: number;
  readonly tokens: number;
  readonly unread: number;
  readonly failovers: number;
  readonly cut: number;
  readonly left: number;
  /** Empty answers that clients did not get. */
  readonly empty: number;
  /** `upstream's figure, regrant's` of each line that differs; empty: none does. */
  readonly differences: readonly string[];
}

class Ledger {
  failovers = 0;
  cut = 0;
  left = 0;
  empty = 0;
  /** The e-mail of the account that has a token. */
  accountOf: (authorization: string) => string = () => '';
  private readonly attempts = new Map<number, number>();
  private readonly lines = new Map<string, Used>();

  /** How often a plan's request had been sent here before. */
  attempt({ number }: Plan): number {
    const before = this.attempts.get(number) ?? 0;
    this.attempts.set(number, before + 1);
    return before;
  }

  private lineOf({ kind, model, key }: Plan, account: string): Used {
    const id = [account, model, key, asked[kind].protocol].join(' ');
    const none = { requests: 0, failed: 0, in: 0, cached: 0, out: 0, thoughts: 0, unread: 0 };
    const line = this.lines.get(id) ?? none;
    this.lines.set(id, line);
    return line;
  }

  /** Books an answer that no client gets. */
  spend(plan: Plan, account: string, said: Counts): void {
    this.empty += 1;
    addTo(this.lineOf(plan, account), said);
  }

  /** Books the answer that went to the client. */
  book(plan: Plan, account: string, said: Counts | null): void {
    const { kind, fate } = plan;
    const line = this.lineOf(plan, account);
    line.requests += 1;
    if (fate === 'cut') this.cut += 1;
    if (fate === 'left') this.left += 1;
    if (fate === 'refused' || fate === 'cut') line.failed += 1;
    if (fate === 'refused' || kind === 'count') return;
    if (said === null) line.unread += 1;
    else addTo(line, said);
  }

  sum(column: keyof Used): number {
    return [...this.lines.values()].reduce((all, line) => all + line[column], 0);
  }

  /** @param counted - what regrant counted, by the same names */
  differences(counted: ReadonlyMap<string, string>): readonly string[] {
    const mine = new Map([...this.lines].map(([id, line]) => [id, textOf(line)]));
    return [...new Set([...mine.keys(), ...counted.keys()])]
      .filter((id) => mine.get(id) !== counted.get(id))
      .map((id) => `${id}: ${mine.get(id) ?? 'nothing'}; counted: ${counted.get(id) ?? 'nothing'}`);
  }
}

function addTo(line: Used, said: Counts): void {
  line.in += said.prompt + said.toolUse - said.cached;
  line.cached += said.cached;
  line.out += said.out;
  line.thoughts += said.thoughts;
}

/** @returns what the upstream said, beside what regrant counted of this many requests */
export async function usedTokens(requests: number, seed: number): Promise<UsedFigures> {
  const random = seeded(seed);
  const plans = new Map<number, Plan>();
  const ledger = new Ledger();
  const counted = new Map<string, string>();
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void answer(request, response, plans, ledger);
  await withUpstream(listener, ({ url }) =>
    withHouse(optionsOf(url), async (house) => {
      ledger.accountOf = emailsBy(house);
      const client = new Client(house, await keysOf(house));
      let next = 0;
      const one = async (): Promise<void> => {
        while (next < requests) {
          const plan = planOf(next++, random);
          plans.set(plan.number, plan);
          await client.ask(plan);
          plans.delete(plan.number);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
      client.close();
      await house.until(() => house.supervisor.inFlight() === 0);
      const names = ['account', 'model', 'key', 'protocol'] as const;
      for (const sum of await house.supervisor.operations.usage('2000-01-01', '2100-01-01', names))
        counted.set(names.map((name) => sum[name]).join(' '), textOf(sum));
    }),
  );
  const tokens = (['in', 'cached', 'out', 'thoughts'] as const).reduce((all, column) => all + ledger.sum(column), 0);
  return {
    ...{ requests: ledger.sum('requests'), tokens, unread: ledger.sum('unread'), failovers: ledger.failovers },
    ...{ cut: ledger.cut, left: ledger.left, empty: ledger.empty, differences: ledger.differences(counted) },
  };
}

const textOf = (line: Used): string => columns.map((column) => `${column} ${line[column]}`).join(', ');

/** Whose a token is, also one that was replaced meanwhile. */
function emailsBy(house: House): (authorization: string) => string {
  const emails = new Map<string, string>();
  return (authorization) => {
    for (const { account } of house.store.accounts.list())
      if (account !== null) emails.set(`Bearer ${account.accessToken}`, account.email);
    return emails.get(authorization) ?? '';
  };
}

const optionsOf = (url: string) => ({
  accounts: ids.map((id) => ({
    ...{ id, email: `${id}@example.com`, refreshToken: `1//0grant-of-${id}` },
    ...{ accessToken: `ya29.live-${id}`, accessEndsIn: 86_000 },
  })),
  prepare: (google: Google) => {
    for (const id of ids) google.grant(`1//0grant-of-${id}`, { email: `${id}@example.com` });
  },
  settings: {
    upstream: { kind: 'gemini', baseUrls: [url] },
    models: { aliases: { 'other-flash': 'gemini-3-flash', 'other-pro': 'gemini-2.5-pro' } },
  },
});

async function keysOf(house: House): Promise<ReadonlyMap<string, string>> {
  const { key } = await house.supervisor.operations.addKey('ci', {});
  return new Map([
    ['default', API_KEY],
    ['ci', key ?? ''],
  ]);
}

function planOf(number: number, random: Random): Plan {
  const kind = kinds[number % kinds.length] ?? 'generate';
  const rolled = fates[random(fates.length)] ?? 'good';
  const isOfStreams = rolled === 'cut' || rolled === 'left';
  let counts: Counts = { prompt: 50 + random(9_000), cached: random(50), out: 0, thoughts: 0, toolUse: random(3) * 7 };
  const growing = Array.from({ length: 2 + random(4) }, () => {
    counts = { ...counts, out: counts.out + random(99), thoughts: counts.thoughts + random(30) };
    return counts;
  });
  const isLate = random(3) === 0;
  return {
    ...{ number, kind, packing: packings[random(packings.length)] ?? 'identity' },
    fate: isOfStreams && !asked[kind].streams ? 'good' : rolled,
    model: models[random(models.length)] ?? '',
    key: random(2) === 0 ? 'default' : 'ci',
    // Google's own protocol passes an empty answer as it is
    failing: rolled === 'empty' && asked[kind].protocol !== 'gemini' ? 1 : rolled === 'failover' ? 1 + random(2) : 0,
    counts: growing.map((each, at) => (rolled === 'unsaid' || (isLate && at === 0) ? null : each)),
  };
}

/** Answers a call as it is planned, and books what the client's answer said. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  plans: ReadonlyMap<number, Plan>,
  ledger: Ledger,
): Promise<void> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  const plan = plans.get(Number(/plan (\d+)/.exec(Buffer.concat(chunks).toString())?.[1]));
  const account = ledger.accountOf(request.headers.authorization ?? '');
  if (plan === undefined) throw new Error('an unknown call');
  const json = (status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const attempt = ledger.attempt(plan);
  const isStream = (request.url ?? '').includes('streamGenerateContent');
  if (attempt < plan.failing && plan.fate === 'empty') {
    const said = plan.counts.find((each) => each !== null) ?? null;
    if (said !== null) ledger.spend(plan, account, said);
    await send(plan, emptyOf(said, isStream), { request, response });
    return;
  }
  if (attempt < plan.failing) {
    ledger.failovers += 1;
    if ((plan.number + attempt) % 3 === 0) response.destroy();
    else json(503, { error: { code: 503, status: 'UNAVAILABLE', message: 'simulated' } });
    return;
  }
  if (plan.fate === 'refused') {
    ledger.book(plan, account, null);
    json(400, { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'simulated' } });
    return;
  }
  const sent = plan.fate === 'left' ? 1 : plan.fate === 'cut' ? plan.counts.length - 1 : plan.counts.length;
  const said = plan.counts.slice(0, sent).findLast((each) => each !== null) ?? null;
  ledger.book(plan, account, said);
  await send(plan, bodyOf(plan, isStream, sent), { request, response });
}

/** The whole of an answer, or its beginning. */
function bodyOf(plan: Plan, isStream: boolean, sent: number): string {
  const { kind, counts } = plan;
  if (kind === 'count') return JSON.stringify({ totalTokens: 9 });
  if (kind === 'interaction')
    return JSON.stringify({ id: `i-${plan.number}`, status: 'completed', usage: interactionUsage(counts.at(-1)) });
  if (!isStream) return JSON.stringify(eventOf('all of it', counts.at(-1), true), null, 2);
  const events = counts
    .slice(0, sent)
    .map((each, at) => JSON.stringify(eventOf(`word ${at} `, each, at === counts.length - 1)));
  if (kind !== 'list') return events.map((event) => `data: ${event}\r\n\r\n`).join('');
  return `[${events.join('\n,\r\n')}${sent === counts.length ? '\n]\n' : ''}`;
}

/** An answer without content, which says what it used all the same. */
function emptyOf(counts: Counts | null, isStream: boolean): string {
  const { usageMetadata } = eventOf('', counts, true);
  const event = JSON.stringify({ candidates: [{ index: 0, finishReason: 'STOP' }], usageMetadata });
  return isStream ? `data: ${event}\r\n\r\n` : event;
}

const eventOf = (text: string, counts: Counts | null | undefined, isLast: boolean) => ({
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...(isLast && { finishReason: 'STOP' }) }],
  ...(counts && {
    usageMetadata: {
      ...{ promptTokenCount: counts.prompt, cachedContentTokenCount: counts.cached },
      ...{ candidatesTokenCount: counts.out, thoughtsTokenCount: counts.thoughts },
      ...(counts.toolUse > 0 && { toolUsePromptTokenCount: counts.toolUse }),
      totalTokenCount: counts.prompt + counts.toolUse + counts.out + counts.thoughts,
    },
  }),
  modelVersion: 'gemini-simulated',
});

const interactionUsage = (counts: Counts | null | undefined) =>
  counts
    ? {
        ...{ total_input_tokens: counts.prompt, total_cached_tokens: counts.cached, total_output_tokens: counts.out },
        ...{ total_thought_tokens: counts.thoughts, total_tool_use_tokens: counts.toolUse },
        total_tokens: counts.prompt + counts.toolUse + counts.out + counts.thoughts,
      }
    : undefined;

/** Sends it as the client can unpack it, in pieces; an answer that is not whole is flushed, and then cut or held. */
async function send(
  { packing, fate }: Plan,
  body: string,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const isWhole = fate !== 'cut' && fate !== 'left';
  const canUnpack = request.headers['accept-encoding']?.includes(packing) === true;
  const isStream = body.startsWith('data:');
  response.writeHead(200, {
    'content-type': isStream ? 'text/event-stream' : 'application/json; charset=UTF-8',
    ...(canUnpack && packing !== 'identity' && { 'content-encoding': packing }),
  });
  const bytes = canUnpack ? packed(Buffer.from(body), packing, isWhole) : Buffer.from(body);
  const half = isWhole ? bytes.length >> 1 : 0;
  if (half > 0) response.write(bytes.subarray(0, half));
  if (half > 0) await new Promise((resolve) => setImmediate(resolve));
  if (isWhole) response.end(bytes.subarray(half));
  else response.write(bytes, () => fate === 'cut' && response.destroy());
}

function packed(body: Buffer, packing: Plan['packing'], isWhole: boolean): Buffer {
  const flush = isWhole ? {} : { finishFlush: constants.Z_SYNC_FLUSH };
  if (packing === 'gzip') return gzipSync(body, flush);
  if (packing === 'deflate') return deflateSync(body, flush);
  if (packing === 'br')
    return brotliCompressSync(body, isWhole ? {} : { finishFlush: constants.BROTLI_OPERATION_FLUSH });
  return body;
}

class Client {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

  constructor(
    private readonly house: House,
    private readonly keys: ReadonlyMap<string, string>,
  ) {}

  close(): void {
    this.agent.destroy();
  }

  /** Resolves when the answer is whole, broken off, or left. */
  ask(plan: Plan): Promise<void> {
    const [host, port] = this.house.supervisor.address.split(':');
    const { path, headers, body } = requestOf(plan, this.keys.get(plan.key) ?? '');
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          host,
          port,
          path,
          method: 'POST',
          agent: this.agent,
          headers: { 'content-type': 'application/json', ...headers },
        },
        (response) => {
          response.on('data', () => {
            if (plan.fate === 'left') response.destroy();
          });
          response.on('error', () => undefined);
          response.on('close', resolve);
        },
      );
      request.on('error', (error) => (plan.fate === 'left' || plan.fate === 'cut' ? resolve() : reject(error)));
      request.end(JSON.stringify(body));
    });
  }
}

function requestOf({ number, kind, packing, model }: Plan, key: string) {
  const text = `plan ${number}`;
  const { protocol, streams: stream } = asked[kind];
  const other = model === 'gemini-3-flash' ? 'other-flash' : 'other-pro';
  const messages = [{ role: 'user', content: text }];
  const accept = { 'accept-encoding': packing };
  if (protocol === 'openai-chat' || protocol === 'openai-responses') {
    const headers = { ...accept, authorization: `Bearer ${key}` };
    if (protocol === 'openai-chat')
      return { path: '/v1/chat/completions', headers, body: { model: other, messages, stream } };
    return { path: '/v1/responses', headers, body: { model: other, input: text, stream } };
  }
  if (protocol === 'anthropic') {
    const headers = { ...accept, 'x-api-key': key, 'anthropic-version': '2023-06-01' };
    return { path: '/v1/messages', headers, body: { model: other, max_tokens: 99, messages, stream } };
  }
  const headers = { ...accept, 'x-goog-api-key': key };
  if (kind === 'interaction') return { path: '/v1beta/interactions', headers, body: { model, input: text } };
  const method = {
    generate: 'generateContent',
    count: 'countTokens',
    events: 'streamGenerateContent?alt=sse',
    list: 'streamGenerateContent',
  }[kind as 'generate'];
  return {
    path: `/v1beta/models/${model}:${method}`,
    headers,
    body: { contents: [{ role: 'user', parts: [{ text }] }] },
  };
}
