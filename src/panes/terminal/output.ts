/**
 * The terminal's output as blessed writes to it: never blocking, each frame one write between the marks of a
 * synchronized update; it tells how much the terminal has not taken yet.
 */
import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';

/** Marks of a synchronized update; terminals without it ignore them. */
const SYNC_START = '\x1b[?2026h';
const SYNC_END = '\x1b[?2026l';

export type TerminalOutput = Writable & { readonly columns?: number; readonly rows?: number; readonly isTTY?: boolean };

/** A terminal stream of Node blocks by default: a terminal that nobody reads would then stop the whole process. */
interface NodeTerminal {
  readonly _handle?: { setBlocking?: (blocking: boolean) => number };
  /** Asks the system for the size; Node itself does so only after a signal that it changed. */
  _refreshSize?(): void;
}

export class ScreenOutput extends EventEmitter {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  private gone = false;
  private waiting = 0;

  /** @param drained - called when the terminal has taken everything that was written */
  constructor(
    private readonly terminal: TerminalOutput,
    private readonly drained: () => void,
  ) {
    super();
    this.measure();
    (terminal as NodeTerminal)._handle?.setBlocking?.(false);
  }

  /** Reads the terminal's present size. */
  measure(): void {
    (this.terminal as NodeTerminal)._refreshSize?.();
    // A terminal that knows no size says 0 x 0.
    this.columns = this.terminal.columns === undefined || this.terminal.columns < 1 ? 80 : this.terminal.columns;
    this.rows = this.terminal.rows === undefined || this.terminal.rows < 1 ? 24 : this.terminal.rows;
  }

  get writable(): boolean {
    return !this.gone && this.terminal.writable;
  }

  /** Bytes or writes that the terminal has not taken yet: while there are any, no frame is drawn. */
  get backlog(): number {
    return this.terminal.writableLength + this.waiting;
  }

  /** One frame. */
  write(text: string): boolean {
    return this.raw(`${SYNC_START}${text}${SYNC_END}`);
  }

  /** Writes bytes unchanged. */
  raw(text: string): boolean {
    if (!this.writable) return false;
    this.waiting += 1;
    return this.terminal.write(text, () => {
      this.waiting -= 1;
      if (this.backlog === 0) this.drained();
    });
  }

  /** Writes no more: the terminal is gone, or another program uses it now. */
  end(): void {
    this.gone = true;
  }
}
