import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../store/ground/clock.js';

/** A client that takes none of its answer for this long is gone. */
const STALLED_MS = 600_000;
/** A client that hears nothing for longer may take the connection for dead. */
const SILENT_MS = 15_000;

/** The stream of events that a client of a translated protocol reads, whoever answers in the end. */
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
   * @param headers - names and values in turn
   * @param ping - what keeps the connection alive; with the first of them the status is 200
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

  /** Something has been sent, so that the status is 200 whatever comes. */
  get isOpen(): boolean {
    return this.response.headersSent;
  }

  /** @param onDrain - called where it said no, once more can be taken @returns whether more can be taken now */
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

  /** Nobody waits for pings any more. */
  close(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private open(): void {
    if (!this.response.headersSent) this.response.writeHead(200, this.headers as string[]);
  }

  /** In one piece with the frame of its chunk, as in `ClientAnswer`: Node would write four. */
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

  /** Looks after so many ms whether the client has heard something. */
  private watch(ms: number): void {
    this.cancel = this.clock.after(ms, () => {
      const silentMs = this.clock.monotonic() - this.lastAt;
      if (silentMs < SILENT_MS) {
        this.watch(SILENT_MS - silentMs);
        return;
      }
      // What a client does not read needs no company.
      if (!this.stalled) {
        this.open();
        this.send(this.ping());
      }
      this.watch(SILENT_MS);
    });
  }
}

const nothing = (): void => undefined;
