import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../store/ground/clock.js';

/** A client that has taken none of its answer for this long is gone. */
const STALLED_MS = 600_000;
/**
 * How long the stream may be silent before a ping is sent: otherwise the client may think that the connection is dead.
 */
const SILENT_MS = 15_000;

/** The stream of events that a client of a translated protocol reads, whichever account answers in the end. */
export class ClientStream {
  /** Bytes of the body handed to the client so far. */
  bytes = 0;
  private lastAt: number;
  private cancel: (() => void) | null = null;
  private stalled = false;
  private listening = false;
  private onDrain: () => void = nothing;
  private ended = false;

  /**
   * @param headers - names and values alternating
   * @param ping - the text that keeps the connection alive; the first one also sends status 200
   */
  constructor(
    private readonly response: ServerResponse,
    private readonly clock: Clock,
    private readonly headers: readonly string[],
    private readonly ping: () => string,
  ) {
    this.lastAt = clock.monotonic();
    this.watch(SILENT_MS);
  }

  /** Whether anything was sent: then the status is 200, whatever comes later. */
  get isOpen(): boolean {
    return this.response.headersSent;
  }

  /**
   * @param onDrain - called when more can be taken again, if `false` was returned
   * @returns whether more can be taken now
   */
  write(text: string, onDrain: () => void): boolean {
    if (text === '') return !this.stalled;
    this.open();
    const goOn = this.send(text);
    if (!goOn) this.wait(onDrain);
    return goOn;
  }

  end(text: string): void {
    if (this.ended) return;
    this.open();
    this.close();
    this.ended = true;
    this.bytes += Buffer.byteLength(text);
    this.response.end(text);
  }

  /** Ends the pings. */
  close(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private open(): void {
    if (!this.response.headersSent) this.response.writeHead(200, this.headers as string[]);
  }

  /** Sends a text together with the frame of its chunk, as in `ClientAnswer`: Node would write four pieces. */
  private send(text: string): boolean {
    const { response } = this;
    const bytes = Buffer.byteLength(text);
    this.lastAt = this.clock.monotonic();
    this.bytes += bytes;
    if (!response.chunkedEncoding) return response.write(text);
    response.chunkedEncoding = false;
    const framed = `${bytes.toString(16)}\r\n${text}\r\n`;
    const goOn = response.write(framed, bytes === text.length ? 'latin1' : 'utf8');
    response.chunkedEncoding = true;
    return goOn;
  }

  private wait(onDrain: () => void): void {
    this.stalled = true;
    this.onDrain = onDrain;
    this.response.socket?.setTimeout(STALLED_MS);
    if (this.listening) return;
    this.listening = true;
    this.response.on('drain', () => {
      this.stalled = false;
      this.response.socket?.setTimeout(0);
      this.onDrain();
    });
    this.response.on('timeout', () => this.response.destroy());
  }

  /** Checks after `ms` whether anything was sent meanwhile. */
  private watch(ms: number): void {
    this.cancel = this.clock.after(ms, () => {
      const silentMs = this.clock.monotonic() - this.lastAt;
      if (silentMs < SILENT_MS) {
        this.watch(SILENT_MS - silentMs);
        return;
      }
      // A client that does not even read what was sent needs no ping.
      if (!this.stalled) {
        this.open();
        this.send(this.ping());
      }
      this.watch(SILENT_MS);
    });
  }
}

const nothing = (): void => undefined;
