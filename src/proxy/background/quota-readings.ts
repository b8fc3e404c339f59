import type { QuotaGroup } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import type { Logger } from '../../store/records/log.js';
import { setForbidden, setQuota } from '../../store/accounts/quota-patches.js';
import { orderOf } from '../answers/answers-so-far.js';
import type { AskedFor } from '../answers/google-answer.js';
import { verdictOf } from '../answers/judge.js';
import { answerCauses } from '../contract/answer-causes.js';
import { RefreshError } from '../oauth/errors.js';
import type { Refresher } from '../grants/refresh.js';
import type { Member } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import type { Projects } from '../upstreams/projects.js';
import { protectedAfter, type QuotaRules } from '../pool/quota-protection.js';
import { isOnlyForbidden } from '../pool/standing.js';
import { CodeAssistFailed, type CodeAssist } from '../upstreams/code-assist.js';
import { AccountIneligible } from '../upstreams/onboarding.js';
import type { AvailableModel } from '../upstreams/model-list.js';
import { Agenda } from './agenda.js';
import { byItself } from '../../store/ground/faults.js';

export interface QuotaReadingsParts {
  readonly store: Pick<AccountStore, 'get' | 'patch'>;
  readonly pool: Pick<Pool, 'get' | 'list' | 'onChange' | 'rest'>;
  readonly codeAssist: Pick<CodeAssist, 'models' | 'quotaGroups'>;
  readonly projects: Pick<Projects, 'of'>;
  readonly refresher: Pick<Refresher, 'refresh'>;
  readonly rules: QuotaRules;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A random number from 0 to 1. */
  readonly random: () => number;
}

/** A reading of the quota, as a request that its answer is judged for. */
const READING: AskedFor = {
  upstream: 'cloudcode',
  subject: { model: '', group: 'other' },
  ofModel: false,
  ofStored: false,
};

/**
 * How often an account's quota is read. With very many accounts each is read less often, since readings follow each
 * other with a gap.
 */
const EVERY_MS = 900_000;
/**
 * How often an account is asked again whether Google still forbids it the service: only Google's answer brings such an
 * account back.
 */
const FORBIDDEN_EVERY_MS = 3_600_000;
/** The part of the interval by which a reading may be delayed at random, so that accounts do not stay in step. */
const JITTER = 0.1;
/** Time between the beginnings of two readings. */
const GAP_MS = 1_000;
/** Google's clock may be this much behind ours where it says when a quota is reset. */
const AFTER_RESET_MS = 5_000;
/** An account that serves again, or is new, is read within this time. */
const SOON_MS = 10_000;

/**
 * Reads each account's remaining quota now and then, one account after the other, and writes it into the account files
 * with the models that are to be protected. Only accounts that serve are read, and only while their access token lives:
 * nothing is refreshed for this. Less often, accounts that are out because Google forbids them the service are asked
 * too, with a new access token if they have none: a good answer brings them back.
 */
export class QuotaReadings {
  private readonly agenda: Agenda;
  /** Account id → why its quota could not be read the last time. */
  private readonly troubles = new Map<string, string>();
  /** Id of an account that is forbidden the service → the access token with which it was last asked. */
  private readonly askedWith = new Map<string, string>();
  private reading: string | null = null;
  private beganAt = Number.NEGATIVE_INFINITY;
  private stopped = false;
  private readonly unsubscribe: () => void;

  constructor(private readonly parts: QuotaReadingsParts) {
    this.agenda = new Agenda({
      clock: parts.clock,
      begin: (id) => this.begin(id),
      roomAt: () => (this.reading === null ? this.beganAt + GAP_MS : Infinity),
    });
    const members = parts.pool.list();
    for (const { id } of members) this.plan(id, parts.random() * Math.min(members.length * GAP_MS, EVERY_MS));
    this.unsubscribe = parts.pool.onChange((ids) => this.look(ids));
    this.agenda.arm();
  }

  stop(): void {
    this.stopped = true;
    this.agenda.stop();
    this.unsubscribe();
  }

  private plan(id: string, inMs: number): void {
    this.agenda.plan(id, this.parts.clock.monotonic() + inMs);
  }

  /** Plans a reading soon for accounts that are new, or can be read again. */
  private look(ids: readonly string[] | null): void {
    const { pool, random } = this.parts;
    for (const id of ids ?? pool.list().map((member) => member.id)) {
      const member = pool.get(id);
      if (member === undefined) this.forget(id);
      else if (id !== this.reading && this.isNews(member)) this.plan(id, random() * SOON_MS);
    }
    this.agenda.arm();
  }

  /**
   * Whether an account should be read soon: it can be read and no reading was planned, or its access token is not the
   * one that was forbidden (after a re-add or a test).
   */
  private isNews(member: Member): boolean {
    const { id, accessToken } = member;
    const inMs = this.agenda.dueAt(id) - this.parts.clock.monotonic();
    if (inMs === Infinity) return this.canBeRead(member);
    return inMs > SOON_MS && this.isForbidden(id) && this.askedWith.get(id) !== accessToken;
  }

  private forget(id: string): void {
    this.agenda.plan(id, Infinity);
    this.troubles.delete(id);
    this.askedWith.delete(id);
  }

  private canBeRead(member: Member): boolean {
    return (member.standing.serves && this.hasLivingToken(member)) || this.isForbidden(member.id);
  }

  private hasLivingToken({ accessToken, accessDeadline }: Member): boolean {
    return accessToken !== '' && accessDeadline > this.parts.clock.monotonic();
  }

  private isForbidden(id: string): boolean {
    const account = this.parts.store.get(id)?.account ?? null;
    return account !== null && isOnlyForbidden(account, this.parts.clock.now());
  }

  private begin(id: string): void {
    const member = this.parts.pool.get(id);
    // An account that cannot be read is planned again when the pool reports a change.
    if (member === undefined || !this.canBeRead(member)) return;
    this.reading = id;
    this.beganAt = this.parts.clock.monotonic();
    byItself(`the reading of the quota of ${member.email}`, this.readNow(member));
  }

  private async readNow(member: Member): Promise<void> {
    let nextMs = this.later(EVERY_MS);
    try {
      nextMs = await this.read(member);
    } finally {
      this.reading = null;
      if (!this.stopped) {
        if (this.parts.pool.get(member.id) !== undefined) this.plan(member.id, nextMs);
        this.agenda.arm();
      }
    }
  }

  /** @returns when to read this account again, in ms */
  private async read(member: Member): Promise<number> {
    const { codeAssist, projects } = this.parts;
    const { id } = member;
    try {
      const accessToken = await this.tokenOf(member);
      if (this.isForbidden(id)) this.askedWith.set(id, accessToken);
      const projectId = member.projectId ?? (await projects.of(id, accessToken));
      const models = await codeAssist.models(accessToken, projectId);
      const groups = await codeAssist.quotaGroups(accessToken);
      this.troubles.delete(id);
      this.askedWith.delete(id);
      return Math.min(this.later(EVERY_MS), this.take(id, models, groups));
    } catch (error) {
      if (error instanceof CodeAssistFailed) this.failed(member, error);
      // The refresher has reported the failure already.
      else if (!(error instanceof RefreshError)) throw error;
      return this.later(this.isForbidden(id) ? FORBIDDEN_EVERY_MS : EVERY_MS);
    }
  }

  private later(everyMs: number): number {
    return everyMs * (1 + JITTER * this.parts.random());
  }

  private async tokenOf(member: Member): Promise<string> {
    if (this.hasLivingToken(member)) return member.accessToken;
    return (await this.parts.refresher.refresh(member.id, 'schedule')).accessToken;
  }

  /** @returns how long until the first of its models is reset, in ms; Infinity: not said */
  private take(id: string, models: readonly AvailableModel[], groups: readonly QuotaGroup[] | null): number {
    const { store, rules, clock, logger } = this.parts;
    const account = store.get(id)?.account ?? null;
    if (account === null) return Infinity;
    const known = models.flatMap(({ name, percentage, resetTime }) =>
      percentage === null ? [] : [{ name, percentage, resetTime }],
    );
    if (account.quota?.isForbidden === true) {
      const words = 'Code Assist says again what is left of its quota';
      logger.info({ account: account.email }, `Account no longer forbidden (${account.email}): ${words}`);
    }
    const protectedModels = rules.enabled ? protectedAfter(known, account.protectedModels, rules) : null;
    // If the write fails, the store keeps the change in memory and tries again.
    store
      .patch(id, setQuota({ models: known, at: unixSeconds(clock), groups, protectedModels }))
      .catch(() => undefined);
    const buckets = (groups ?? []).flatMap((group) => group.buckets);
    const resets = [...known, ...buckets]
      .map(({ resetTime }) => Date.parse(resetTime ?? '') - clock.now())
      .filter((ms) => ms > 0);
    return Math.min(...resets) + AFTER_RESET_MS;
  }

  private failed(member: Member, error: CodeAssistFailed): void {
    const { pool, store, logger, clock } = this.parts;
    const { status, body } = error;
    if (error instanceof AccountIneligible) {
      const { cause, words, url } = error;
      const whole = { account: member.id, of: 'account', seconds: null, maybeProject: false } as const;
      pool.rest(member, {
        order: { ...whole, cause, words, url },
        subject: READING.subject,
        askedAt: clock.monotonic(),
      });
    }
    const order =
      status === 403 ? orderOf(member.id, verdictOf({ status, body, retryAfter: null }, READING, clock.now())) : null;
    // Any other refusal may be about this call alone: requests of clients may still be served.
    if (order?.cause === 'validation')
      pool.rest(member, { order, subject: READING.subject, askedAt: clock.monotonic() });
    if (order?.cause === 'terms') {
      const appeal = order.url === null ? '; appeal to Google' : `; appeal at ${order.url}`;
      const words = `${answerCauses.terms.short}${appeal}`;
      store.patch(member.id, setForbidden(words)).catch(() => undefined);
    }
    if (this.troubles.get(member.id) === error.message) return;
    this.troubles.set(member.id, error.message);
    logger.info({ account: member.email }, `Quota not read (${member.email}): ${error.message}`);
  }
}
