import { send } from '../http/own-answer.js';
import type { AnswerSink, Exchange, UpstreamFailed } from '../transport/exchange.js';
import type { Making } from '../upstreams/upstream.js';
import type { RequestContext } from './request-context.js';

/** The longest list of models that is read: a longer one is not kept. */
const MOST_BYTES = 8_388_608;

/** An answer that is made from the upstream's whole answer, when that is complete. */
export class MadeAnswer implements AnswerSink {
  /** Bytes of the body handed to the client so far. */
  bytes = 0;
  readonly tokens = null;
  readonly streamError = null;
  readonly used = null;
  private readonly chunks: Buffer[] = [];
  private received = 0;

  /** @param done - called once, when the upstream's answer is whole or has broken off */
  constructor(
    private readonly context: Pick<RequestContext, 'protocol' | 'response'>,
    private readonly exchange: Exchange,
    private readonly making: Making,
    private readonly done: (failure: UpstreamFailed | null) => void,
  ) {}

  start(): void {
    this.exchange.deliver(this);
  }

  chunk(chunk: Buffer): boolean {
    this.received += chunk.length;
    if (this.received > MOST_BYTES) this.chunks.length = 0;
    else this.chunks.push(chunk);
    return true;
  }

  end(): void {
    const { protocol, response } = this.context;
    const made = this.making.make(Buffer.concat(this.chunks));
    this.bytes = send(response, 'message' in made ? protocol.errorAnswer(made) : made);
    this.done(null);
  }

  broken(failure: UpstreamFailed): void {
    const { protocol, response } = this.context;
    const message = `the answer broke off: ${failure.message}`;
    this.bytes = send(response, protocol.errorAnswer({ status: 502, message }));
    this.done(failure);
  }
}
