import type { TokensUsed } from '../../../store/records/access-record.js';
import type { ServerResponse } from 'node:http';
import { decodedText } from '../../http/content-encoding.js';
import { type OwnAnswer, type OwnError, send } from '../../http/own-answer.js';
import type { ClientRequest } from '../../protocols/client-request.js';
import { googleTrouble } from '../../protocols/translation/answer/google-trouble.js';
import { ownTrouble } from '../../protocols/translation/answer/own-trouble.js';
import { type Trouble, emptyAnswer } from '../../protocols/translation/answer/trouble.js';
import type { TranslatedAnswer } from '../../protocols/translation/route.js';
import type { AnswerSink, Exchange, UpstreamFailed } from '../../transport/exchange.js';
import type { Upstream } from '../../upstreams/upstream.js';
import type { Subject } from '../../subject/subject.js';
import type { Clock } from '../../../store/ground/clock.js';
import { ClientStream } from './client-stream.js';
import { type Appraisal, type ReplySink, StreamedReply, WholeReply } from './reply-sinks.js';

export interface TranslatedReplyDeps {
  readonly response: ServerResponse;
  readonly answer: TranslatedAnswer;
  /** The model as the client names it; null: the request is about none. */
  readonly asked: string | null;
  /** An error in the shape of the client's protocol. */
  readonly errorAnswer: (trouble: Trouble) => OwnAnswer;
  /** Headers of the answers: names and values alternating. */
  readonly headers: readonly string[];
  readonly upstream: Upstream;
  readonly subject: Subject;
  /** `as they are`: an upstream's refusals are not translated, because the client speaks Gemini's own protocol. */
  readonly refusals: 'translated' | 'as they are';
  readonly clock: Clock;
  /** Called with an error of this program, which should never happen. */
  readonly onFault: (error: unknown) => void;
}

const STREAM_HEADERS = ['Content-Type', 'text/event-stream; charset=utf-8', 'Cache-Control', 'no-cache'];
/** Keeps nginx from buffering the events. */
const UNBUFFERED = ['X-Accel-Buffering', 'no'];

/**
 * What a client of a translated protocol gets, whichever accounts are asked: one account's answer, translated, or an
 * error in that protocol's shape. A stream that is silent for long is kept alive by pings; after the first of them an
 * error can only be sent as its last event.
 */
export class TranslatedReply {
  /** null: the client wants its answer in one piece. */
  private readonly stream: ClientStream | null;
  private ownBytes = 0;
  private sink: ReplySink | null = null;
  /** Status of an error that could only be told within a stream, since pings had gone out. */
  private lateError: number | null = null;

  constructor(private readonly deps: TranslatedReplyDeps) {
    const { answer, response, clock, headers } = deps;
    const all = [...STREAM_HEADERS, ...UNBUFFERED, ...headers];
    this.stream =
      answer.kind === 'stream' ? new ClientStream(response, clock, all, () => answer.writer().ping()) : null;
  }

  /** Whether this translates an upstream's answer with this status. */
  takes({ status }: Exchange): boolean {
    return status === 200 || this.translatesRefusals;
  }

  get translatesRefusals(): boolean {
    return this.deps.refusals === 'translated';
  }

  /** Bytes of the body handed to the client so far. */
  get bytes(): number {
    return (this.stream?.bytes ?? 0) + this.ownBytes;
  }

  get tokens(): number | null {
    return this.sink?.tokens ?? null;
  }

  /** The tokens that the answer says it used, by kind; null: not known. */
  get used(): TokensUsed | null {
    return this.sink?.used ?? null;
  }

  /** Code of an error within the stream; null: none. */
  get streamError(): number | null {
    return this.lateError ?? this.sink?.streamError ?? null;
  }

  /** Reads an answer of status 200 until it is clear whether it has content. */
  appraise(exchange: Exchange, request: ClientRequest): Promise<Appraisal> {
    const { answer, onFault } = this.deps;
    const sink =
      answer.kind === 'stream' && this.stream !== null
        ? new StreamedReply(answer, this.stream, exchange, onFault)
        : this.wholeReply(answer as Exclude<TranslatedAnswer, { kind: 'stream' }>, exchange, request);
    this.sink = sink;
    exchange.deliver(sink);
    return sink.appraised;
  }

  /**
   * Gives the client the answer that was appraised last, or an upstream's refusal.
   *
   * @param done - called when the upstream's answer is whole or has broken off
   */
  deliver(exchange: Exchange, done: (failure: UpstreamFailed | null) => void): void {
    if (exchange.status === 200) this.sink?.start(done);
    else exchange.deliver(new RefusalReader((body) => this.fail(this.troubleOf(exchange, body)), done));
  }

  /** The client does not get the answer that was appraised last. @returns the tokens that it used; null: not known */
  forgo(): TokensUsed | null {
    const used = this.used;
    this.sink?.abandon();
    this.sink = null;
    return used;
  }

  failWith(error: OwnError): void {
    this.fail(ownTrouble(error));
  }

  /** Tells the client that the answers of all accounts asked were empty. */
  failEmpty(why: string): void {
    this.fail(emptyAnswer(why));
  }

  fail(trouble: Trouble): void {
    const { response, answer, errorAnswer } = this.deps;
    this.stream?.close();
    if (!response.headersSent) this.ownBytes = send(response, errorAnswer(trouble));
    else if (this.stream !== null && answer.kind === 'stream') {
      this.lateError = trouble.status;
      this.stream.end(answer.writer().failed(trouble));
    } else response.destroy();
  }

  /** The request is over. */
  close(): void {
    this.stream?.close();
    this.sink?.abandon();
  }

  private wholeReply(
    answer: Exclude<TranslatedAnswer, { kind: 'stream' }>,
    exchange: Exchange,
    request: ClientRequest,
  ): WholeReply {
    const { upstream, onFault } = this.deps;
    const rewriting = upstream.rewriting(request);
    const make = rewriting !== null && 'make' in rewriting ? (body: Buffer) => rewriting.make(body) : null;
    return new WholeReply(answer, exchange, make, (made) => this.give(made), onFault);
  }

  private give(made: object): void {
    const { response, headers } = this.deps;
    const body = JSON.stringify(made);
    this.ownBytes = send(response, { status: 200, contentType: 'application/json', body, headers });
  }

  private troubleOf({ status, headers }: Exchange, body: Buffer): Trouble {
    const { asked, upstream, clock, subject } = this.deps;
    const answer = { status, retryAfter: headers.retryAfter, body: decodedText(body, headers.contentEncoding) };
    const askedFor = { upstream: upstream.kind, subject, ofModel: asked !== null, ofStored: false };
    return googleTrouble(answer, askedFor, asked, clock.now());
  }
}

/** How much is read of a refusal that is translated. */
const LONGEST_REFUSAL_BYTES = 1_048_576;

/** Reads a refusal to its end. */
class RefusalReader implements AnswerSink {
  private readonly chunks: Buffer[] = [];
  private received = 0;

  constructor(
    private readonly tell: (body: Buffer) => void,
    private readonly done: (failure: UpstreamFailed | null) => void,
  ) {}

  chunk(chunk: Buffer): boolean {
    this.received += chunk.length;
    if (this.received <= LONGEST_REFUSAL_BYTES) this.chunks.push(chunk);
    return true;
  }

  end(): void {
    this.tell(Buffer.concat(this.chunks));
    this.done(null);
  }

  /** The refusal broke off; its status and headers are enough. */
  broken(failure: UpstreamFailed): void {
    this.tell(Buffer.concat(this.chunks));
    this.done(failure);
  }
}
