import type { TokensUsed } from '../../store/records/access-record.js';
import type { ServerResponse } from 'node:http';
import { type AnswerSink, type Exchange, UpstreamFailed } from '../transport/exchange.js';
import type { ErrorReader } from '../answers/stream-error.js';
import { withoutHeader } from '../http/headers.js';
import { systemCode } from '../../store/ground/errors.js';
import type { Rewriting } from '../upstreams/upstream.js';
import type { AnswerReader, Usage } from '../protocols/protocol.js';

/** A client that has taken none of its answer for this long is gone. */
const STALLED_MS = 600_000;

/** Node writes strings up to this size without a buffer of their own. */
const SMALL_BYTES = 8_192;

/** Which reason phrases Node writes: HTTP allows more bytes than that. */
const PLAIN_REASON = /^[\t\x20-\x7e]*$/;

const NOTHING: readonly Buffer[] = [];
const UNREADABLE = 'its Content-Encoding cannot be read';

/** The response to a client, as Node's, and with a way to end it in one write. */
export interface ClientEnd extends ServerResponse {
  /** Ends the answer with all of its body, latin1. */
  endWith(body: string): void;
}

/** Readers of an answer's body while it passes. */
export interface Readers {
  readonly usage: Usage | null;
  readonly stored: AnswerReader | null;
  /** null: the answer is no stream, or cannot be read. */
  readonly streamError?: ErrorReader | null;
}

/** An upstream's answer on its way to the client: byte for byte, each chunk as it comes, at the pace of the slower side. */
export class ClientAnswer implements AnswerSink {
  /** Bytes of the body handed to the client so far. */
  bytes = 0;
  private ended = false;
  private stalled = false;
  /**
   * @param headers - the answer's headers, as the client gets them
   * @param rewriting - changes the body on its way; null: nothing does
   * @param done - called once, when the upstream's answer is whole or has broken off
   */
  constructor(
    private readonly response: ClientEnd,
    private readonly exchange: Exchange,
    private readonly headers: readonly string[],
    private readonly rewriting: Rewriting | null,
    private readonly readers: Readers,
    private readonly done: (failure: UpstreamFailed | null) => void,
  ) {}

  /** `usageMetadata.totalTokenCount` of the answer, where it can be read. */
  get tokens(): number | null {
    return this.readers.usage?.total() ?? null;
  }

  /** Code of an error within the stream; null: none. */
  get streamError(): number | null {
    return this.readers.streamError?.code ?? null;
  }

  /** The tokens that the answer says it used, by kind; null: not known. */
  get used(): TokensUsed | null {
    return this.readers.usage?.used() ?? null;
  }

  /**
   * Sends status, headers and what has come of the body; the rest follows by itself.
   *
   * @throws {TypeError} a header that Node does not write; nothing was sent then
   */
  start(): void {
    const { response, exchange } = this;
    const { status, statusText } = exchange;
    response.sendDate = false;
    const isSaid = this.rewriting === null && status !== 204;
    const kept = isSaid ? this.headers : withoutHeader(this.headers, 'content-length');
    const reason = PLAIN_REASON.test(statusText) ? statusText : '';
    try {
      response.writeHead(status, reason, kept as string[]);
    } catch (error) {
      // This answer cannot have trailers (HEAD, HTTP/1.0, a Content-Length), so none are announced.
      if (systemCode(error) !== 'ERR_HTTP_TRAILER_INVALID') throw error;
      response.writeHead(status, reason, withoutHeader(kept, 'trailer'));
    }
    exchange.deliver(this);
    // With the body's first bytes the headers go out in one packet; without any they must not wait. Not by
    // flushHeaders: that writes their bytes as UTF-8.
    if (this.bytes === 0 && !this.ended) response.write('', 'latin1');
  }

  chunk(chunk: Buffer): boolean {
    this.readers.usage?.push(chunk);
    this.readers.stored?.push(chunk);
    this.readers.streamError?.push(chunk);
    if (this.rewriting !== null) return this.writeAll(this.rewriting.push(chunk));
    this.bytes += chunk.length;
    if (this.bytes === this.exchange.headers.contentLength) {
      this.ended = true;
      this.finish(chunk);
      return true;
    }
    if (this.write(chunk)) return true;
    this.wait();
    return false;
  }

  end(trailers: readonly Buffer[]): void {
    if (!this.ended) {
      this.ended = true;
      const rest = this.rewriting === null ? NOTHING : this.rewriting.end();
      if (rest === null) {
        this.broken(new UpstreamFailed('UNREADABLE', this.bytes, UNREADABLE));
        return;
      }
      this.writeAll(rest);
      if (trailers.length > 0) this.response.addTrailers(pairs(trailers));
      this.response.end();
    }
    this.readers.stored?.end();
    this.done(null);
  }

  broken(failure: UpstreamFailed): void {
    // Only a reset connection tells the client that the answer is not complete.
    if (this.endsWithConnection && this.response.socket !== null) this.response.socket.resetAndDestroy();
    else this.response.destroy();
    this.done(failure);
  }

  /**
   * Whether the client takes a closed connection for the end of the answer, as one of HTTP/1.0 does (nginx uses that by
   * default); only a reset tells it otherwise.
   */
  private get endsWithConnection(): boolean {
    const hasLength = this.rewriting === null && this.exchange.headers.contentLength !== null;
    return !hasLength && !this.response.chunkedEncoding;
  }

  /**
   * Writes a small chunk (an event of a stream) in one piece. Node writes the chunk's size, the chunk and its end as
   * four pieces, which was a quarter of what an event costs. So Node is told that the body is not chunked, and is given
   * chunked bytes.
   */
  private write(chunk: Buffer): boolean {
    const { response } = this;
    if (!response.chunkedEncoding || chunk.length === 0 || chunk.length > SMALL_BYTES) return response.write(chunk);
    response.chunkedEncoding = false;
    const goOn = response.write(`${chunk.length.toString(16)}\r\n${chunk.toString('latin1')}\r\n`, 'latin1');
    response.chunkedEncoding = true;
    return goOn;
  }

  private finish(last: Buffer): void {
    // As a string it is written together with the headers, in one piece; as bytes it would be a second piece, which
    // costs more than turning the bytes into characters and back.
    const isSmall = last.length <= SMALL_BYTES && this.bytes === last.length;
    if (isSmall) this.response.endWith(last.toString('latin1'));
    else this.response.end(last);
  }

  private writeAll(chunks: readonly Buffer[]): boolean {
    let goOn = true;
    for (const chunk of chunks) {
      this.bytes += chunk.length;
      goOn = this.write(chunk);
    }
    if (!goOn) this.wait();
    return goOn;
  }

  /** Stops reading from the upstream until the client has caught up, since the client is the slower side. */
  private wait(): void {
    this.response.socket?.setTimeout(STALLED_MS);
    if (this.stalled) return;
    this.stalled = true;
    this.response.on('drain', () => {
      this.response.socket?.setTimeout(0);
      this.exchange.resume();
    });
    this.response.on('timeout', () => this.response.destroy());
  }
}

function pairs(flat: readonly Buffer[]): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    list.push([flat[at]?.toString('latin1') ?? '', flat[at + 1]?.toString('latin1') ?? '']);
  }
  return list;
}
