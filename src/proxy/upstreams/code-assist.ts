import * as v from 'valibot';
import type { Origin } from '../transport/origins.js';
import { wholeText } from '../transport/whole-text.js';
import { reasonOf, RegrantError } from '../../store/ground/errors.js';
import { jsonOf } from '../../store/ground/json.js';
import { availableModels, type AvailableModel } from './model-list.js';

/** Code Assist did not answer a call of our own. */
export class CodeAssistFailed extends RegrantError {
  readonly code = 'CODE_ASSIST_FAILED';

  constructor(
    message: string,
    /** Status of the last answer; 0: none came. */
    readonly status = 0,
    /** Body of the last answer. */
    readonly body = '',
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 20_000;
/** How long all of a call may take, so that an answer that trickles in is not waited for. */
const TOTAL_MS = 30_000;

const LoadSchema = v.object({
  cloudaicompanionProject: v.union([
    v.pipe(v.string(), v.minLength(1)),
    v.pipe(
      v.object({ id: v.pipe(v.string(), v.minLength(1)) }),
      v.transform(({ id }) => id),
    ),
  ]),
});

/** Calls of our own to Code Assist, beside the clients' requests. */
export class CodeAssist {
  /** @param origins - tried in this order until one answers */
  constructor(private readonly origins: { readonly list: readonly Origin[] }) {}

  /**
   * The quota project that Google made for an account.
   *
   * @throws {CodeAssistFailed}
   */
  async project(accessToken: string): Promise<string> {
    const body = await this.ask('loadCodeAssist', { metadata: { ideType: 'ANTIGRAVITY' } }, accessToken);
    const parsed = v.safeParse(LoadSchema, jsonOf(body));
    if (!parsed.success) throw new CodeAssistFailed('loadCodeAssist names no project for this account', 200);
    return parsed.output.cloudaicompanionProject;
  }

  /**
   * An account's models, with what is left of their quota.
   *
   * @throws {CodeAssistFailed}
   */
  async models(accessToken: string, projectId: string | null): Promise<readonly AvailableModel[]> {
    const models = availableModels(
      await this.ask('fetchAvailableModels', projectId === null ? {} : { project: projectId }, accessToken),
    );
    if (models === null) throw new CodeAssistFailed('fetchAvailableModels answered something else', 200);
    return models;
  }

  private async ask(method: string, body: object, accessToken: string): Promise<string> {
    let failure = new CodeAssistFailed('no base URL');
    for (const { dispatcher, prefix, host } of this.origins.list) {
      try {
        const answer = await dispatcher.request({
          ...{ method: 'POST', path: `${prefix}/v1internal:${method}`, body: JSON.stringify(body) },
          headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
          headersTimeout: TIMEOUT_MS,
          bodyTimeout: TIMEOUT_MS,
          signal: AbortSignal.timeout(TOTAL_MS),
        });
        const text = await wholeText(answer.body);
        if (answer.statusCode === 200) return text;
        failure = new CodeAssistFailed(`${method} answered ${answer.statusCode}`, answer.statusCode, text);
        if (answer.statusCode < 500 && answer.statusCode !== 404 && answer.statusCode !== 408) break;
      } catch (error) {
        failure = new CodeAssistFailed(`no answer from ${host}: ${reasonOf(error)}`);
      }
    }
    throw failure;
  }
}
