import type { TokensUsed } from '../../../store/records/access-record.js';
import { isPlain, unpacked } from '../../http/content-encoding.js';
import { INTERNAL_ERROR, type OwnAnswer, type OwnError } from '../../http/own-answer.js';
import { eventOf } from '../../protocols/translation/answer/events.js';
import { ownTrouble } from '../../protocols/translation/answer/own-trouble.js';
import { Substance } from '../../protocols/translation/answer/substance.js';
import { troubleIn } from '../../protocols/translation/answer/google-trouble.js';
import { TranslatedStream } from '../../protocols/translation/translated-stream.js';
import type { Trouble } from '../../protocols/translation/answer/trouble.js';
import { NO_USAGE, usageAfter, usedOf } from '../../protocols/translation/answer/usage.js';
import type { TranslatedAnswer } from '../../protocols/translation/route.js';
import { type AnswerSink, type Exchange, UpstreamFailed } from '../../transport/exchange.js';
import { isJsonObject, jsonOf } from '../../../store/ground/json.js';
import type { ClientStream } from './client-stream.js';

/** What an upstream's good answer turned out to be, before the client has seen any of it. */
export type Appraisal =
  | { readonly kind: 'good' }
  /** It has no content; `why` in Google's word. */
  | { readonly kind: 'empty'; readonly why: string }
  | { readonly kind: 'failed'; readonly trouble: Trouble };

const GOOD: Appraisal = { kind: 'good' };

/** An upstream's answer while it is translated into a client's protocol. Nothing goes to the client before `start`. */
export interface ReplySink extends AnswerSink {
  /** Resolves once it is clear what the answer is. */
  readonly appraised: Promise<Appraisal>;
  /** @param done - called once, when the upstream's answer is whole or has broken off */
  start(done: (failure: UpstreamFailed | null) => void): void;
  /** Tokens that the answer used; null: it does not say. */
  readonly tokens: number | null;
  /** The tokens that the answer says it used, by kind; null: not known. */
  readonly used: TokensUsed | null;
  /** Code of an error within the stream, of which the client had seen a part; null: none. */
  readonly streamError: number | null;
  /** Stops reading: the answer is not needed any more. */
  abandon(): void;
}

const ABANDONED: Appraisal = { kind: 'failed', trouble: { kind: 'failed', status: 502, message: 'given up' } };

/** A promise with the function that resolves it. */
function pledge<T>(): { promise: Promise<T>; keep: (value: T) => void } {
  let keep: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (keep = resolve));
  return { promise, keep };
}

const brokenOff = (failure: UpstreamFailed): Trouble => ({
  ...{ kind: 'failed', status: 502, message: `the answer broke off: ${failure.message}` },
});

/** So much text, in characters, is held back while there is no content in it; then it is sent as it is. */
const MOST_HELD_BACK = 1_048_576;

/** The largest answer that is held as a whole: pictures of four candidates fit. */
const LONGEST_BYTES = 134_217_728;
const LONGEST_PACKED_BYTES = 16_777_216;

/** An answer that is a stream, translated event by event. */
export class StreamedReply implements ReplySink {
  streamError: number | null = null;
  private readonly pledged = pledge<Appraisal>();
  private readonly stream: TranslatedStream;
  /** What has come of a stream that is packed though nobody asked for that: it is read when it is whole. */
  private readonly packed: Buffer[] = [];
  private packedBytes = 0;
  /** The translated text that is held back until the answer has content. */
  private text = '';
  private ended = false;
  private failure: UpstreamFailed | null = null;
  private done: ((failure: UpstreamFailed | null) => void) | null = null;

  constructor(
    answer: Extract<TranslatedAnswer, { kind: 'stream' }>,
    private readonly client: ClientStream,
    private readonly exchange: Exchange,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.stream = new TranslatedStream(answer.writer(), answer.thoughtsShown);
  }

  get appraised(): Promise<Appraisal> {
    return this.pledged.promise;
  }

  get tokens(): number | null {
    const { total } = this.stream.usage;
    return total > 0 ? total : null;
  }

  get used(): TokensUsed | null {
    return usedOf(this.stream.usage);
  }

  chunk(chunk: Buffer): boolean {
    if (!isPlain(this.exchange.headers.contentEncoding)) {
      this.packedBytes += chunk.length;
      if (this.packedBytes <= LONGEST_PACKED_BYTES) this.packed.push(chunk);
      return true;
    }
    if (this.done === null) {
      this.hold(this.stream.push(chunk));
      return true;
    }
    const text = this.stream.push(chunk);
    if (this.stream.trouble === null) return this.client.write(text, this.goOn);
    this.stop(text);
    return true;
  }

  end(): void {
    const text = this.unpacked() + this.stream.end();
    this.ended = true;
    if (this.done !== null) this.finish(text, null);
    else this.hold(text);
  }

  broken(failure: UpstreamFailed): void {
    this.failure = failure;
    const text = this.unpacked() + this.stream.failed(brokenOff(failure));
    if (this.done !== null) this.finish(text, failure);
    else this.hold(text);
  }

  private unpacked(): string {
    if (this.packedBytes === 0) return '';
    const isKept = this.packedBytes <= LONGEST_PACKED_BYTES;
    const { contentEncoding } = this.exchange.headers;
    const body = isKept ? unpacked(Buffer.concat(this.packed.splice(0)), contentEncoding, LONGEST_BYTES) : null;
    if (body !== null) return this.stream.push(body);
    return this.stream.failed({
      kind: 'failed',
      status: 502,
      message: `the upstream's ${contentEncoding} cannot be read`,
    });
  }

  start(done: (failure: UpstreamFailed | null) => void): void {
    const { text } = this;
    this.done = done;
    this.text = '';
    if (this.stream.trouble !== null && this.failure === null) this.stop(text);
    else if (this.ended || this.failure !== null) this.finish(text, this.failure);
    else if (this.client.write(text, this.goOn)) this.exchange.resume();
  }

  abandon(): void {
    this.pledged.keep(ABANDONED);
  }

  private readonly goOn = (): void => this.exchange.resume();

  /** Ends the answer, because the stream itself reported an error. */
  private stop(text: string): void {
    const { fault, trouble } = this.stream;
    if (fault !== null && this.text === '') this.onFault(fault);
    if (fault === null) this.streamError = trouble?.status ?? null;
    this.exchange.abort();
    this.finish(text, new UpstreamFailed('STREAM_ERROR', 0, trouble?.message));
  }

  private finish(text: string, failure: UpstreamFailed | null): void {
    this.client.end(text);
    const { done } = this;
    this.done = () => undefined;
    done?.(failure);
  }

  /**
   * Keeps text that may not be sent yet, and decides whether there is content by now, or whether the answer is
   * complete.
   */
  private hold(text: string): void {
    this.text += text;
    const { trouble, standing, emptyBecause, fault } = this.stream;
    if (fault !== null) this.onFault(fault);
    const isLong = this.text.length > MOST_HELD_BACK;
    if (standing === 'visible' || standing === 'whole' || isLong) this.pledged.keep(GOOD);
    else if (trouble !== null) this.pledged.keep({ kind: 'failed', trouble });
    else if (standing === 'empty') this.pledged.keep({ kind: 'empty', why: emptyBecause });
  }
}

/** An answer in one piece, made from the upstream's whole answer. */
export class WholeReply implements ReplySink {
  readonly streamError = null;
  private readonly pledged = pledge<Appraisal>();
  private readonly chunks: Buffer[] = [];
  private received = 0;
  private made: object | null = null;
  private usage = NO_USAGE;

  /**
   * @param unwrap - takes off what this kind of upstream puts around an answer; null: it puts nothing around it
   * @param send - gives the client the answer
   */
  constructor(
    private readonly answer: Exclude<TranslatedAnswer, { kind: 'stream' }>,
    private readonly exchange: Exchange,
    private readonly unwrap: ((body: Buffer) => OwnAnswer | OwnError) | null,
    private readonly send: (made: object) => void,
    private readonly onFault: (error: unknown) => void,
    private readonly mostBytes = LONGEST_BYTES,
  ) {}

  get appraised(): Promise<Appraisal> {
    return this.pledged.promise;
  }

  get tokens(): number | null {
    return this.usage.total > 0 ? this.usage.total : null;
  }

  get used(): TokensUsed | null {
    return usedOf(this.usage);
  }

  chunk(chunk: Buffer): boolean {
    this.received += chunk.length;
    if (this.received <= this.mostBytes) this.chunks.push(chunk);
    else {
      this.chunks.length = 0;
      this.exchange.abort();
      this.pledged.keep(failed('the answer of the upstream is too large'));
    }
    return true;
  }

  end(): void {
    try {
      this.pledged.keep(this.taken(Buffer.concat(this.chunks.splice(0))));
    } catch (error) {
      this.onFault(error);
      this.pledged.keep({ kind: 'failed', trouble: { kind: 'failed', ...INTERNAL_ERROR } });
    }
  }

  abandon(): void {
    this.pledged.keep(ABANDONED);
  }

  broken(failure: UpstreamFailed): void {
    this.pledged.keep({ kind: 'failed', trouble: brokenOff(failure) });
  }

  start(done: (failure: UpstreamFailed | null) => void): void {
    if (this.made !== null) this.send(this.made);
    done(null);
  }

  private taken(body: Buffer): Appraisal {
    const { contentEncoding } = this.exchange.headers;
    const plain = isPlain(contentEncoding) ? body : (unpacked(body, contentEncoding, this.mostBytes) ?? body);
    const given = this.unwrap?.(plain) ?? null;
    if (given !== null && 'message' in given) return { kind: 'failed', trouble: ownTrouble(given) };
    const value = jsonOf(given === null ? plain.toString() : given.body);
    if (value === null) return failed('the upstream answered with something that is not JSON');
    return this.appraisal(value);
  }

  private appraisal(value: unknown): Appraisal {
    const { answer } = this;
    const event = eventOf(value);
    if (isJsonObject(event.error)) return { kind: 'failed', trouble: troubleIn(event.error) };
    this.usage = usageAfter(NO_USAGE, event);
    if (answer.kind === 'made') {
      this.made = answer.made(value);
      if (this.made !== null) return GOOD;
      const { otherwise } = answer;
      return otherwise === undefined ? failed(NOT_IN_IT) : { kind: 'failed', trouble: otherwise };
    }
    const substance = new Substance(answer.thoughtsShown);
    substance.after(event);
    if (substance.ended() === 'empty') return { kind: 'empty', why: substance.emptyBecause };
    this.made = answer.whole(event);
    return GOOD;
  }
}

const NOT_IN_IT = 'the upstream answered with nothing of what was asked for';
const failed = (message: string): Appraisal => ({ kind: 'failed', trouble: { kind: 'failed', status: 502, message } });
