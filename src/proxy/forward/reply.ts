import type { TokensUsed } from '../../store/records/access-record.js';
import { type OwnError, send } from '../http/own-answer.js';
import { LiveAnswer } from '../live/live-answer.js';
import type { GivenAnswer } from '../protocols/protocol.js';
import type { UpstreamFailed } from '../transport/exchange.js';
import type { ClientAnswer } from './client-answer.js';
import { answerFor } from './delivery.js';
import type { MadeAnswer } from './made-answer.js';
import type { RequestContext } from './request-context.js';

/** What a client gets for its request: an account's answer, or one of the proxy's own. */
export class Reply {
  /** ms from the request's start to the first byte of the answer that the client got. */
  ttfbMs: number | null = null;
  /** E-mail of the account whose answer the client got. */
  account: string | null = null;
  private answer: ClientAnswer | MadeAnswer | LiveAnswer | null = null;
  /** Whether the account's answer broke off. */
  brokeOff = false;
  private ownBytes = 0;

  constructor(private readonly context: RequestContext) {}

  /** Bytes of the answer's body handed to the client. */
  get bytes(): number {
    return (this.answer?.bytes ?? this.ownBytes) + (this.context.translated?.bytes ?? 0);
  }

  /** `usageMetadata.totalTokenCount` of the answer, where it can be read. */
  get tokens(): number | null {
    return this.answer?.tokens ?? this.context.translated?.tokens ?? null;
  }

  /** The model of a Live session, which its first message names; null: it is no such session. */
  get liveModel(): string | null {
    return this.answer instanceof LiveAnswer && this.answer.model !== '' ? this.answer.model : null;
  }

  /** Code of an error within the stream; null: none. */
  get streamError(): number | null {
    return this.answer?.streamError ?? this.context.translated?.streamError ?? null;
  }

  /** The tokens that the answer says it used, by kind; null: not known. */
  get used(): TokensUsed | null {
    return this.answer?.used ?? this.context.translated?.used ?? null;
  }

  /** The first byte of an answer has come. @returns when, monotonic ms */
  noteFirstByte(): number {
    const { deps, startedAt } = this.context;
    const now = deps.clock.monotonic();
    this.ttfbMs = now - startedAt;
    return now;
  }

  /**
   * Begins to send an account's answer to the client.
   *
   * @param tell - called once, when the upstream's answer is whole or has broken off
   * @returns whether it can be passed on; if not, the client gets an error that says so
   */
  begin(given: GivenAnswer, tell: (failure: UpstreamFailed | null) => void): boolean {
    const { context } = this;
    const done = (failure: UpstreamFailed | null): void => {
      this.brokeOff = failure !== null;
      tell(failure);
    };
    context.exchange = given.exchange;
    context.body.abandon();
    this.account = given.member.email;
    if (context.translated?.takes(given.exchange) === true) {
      context.translated.deliver(given.exchange, done);
      return true;
    }
    this.answer = answerFor(context, given, done);
    try {
      this.answer.start();
      return true;
    } catch {
      given.exchange.abort();
      this.answer = null;
      this.say({ status: 502, message: 'the upstream sent a header that cannot be passed on' });
      return false;
    }
  }

  /** Answers with an error of the proxy's own. */
  say(error: OwnError): void {
    const { body, protocol, response, translated } = this.context;
    body.abandon();
    if (translated?.translatesRefusals === true) translated.failWith(error);
    else if (response.headersSent) response.destroy();
    else this.ownBytes = send(response, protocol.errorAnswer(error));
  }
}
