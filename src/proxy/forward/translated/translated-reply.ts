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
  /** As the client calls it; null: the request is about none. */
  readonly asked: string | null;
  /** An error in the shape of the client's protocol. */
  readonly errorAnswer: (trouble: Trouble) => OwnAnswer;
  /** What answers say besides their content: names and values in turn. */
  readonly headers: readonly string[];
  readonly upstream: Upstream;
  readonly subject: Subject;
  /** Refusals of an upstream pass as they are where the client speaks Gemini's own protocol. */
  readonly refusals: 'translated' | 'as they are';
  readonly clock: Clock;
  /** Called with what should never happen: an error of this program. */
  readonly onFault: (error: unknown) => void;
}

const STREAM_HEADERS = ['Content-Type', 'text/event-stream; charset=utf-8', 'Cache-Control', 'no-cache'];
/** nginx would gather the events otherwise. */
const UNBUFFERED = ['X-Accel-Buffering', 'no'];

/**
 * What a client gets whose protocol is a translated one, over all accounts that are asked for it: the answer of one of
 * them in the client's own words, or an error that has its shape. A stream that has been silent for long is kept alive, and
 * from then on an error is its last event.
 */
export class TranslatedReply {
  /** null: the answer is one piece. */
  private readonly stream: ClientStream | null;
  private ownBytes = 0;
  private sink: ReplySink | null = null;

  constructor(private readonly deps: TranslatedReplyDeps) {
    const { answer, response, clock, headers } = deps;
    const all = [...STREAM_HEADERS, ...UNBUFFERED, ...headers];
    this.stream =
      answer.kind === 'stream' ? new ClientStream(response, clock, all, () => answer.writer().ping()) : null;
  }

  /** Whether it is this that makes the client's answer of an upstream's. */
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

  /** The same, taken apart. */
  get used(): TokensUsed | null {
    return this.sink?.used ?? null;
  }

  /** Reads an answer of status 200 until it is clear whether there is something in it. */
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

  /** Gives the client what was appraised last, or what an upstream refused with. @param done - its answer is whole or has broken off */
  deliver(exchange: Exchange, done: (failure: UpstreamFailed | null) => void): void {
    if (exchange.status === 200) this.sink?.start(done);
    else exchange.deliver(new RefusalReader((body) => this.fail(this.troubleOf(exchange, body)), done));
  }

  failWith(error: OwnError): void {
    this.fail(ownTrouble(error));
  }

  /** Nothing was in the answers of those who were asked. */
  failEmpty(why: string): void {
    this.fail(emptyAnswer(why));
  }

  fail(trouble: Trouble): void {
    const { response, answer, errorAnswer } = this.deps;
    this.stream?.close();
    if (!response.headersSent) this.ownBytes = send(response, errorAnswer(trouble));
    else if (this.stream !== null && answer.kind === 'stream') this.stream.end(answer.writer().failed(trouble));
    else response.destroy();
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

/** Of a refusal that is told in other words no more is kept. */
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

  /** Status and headers came whole, and say enough. */
  broken(failure: UpstreamFailed): void {
    this.tell(Buffer.concat(this.chunks));
    this.done(failure);
  }
}
