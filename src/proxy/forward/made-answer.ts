import type { ServerResponse } from 'node:http';
import { send } from '../http/own-answer.js';
import { googleError } from '../protocols/gemini/errors.js';
import type { AnswerSink, Exchange, UpstreamFailed } from '../transport/exchange.js';
import type { Making } from '../upstreams/upstream.js';

/** An answer that is made out of the whole of an upstream's, once that is here. */
export class MadeAnswer implements AnswerSink {
  /** Bytes of the body handed to the client so far. */
  bytes = 0;
  readonly tokens = null;
  private readonly chunks: Buffer[] = [];

  /** @param done - called once, when the upstream's answer is whole or has broken off */
  constructor(
    private readonly response: ServerResponse,
    private readonly exchange: Exchange,
    private readonly making: Making,
    private readonly done: (failure: UpstreamFailed | null) => void,
  ) {}

  start(): void {
    this.exchange.deliver(this);
  }

  chunk(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    return true;
  }

  end(): void {
    this.bytes = send(this.response, this.making.make(Buffer.concat(this.chunks)));
    this.done(null);
  }

  broken(failure: UpstreamFailed): void {
    this.bytes = send(this.response, googleError(502, `the answer broke off: ${failure.message}`));
    this.done(failure);
  }
}
