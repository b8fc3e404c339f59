/**
 * An upstream that knows the truth: which accounts, projects and models are bad, since when and until when, and which
 * requests are bad by themselves. For any sequence of requests it tells what should have happened to each.
 */
import { midnightPacific } from '../../src/proxy/answers/pacific-midnight.js';
import { restCauses } from '../../src/proxy/answers/causes.js';
import type { Member, RestNews } from '../../src/proxy/pool/member.js';
import type { Rest } from '../../src/proxy/rests/rest.js';
import { subjectOf } from '../../src/proxy/subject/subject.js';
import { type SetClock, setClock } from './clock.js';
import { ask, type Got, googleFailure, type Proxied, reply, type UpstreamCall, withProxy } from './proxy.js';

export const factKinds = [
  ...(['licence', 'unknown403', 'service_off', 'daily', 'minute', 'individual', 'undetailed'] as const),
  ...(['no_model', 'scope', 'precondition', 'validation', 'terms', 'denied', 'billing'] as const),
] as const;
export const badKinds = ['bad400', 'bad403', 'bad404', 'bad429', 'bad500', 'path401'] as const;
export const methods = ['generateContent', 'countTokens', 'embedContent', 'batchGenerateContent'] as const;

export type FactKind = (typeof factKinds)[number];

/** A step of a scenario. Its numbers choose among accounts and models, however many there are. */
export type Step =
  | {
      readonly kind: 'fact';
      readonly of: FactKind;
      readonly who: number;
      readonly model: number;
      readonly seconds: number;
    }
  | { readonly kind: 'mended' }
  | { readonly kind: 'pass'; readonly seconds: number }
  | {
      readonly kind: 'ask';
      readonly model: number;
      readonly method: (typeof methods)[number];
      readonly bad: (typeof badKinds)[number] | null;
    };

interface Fact {
  readonly of: FactKind;
  readonly account: string;
  readonly project: string;
  readonly model: string;
  /** ms since 1970. */
  readonly until: number;
}

export interface World {
  readonly accounts: number;
  readonly projects: number;
  readonly steps: readonly Step[];
}

const models = ['m-one', 'm-two', 'm-three'];
const MAX_TRIES = 3;
const WAIT_MS = 10_000;
/** For these the answer says how long to rest; for the others the cause's rule does. */
const ofProject: ReadonlySet<FactKind> = new Set(['service_off', 'daily', 'minute', 'denied', 'billing']);
const ofOneModel: ReadonlySet<FactKind> = new Set(['daily', 'minute', 'individual', 'undetailed', 'no_model']);

const causeOf: Readonly<Record<FactKind, string>> = {
  licence: 'subscription',
  unknown403: 'forbidden',
  service_off: 'service_disabled',
  daily: 'quota_daily',
  minute: 'quota',
  individual: 'quota',
  undetailed: 'quota',
  no_model: 'no_model',
  scope: 'scope',
  precondition: 'precondition',
  validation: 'validation',
  terms: 'terms',
  denied: 'project_denied',
  billing: 'billing_disabled',
};

const info = (reason: string) => [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }];
const retry = (seconds: number) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` });
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});

/** @returns what happened otherwise than it should have; empty: nothing did */
export async function untruths({ accounts: count, projects, steps }: World): Promise<readonly string[]> {
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 11, 32));
  const ids = Array.from({ length: count }, (_, at) => `a${at}`);
  const projectOf = (id: string): string => `p${Number(id.slice(1)) % projects}`;
  const accounts = ids.map((id) => ({
    ...{ id, refreshToken: `1//0grant-of-${id}`, now: clock.now(), accessEndsIn: 86_000 },
    token: { project_id: projectOf(id) },
  }));
  const truth = new Truth(() => clock.now(), projectOf);
  const answer = (call: UpstreamCall, response: Parameters<typeof reply>[0]): void => {
    const member = truth.pool?.list().find((one) => call.headers.authorization === `Bearer ${one.accessToken}`);
    const [status, body] = truth.answer(member?.id ?? '', call);
    reply(response, status, body);
  };
  return withProxy(
    { accounts, clock, proxy: { maxTries: MAX_TRIES }, pool: { waitSeconds: WAIT_MS / 1000 } },
    answer,
    async (proxied) => {
      truth.pool = proxied.pool;
      for (const { id, refreshToken } of accounts) proxied.google.grant(refreshToken, { email: `${id}@example.com` });
      proxied.pool.onRest((news) => truth.judgeRest(news));
      for (const step of steps) await take(step, truth, proxied, clock, ids);
      return truth.wrong;
    },
  );
}

async function take(
  step: Step,
  truth: Truth,
  proxied: Proxied,
  clock: SetClock,
  ids: readonly string[],
): Promise<void> {
  if (step.kind === 'pass') clock.advance(step.seconds * 1000);
  else if (step.kind === 'mended') truth.mend();
  else if (step.kind === 'fact') {
    const account = ids[step.who % ids.length] ?? '';
    truth.begin(step.of, account, models[step.model % models.length] ?? '', step.seconds);
  } else {
    const model = models[step.model % models.length] ?? '';
    const path = step.bad === 'path401' ? '/v1beta/odd:check' : `/v1beta/models/${model}:${step.method}`;
    const due = truth.due(path, step.bad);
    const got = await throughHolds(
      ask(proxied, { path, body: JSON.stringify({ contents: [], bad: step.bad }) }),
      proxied,
      clock,
    );
    truth.judge(got, due, step);
  }
}

/** Time passes only while requests are held. */
export async function throughHolds<T>(asked: Promise<T>, proxied: Proxied, clock: SetClock): Promise<T> {
  const done: T[] = [];
  void asked.then((got) => done.push(got));
  for (;;) {
    const [got] = done;
    if (got !== undefined) return got;
    if (proxied.server.holds.size > 0) clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The accounts that should serve a request, computed before it is sent. */
interface Due {
  /** Google would serve these, and they do not rest. */
  readonly free: readonly string[];
  /** Google would serve these, and they will be ready while the request is held. */
  readonly soon: readonly string[];
}

export class Truth {
  pool: Proxied['pool'] | null = null;
  readonly wrong: string[] = [];
  private facts: Fact[] = [];
  /** What the accounts answered to the request under way. */
  private answers: { readonly usesTry: boolean; readonly isQuota: boolean; readonly isPrecondition: boolean }[] = [];
  private bad: string | null = null;
  private readonly servedAt = new Map<string, number>();
  /** Answers that do not say whose quota is used up: the account and the time. */
  private readonly unsaid: { readonly account: string; readonly at: number }[] = [];
  private readonly beganAt: number;

  constructor(
    private readonly now: () => number,
    private readonly projectOf: (account: string) => string,
  ) {
    this.beganAt = now();
  }

  begin(of: FactKind, account: string, model: string, seconds: number): void {
    const until = of === 'daily' ? midnightPacific(this.now()) : this.now() + seconds * 1000;
    this.facts.push({ of, account, project: this.projectOf(account), model, until });
  }

  mend(): void {
    this.facts = [];
  }

  /** What an account gets for a call. */
  answer(account: string, call: UpstreamCall): readonly [status: number, body: unknown] {
    const body = call.body.toString();
    const bad = badKinds.find((kind) => body.includes(`"${kind}"`)) ?? null;
    const { model, group } = subjectOf({ method: call.method, path: call.url, body: () => null });
    const fact = this.factsOn(account, model)[0];
    const [status, sent, usesTry] = bad !== null ? badAnswers[bad] : fact === undefined ? GOOD : this.refusal(fact);
    const isUnsaid = bad === 'bad429' || (bad === null && fact?.of === 'undetailed');
    if (isUnsaid) this.unsaid.push({ account, at: this.now() });
    if (status === 200) for (const key of [account, keyOf(account, model, group)]) this.servedAt.set(key, this.now());
    else
      this.answers.push({
        usesTry,
        isQuota: status === 429,
        isPrecondition: bad === null && fact?.of === 'precondition',
      });
    return [status, sent];
  }

  /** What should come of a request, before it is asked. */
  due(path: string, bad: string | null): Due {
    this.answers = [];
    this.bad = bad;
    const pool = this.pool;
    const subject = subjectOf({ method: 'POST', path, body: () => null });
    if (pool === null || bad !== null) return { free: [], soon: [] };
    pool.advance();
    const good = pool.list().filter(({ id }) => this.factsOn(id, subject.model).length === 0);
    const isFree = ({ id }: Member): boolean => pool.hasOther(subject, new Set(), (member) => member.id === id);
    const isSoon = (member: Member): boolean => {
      const rest = pool.restOf(member);
      if (pool.stateOf(member) === 'blocked') return false;
      return rest !== null && rest.untilMs - this.now() <= WAIT_MS && restCauses[rest.rest.cause].kind === 'rest';
    };
    return { free: good.filter(isFree).map(({ id }) => id), soon: good.filter(isSoon).map(({ id }) => id) };
  }

  /**
   * A request that Google would serve with some account is served, within the tries or the hold; if it is bad by
   * itself, the client gets the refusal.
   */
  judge(got: Got, { free, soon }: Due, step: Extract<Step, { kind: 'ask' }>): void {
    const tries = this.answers.filter(({ usesTry }) => usesTry).length;
    const isExcused = tries >= MAX_TRIES || this.answers.filter(({ isPrecondition }) => isPrecondition).length > 1;
    const said = `${JSON.stringify(step)} got ${got.status}; free ${free.join()}, soon ${soon.join()}, ${this.answers.length} answers: ${got.text.slice(0, 200)}`;
    if (step.bad !== null) {
      const mayBe = [badAnswers[step.bad][0], 429, 503, ...this.answers.map(() => 0)];
      if (!mayBe.includes(got.status)) this.wrong.push(`bad by itself: ${said}`);
    } else if (got.status !== 200 && !isExcused) {
      const wasHeldBack = this.answers.every(({ isQuota }) => isQuota);
      if (free.length > 0 || (soon.length > 0 && wasHeldBack)) this.wrong.push(`not served: ${said}`);
    }
  }

  /** No account rests without a reason, nor longer than the truth and one doubling. */
  judgeRest(news: RestNews): void {
    if (news.kind !== 'rested') return;
    const { rest, member } = news;
    const about = `${member.id} ${rest.about} ${rest.cause} ${rest.model} ${rest.group} ${rest.seconds} s`;
    const first = restCauses[rest.cause].firstSeconds;
    const sinceServed = (this.now() - this.lastServed(member.id, rest)) / 1000;
    const isDoubled = rest.seconds <= sinceServed + first + 1;
    if (this.bad !== null) {
      // the one rest that a bad request may cause for others: seconds, doubling while nothing of its kind succeeds
      if (this.bad !== 'bad429' || rest.cause !== 'quota' || !isDoubled) this.wrong.push(`${this.bad} rests ${about}`);
      return;
    }
    const facts = this.facts.filter((fact) => this.isIn(fact, member.id) && causeOf[fact.of] === rest.cause);
    const fact = facts.find(({ of, model }) => !ofOneModel.has(of) || model === rest.model);
    if (fact === undefined) this.wrong.push(`rests for nothing: ${about}`);
    else if (rest.about === 'project' && !ofProject.has(fact.of) && !this.isShown(member.id))
      this.wrong.push(`its project rests for nothing: ${about}`);
    else if (this.isSaid(fact)) {
      const most = Math.max(...facts.map(({ until }) => until));
      if (this.now() + rest.seconds * 1000 > most + 1_000) this.wrong.push(`rests longer than was said: ${about}`);
    } else if (!isDoubled) this.wrong.push(`rests longer than doubled: ${about}, served ${sinceServed} s ago`);
  }

  private isSaid = ({ of }: Fact): boolean => of === 'daily' || of === 'minute' || of === 'individual';

  private isIn({ of, account, project, until }: Fact, id: string): boolean {
    return until > this.now() && (ofProject.has(of) ? project === this.projectOf(id) : account === id);
  }

  private factsOn(id: string, model: string): readonly Fact[] {
    return this.facts.filter((fact) => this.isIn(fact, id) && (!ofOneModel.has(fact.of) || fact.model === model));
  }

  /** When an account last served what a rest is about: doubling begins anew then. */
  private lastServed(id: string, { model, group }: Pick<Rest, 'model' | 'group'>): number {
    return this.servedAt.get(model === '' && group === '' ? id : keyOf(id, model, group)) ?? this.beganAt;
  }

  /** Whether two accounts of the project were told so within the minute, by answers that do not say whose quota it is. */
  private isShown(id: string): boolean {
    const project = this.projectOf(id);
    const told = this.unsaid.filter(
      ({ account, at }) => this.projectOf(account) === project && this.now() - at <= 60_000,
    );
    return new Set(told.map(({ account }) => account)).size > 1;
  }

  private refusal({ of, until, project }: Fact): Answering {
    const seconds = Math.ceil((until - this.now()) / 1000);
    const limited = (details: readonly object[], message = 'failed'): Answering => [
      429,
      { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message, details } },
      false,
    ];
    switch (of) {
      case 'licence':
        return [403, googleFailure(403, 'PERMISSION_DENIED', info('SUBSCRIPTION_REQUIRED')), false];
      case 'unknown403':
        return [403, googleFailure(403, 'PERMISSION_DENIED'), true];
      case 'service_off':
        return [403, googleFailure(403, 'PERMISSION_DENIED', info('SERVICE_DISABLED')), false];
      case 'daily':
        return limited([quota('GenerateRequestsPerDayPerProjectPerModel'), retry(30)]);
      case 'minute':
        return limited([quota('GenerateRequestsPerMinutePerProjectPerModel'), retry(seconds)], project);
      case 'individual':
        return limited([retry(seconds)], 'Individual quota reached.');
      case 'undetailed':
        return [429, googleFailure(429, 'RESOURCE_EXHAUSTED'), true];
      case 'no_model':
        return [404, googleFailure(404, 'NOT_FOUND'), true];
      case 'scope':
        return [403, googleFailure(403, 'PERMISSION_DENIED', info('ACCESS_TOKEN_SCOPE_INSUFFICIENT')), false];
      case 'validation':
        return [403, googleFailure(403, 'PERMISSION_DENIED', info('VALIDATION_REQUIRED')), false];
      case 'terms':
        return [403, googleFailure(403, 'PERMISSION_DENIED', info('TOS_VIOLATION')), false];
      case 'denied':
        return [403, { error: { code: 403, status: 'PERMISSION_DENIED', message: DENIED } }, false];
      case 'billing':
        return [403, googleFailure(403, 'PERMISSION_DENIED', info('BILLING_DISABLED')), false];
      case 'precondition':
        return [400, googleFailure(400, 'FAILED_PRECONDITION'), true];
    }
  }
}

const DENIED = 'Your project has been denied access. Please contact support.';

const keyOf = (account: string, model: string, group: string): string => `${account} ${model} ${group}`;

type Answering = readonly [status: number, body: unknown, usesTry: boolean];

const GOOD: Answering = [200, { candidates: [] }, false];

const badAnswers: Readonly<Record<(typeof badKinds)[number], Answering>> = {
  bad400: [400, googleFailure(400, 'INVALID_ARGUMENT'), false],
  bad403: [403, googleFailure(403, 'PERMISSION_DENIED'), true],
  bad404: [404, googleFailure(404, 'NOT_FOUND'), true],
  bad429: [429, googleFailure(429, 'RESOURCE_EXHAUSTED'), true],
  bad500: [500, googleFailure(500, 'INTERNAL'), true],
  path401: [401, googleFailure(401, 'UNAUTHENTICATED'), false],
};
