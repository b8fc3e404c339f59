/**
 * An hour on a clock that the test moves: twenty accounts of seven projects, twelve clients with five models and every
 * method of Google's SDK, and an upstream on which everything happens that the table of answers knows.
 */
import type { ServerResponse } from 'node:http';
import type { RestCause } from '../../src/proxy/answers/causes.js';
import { setClock } from './clock.js';
import { ask, type Asked, googleFailure, type Proxied, reply, type UpstreamCall, withProxy, API_KEY } from './proxy.js';
import { type Random, seeded } from './random.js';
import { badKinds, type FactKind, factKinds, throughHolds, Truth } from './truth.js';

const ACCOUNTS = 20;
const PROJECTS = 7;
const CLIENTS = 12;
/** How often each client asks. */
const TICK_MS = 2_000;
const TICKS_AN_HOUR = 3_600_000 / TICK_MS;
/** Ticks between two things that go wrong. */
const TROUBLE_EVERY = 15;
const models = ['gemini-3-pro', 'gemini-3-flash', 'gemini-2.5-pro', 'gemini-2.5-flash', 'imagen-4'];
const ids = Array.from({ length: ACCOUNTS }, (_, at) => `a${at}`);
const projectOf = (id: string): string => `p${Number(id.slice(1)) % PROJECTS}`;

/** These accounts are well for the whole hour, one of each project, and so are the projects of the first four of them. */
const WELL = PROJECTS;
const TROUBLED_PROJECTS = [4, 5, 6];
const ofProject: ReadonlySet<FactKind> = new Set(['service_off', 'daily', 'minute', 'denied', 'billing']);

export interface HourFigures {
  readonly requests: number;
  /** Requests that are bad by themselves: theirs is the refusal. */
  readonly bad: number;
  /** Those of the others that were not answered with a success, though an account that is well could have. */
  readonly failed: readonly string[];
  /**
   * Requests that met a passing trouble of the upstream at each of `proxy.maxTries` accounts, or at the one that is well of
   * those that see what they name: an account that is well would not have helped them.
   */
  readonly unlucky: number;
  /** Calls of the upstream for requests that are not bad by themselves, without those that met a passing trouble of the upstream. */
  readonly calls: number;
  /** A call for each of those requests. */
  readonly least: number;
  /** Passing troubles of the upstream. */
  readonly troubles: number;
  readonly rests: ReadonlyMap<RestCause, number>;
}

/** Tells the upstream which request a call is for. */
const NUMBER = 'x-number';
const MAX_TRIES = 3;

/** What one account gets, whatever it is asked. */
interface Odd {
  readonly account: string;
  readonly until: number;
  readonly answer: readonly [status: number, body: unknown];
}

const oddAnswers = [
  [401, googleFailure(401, 'UNAUTHENTICATED')],
  [404, { error: { code: 404, status: 'NOT_FOUND', message: 'Project projects/lost-1 was not found.' } }],
] as const;

class Upstream {
  calls = 0;
  troubles = 0;
  pool: Proxied['pool'] | null = null;
  odd: Odd | null = null;
  /** Number of a request → the accounts as which it met a passing trouble. */
  readonly met = new Map<string, Set<string>>();
  /** Which project a stored thing lies in. */
  readonly homes = new Map<string, string>();
  private made = 0;

  constructor(
    readonly truth: Truth,
    private readonly random: Random,
    private readonly now: () => number,
  ) {}

  answer(call: UpstreamCall, response: ServerResponse): void {
    const member = this.pool?.list().find((one) => call.headers.authorization === `Bearer ${one.accessToken}`);
    const account = member?.id ?? '';
    const isBad = /"bad\w|\/odd:/.test(call.body.toString() + call.url);
    if (!isBad && this.random(100) === 0) {
      this.troubles += 1;
      const asked = String(call.headers[NUMBER]);
      this.met.set(asked, (this.met.get(asked) ?? new Set()).add(account));
      this.trouble(call, response);
      return;
    }
    if (!isBad) this.calls += 1;
    const { odd } = this;
    if (odd?.account === account && odd.until > this.now()) {
      reply(response, ...odd.answer);
      return;
    }
    const [status, body] = this.truth.answer(account, call);
    if (status === 200) this.good(call, projectOf(account), response);
    else reply(response, status, body);
  }

  /** What passes, and is nobody's. */
  private trouble(call: UpstreamCall, response: ServerResponse): void {
    const kind = this.random(4);
    if (kind === 0) response.destroy();
    else if (kind === 1) reply(response, 503, googleFailure(503, 'UNAVAILABLE'));
    else if (kind === 2) {
      const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'MODEL_CAPACITY_EXHAUSTED' };
      reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED', [info]));
    } else if (call.url.includes('alt=sse')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify(googleFailure(503, 'UNAVAILABLE'))}\r\n\r\n`);
    } else reply(response, 200, googleFailure(500, 'INTERNAL'));
  }

  private good(call: UpstreamCall, project: string, response: ServerResponse): void {
    const path = (call.url.split('?')[0] ?? '').replace(/^\/(?:upload\/)?v1beta\//, '');
    const make = makes.find(([of]) => of.test(path));
    const home = this.homes.get(path);
    if (make !== undefined && call.method === 'POST') {
      const name = make[1](++this.made, path);
      this.homes.set(name, project);
      reply(response, 200, make[2](name));
    } else if (home !== undefined && home !== project) {
      reply(response, 403, googleFailure(403, 'PERMISSION_DENIED'));
    } else if (call.url.includes('alt=sse')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\r\n\r\n');
    } else reply(response, 200, home === undefined ? { candidates: [] } : { name: path });
  }
}

/** Paths that make a stored thing, its name, and the answer that says it. */
const makes: readonly (readonly [RegExp, (made: number, path: string) => string, (name: string) => unknown])[] = [
  [/^files$/, (made) => `files/f${made}`, (name) => ({ file: { name } })],
  [/^cachedContents$/, (made) => `cachedContents/c${made}`, (name) => ({ name })],
  [/^fileSearchStores$/, (made) => `fileSearchStores/s${made}`, (name) => ({ name })],
  [/:batchGenerateContent$/, (made) => `batches/b${made}`, (name) => ({ name })],
  [/:predictLongRunning$/, (made, path) => `${path.split(':')[0]}/operations/o${made}`, (name) => ({ name })],
  [/^interactions$/, (made) => `interactions/i${made}`, (name) => ({ id: name.slice('interactions/'.length) })],
];

/** The methods of the SDK that need nothing stored, as requests. */
const methods: readonly ((model: string) => readonly [method: string, path: string, body?: object])[] = [
  (model) => ['POST', `/v1beta/models/${model}:generateContent`, {}],
  (model) => ['POST', `/v1beta/models/${model}:streamGenerateContent?alt=sse`, {}],
  (model) => ['POST', `/v1beta/models/${model}:countTokens`, {}],
  (model) => ['POST', `/v1beta/models/${model}:embedContent`, {}],
  (model) => ['POST', `/v1beta/models/${model}:batchEmbedContents`, {}],
  (model) => ['POST', `/v1beta/models/${model}:predict`, {}],
  (model) => ['POST', `/v1beta/models/${model}:predictLongRunning`, {}],
  (model) => ['POST', `/v1beta/models/${model}:batchGenerateContent`, {}],
  (model) => ['GET', `/v1beta/models/${model}`],
  () => ['GET', '/v1beta/models'],
  () => ['GET', '/v1beta/tunedModels'],
  () => ['POST', '/upload/v1beta/files', {}],
  () => ['GET', '/v1beta/files'],
  (model) => ['POST', '/v1beta/cachedContents', { model: `models/${model}` }],
  () => ['GET', '/v1beta/cachedContents'],
  () => ['POST', '/v1beta/fileSearchStores', {}],
  (model) => ['POST', '/v1beta/interactions', { model, input: 'hi' }],
  () => ['GET', '/v1beta/batches'],
];

/** A request, and whether an account that is well could answer it. */
interface Request {
  readonly asked: Asked;
  readonly isBad: boolean;
  readonly isDue: boolean;
  /** Where it names something stored: the account that sees that and is well for the hour. */
  readonly wellOne: string | null;
}

function requestOf(random: Random, { homes }: Upstream): Request {
  const model = models[random(models.length)] ?? '';
  const headers = { 'x-goog-api-key': API_KEY, 'content-type': 'application/json' };
  const post = (path: string, body: object): Asked => ({ method: 'POST', path, headers, body: JSON.stringify(body) });
  if (random(50) === 0) {
    const bad = badKinds[random(badKinds.length)] ?? 'bad400';
    const path = bad === 'path401' ? '/v1beta/odd:check' : `/v1beta/models/${model}:generateContent`;
    return { asked: post(path, { contents: [], bad }), isBad: true, isDue: false, wellOne: null };
  }
  const stored = [...homes];
  const [name, home] = (random(5) === 0 ? stored[stored.length - 1 - random(Math.min(40, stored.length))] : null) ?? [];
  if (name !== undefined && home !== undefined) {
    const method = random(6) === 0 && name.startsWith('files/') ? 'DELETE' : 'GET';
    if (method === 'DELETE') homes.delete(name);
    const isDue = !TROUBLED_PROJECTS.includes(Number(home.slice(1)));
    return {
      asked: { method, path: `/v1beta/${name}`, headers },
      isBad: false,
      isDue,
      wellOne: home.replace('p', 'a'),
    };
  }
  const [method, path, body] = methods[random(methods.length)]?.(model) ?? ['GET', '/v1beta/models'];
  const asked = body === undefined ? { method, path, headers } : post(path, { contents: [], ...body });
  return { asked, isBad: false, isDue: true, wellOne: null };
}

const numbered = ({ asked }: Request, number: number): Asked => ({
  ...asked,
  headers: { ...(asked.headers as Record<string, string>), [NUMBER]: String(number) },
});

/** @param ticks - of two seconds each */
export async function simulatedHour(seed: number, ticks = TICKS_AN_HOUR): Promise<HourFigures> {
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 11, 32));
  const random = seeded(seed);
  const accounts = ids.map((id) => ({
    ...{ id, refreshToken: `1//0grant-of-${id}`, now: clock.now(), accessEndsIn: 86_000 },
    token: { project_id: projectOf(id) },
  }));
  const truth = new Truth(() => clock.now(), projectOf);
  const upstream = new Upstream(truth, random, () => clock.now());
  const rests = new Map<RestCause, number>();
  const failed: string[] = [];
  let [requests, bad, unlucky] = [0, 0, 0];
  await withProxy(
    { accounts, clock, pool: { waitSeconds: 10 }, proxy: { maxTries: MAX_TRIES } },
    (call, response) => upstream.answer(call, response),
    async (proxied) => {
      upstream.pool = truth.pool = proxied.pool;
      for (const { id, refreshToken } of accounts) proxied.google.grant(refreshToken, { email: `${id}@example.com` });
      proxied.pool.onRest((news) => {
        if (news.kind === 'rested') rests.set(news.rest.cause, (rests.get(news.rest.cause) ?? 0) + 1);
      });
      for (let tick = 0; tick < ticks; tick++) {
        if (tick % TROUBLE_EVERY === 0) beginTrouble(tick / TROUBLE_EVERY, truth, upstream, clock.now(), random);
        const asked = Array.from({ length: CLIENTS }, () => requestOf(random, upstream));
        const got = await throughHolds(
          Promise.all(asked.map((one, at) => ask(proxied, numbered(one, requests + at)))),
          proxied,
          clock,
        );
        asked.forEach((one, at) => {
          if (one.isBad) bad += 1;
          const { status = 0, text = '' } = got[at] ?? {};
          if (!one.isDue || status === 200) return;
          const { method, path } = one.asked;
          const met = upstream.met.get(String(requests + at)) ?? new Set();
          if (met.size >= MAX_TRIES || (one.wellOne !== null && met.has(one.wellOne))) unlucky += 1;
          else failed.push(`tick ${tick}: ${method ?? ''} ${path ?? ''} ${status} ${text.slice(0, 200)}`);
        });
        requests += asked.length;
        upstream.met.clear();
        clock.advance(TICK_MS);
      }
    },
  );
  const { calls, troubles } = upstream;
  return { requests, bad, failed, unlucky, calls, least: requests - bad, troubles, rests };
}

/** The next of all things that can be wrong with an account or a project, on one that is not well for the hour. */
function beginTrouble(number: number, truth: Truth, upstream: Upstream, now: number, random: Random): void {
  const seconds = [5, 45, 300][random(3)] ?? 5;
  const model = models[random(models.length)] ?? '';
  const kind = factKinds[number % (factKinds.length + 1)];
  const account = `a${WELL + random(ACCOUNTS - WELL)}`;
  if (kind === undefined) {
    const answer = oddAnswers[random(oddAnswers.length)] ?? oddAnswers[0];
    upstream.odd = { account, until: now + seconds * 1000, answer };
  } else if (ofProject.has(kind)) {
    truth.begin(kind, `a${TROUBLED_PROJECTS[random(TROUBLED_PROJECTS.length)] ?? 4}`, model, seconds);
  } else truth.begin(kind, account, model, seconds);
}
