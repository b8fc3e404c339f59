import * as v from 'valibot';
import type { Origin } from '../transport/origins.js';
import { wholeText } from '../transport/whole-text.js';
import { RegrantError, type Saying } from '../../store/ground/errors.js';
import { reason, saying } from '../../store/words/saying.js';
import { jsonOf } from '../../store/ground/json.js';
import { availableModels, type AvailableModel } from './model-list.js';
import type { QuotaGroup } from '../../store/accounts/account.js';
import { quotaGroupsOf } from './quota-groups.js';

/** Code Assist did not answer a call of our own. */
export class CodeAssistFailed extends RegrantError {
  readonly code: string = 'CODE_ASSIST_FAILED';

  constructor(
    text: Saying,
    /** Status of the last answer; 0: none came. */
    readonly status = 0,
    /** Body of the last answer. */
    readonly body = '',
  ) {
    super(text);
  }
}

const TIMEOUT_MS = 20_000;
/** How long all of a call may take, so that an answer that trickles in is not waited for. */
const TOTAL_MS = 30_000;

/** The name of the program that asks, in a form that Code Assist accepts. */
const METADATA = { ideType: 'ANTIGRAVITY' };

const filled = v.pipe(v.string(), v.minLength(1));
const ProjectSchema = v.union([
  filled,
  v.pipe(
    v.object({ id: filled }),
    v.transform(({ id }) => id),
  ),
]);
const orNull = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.nullish(schema, null), null);
const orNone = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.optional(v.array(schema), []), []);

const LoadedSchema = v.object({
  /** The quota project that Google made for the account; null: none yet. */
  cloudaicompanionProject: orNull(ProjectSchema),
  currentTier: orNull(v.object({ id: v.fallback(v.optional(v.string(), ''), '') })),
  allowedTiers: orNone(
    v.object({
      id: filled,
      isDefault: v.fallback(v.optional(v.boolean(), false), false),
      userDefinedCloudaicompanionProject: v.fallback(v.optional(v.boolean(), false), false),
    }),
  ),
  ineligibleTiers: orNone(
    v.object({
      reasonCode: v.fallback(v.optional(v.string(), ''), ''),
      reasonMessage: v.fallback(v.optional(v.string(), ''), ''),
      validationUrl: orNull(filled),
    }),
  ),
});

const OperationSchema = v.object({
  name: v.fallback(v.optional(v.string(), ''), ''),
  done: v.fallback(v.optional(v.boolean(), false), false),
  response: orNull(v.object({ cloudaicompanionProject: orNull(ProjectSchema) })),
  error: orNull(v.object({ message: v.fallback(v.optional(v.string(), ''), '') })),
});

/** What Code Assist says of an account. */
export type LoadedAccount = Readonly<v.InferOutput<typeof LoadedSchema>>;
/** Google's set-up of an account, which may take a while. */
export type OnboardOperation = Readonly<v.InferOutput<typeof OperationSchema>>;

/** Calls of our own to Code Assist, beside the clients' requests. */
export class CodeAssist {
  /** @param origins - tried in this order until one answers */
  constructor(private readonly origins: { readonly list: readonly Origin[] }) {}

  /**
   * The account's tier and the quota project that Google made for it, where there is one.
   *
   * @throws {CodeAssistFailed}
   */
  async load(accessToken: string): Promise<LoadedAccount> {
    const body = await this.ask('loadCodeAssist', { metadata: METADATA }, accessToken);
    return parsedAs(LoadedSchema, 'loadCodeAssist', body);
  }

  /**
   * Asks Google to set an account up with this tier.
   *
   * @throws {CodeAssistFailed}
   */
  async onboard(accessToken: string, tierId: string): Promise<OnboardOperation> {
    const body = await this.ask('onboardUser', { tierId, metadata: METADATA }, accessToken);
    return parsedAs(OperationSchema, 'onboardUser', body);
  }

  /**
   * The progress of a set-up.
   *
   * @throws {CodeAssistFailed}
   */
  async operation(accessToken: string, name: string): Promise<OnboardOperation> {
    const path = name.split('/').map(encodeURIComponent).join('/');
    const body = await this.send('GET', `/v1internal/${path}`, null, accessToken);
    return parsedAs(OperationSchema, 'onboardUser', body);
  }

  /**
   * An account's models, with what is left of their quota.
   *
   * @throws {CodeAssistFailed}
   */
  async models(accessToken: string, projectId: string | null): Promise<readonly AvailableModel[]> {
    const body = await this.ask('fetchAvailableModels', projectId === null ? {} : { project: projectId }, accessToken);
    const models = availableModels(body);
    if (models === null) throw answeredElse('fetchAvailableModels');
    return models;
  }

  /**
   * Limits that several models share, for a week and for some hours; null: Google does not tell, as for some accounts.
   */
  async quotaGroups(accessToken: string): Promise<readonly QuotaGroup[] | null> {
    try {
      return quotaGroupsOf(await this.ask('retrieveUserQuotaSummary', {}, accessToken));
    } catch (error) {
      if (error instanceof CodeAssistFailed) return null;
      throw error;
    }
  }

  private ask(method: string, body: object, accessToken: string): Promise<string> {
    return this.send('POST', `/v1internal:${method}`, JSON.stringify(body), accessToken);
  }

  private async send(method: 'GET' | 'POST', path: string, body: string | null, accessToken: string): Promise<string> {
    const what = path.replace(/^\/v1internal[:/]/, '');
    let failure = new CodeAssistFailed(saying('no base URL'));
    for (const { dispatcher, prefix, host } of this.origins.list) {
      try {
        const answer = await dispatcher.request({
          ...{ method, path: `${prefix}${path}`, body },
          headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
          headersTimeout: TIMEOUT_MS,
          bodyTimeout: TIMEOUT_MS,
          signal: AbortSignal.timeout(TOTAL_MS),
        });
        const text = await wholeText(answer.body);
        if (answer.statusCode === 200) return text;
        failure = new CodeAssistFailed(
          saying('{what} answered {status}', { what, status: answer.statusCode }),
          answer.statusCode,
          text,
        );
        if (answer.statusCode < 500 && answer.statusCode !== 404 && answer.statusCode !== 408) break;
      } catch (error) {
        failure = new CodeAssistFailed(saying('no answer from {host}: {why}', { host, why: reason(error) }));
      }
    }
    throw failure;
  }
}

function parsedAs<T>(schema: v.GenericSchema<unknown, T>, what: string, body: string): T {
  const parsed = v.safeParse(schema, jsonOf(body));
  if (parsed.success) return parsed.output;
  throw answeredElse(what);
}

const answeredElse = (what: string): CodeAssistFailed =>
  new CodeAssistFailed(saying('{what} answered something else', { what }), 200);
