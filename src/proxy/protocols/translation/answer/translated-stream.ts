import type { GeminiEvent } from '../gemini.js';
import type { AnswerWriter } from '../translated.js';
import { EventReader } from './events.js';
import { type AnswerState, Substance } from './substance.js';
import { type Trouble, troubleOf } from './trouble.js';

/**
 * One stream of Gemini on its way into a protocol. What it gives is to be held back until there is something in it
 * (`standing`); a stream that broke has been told to the client in the last of its text.
 */
export class TranslatedStream {
  private readonly reader = new EventReader();
  private readonly substance: Substance;
  private failure: Trouble | null = null;
  private over = false;
  private now: AnswerState = 'waiting';

  constructor(
    private readonly writer: AnswerWriter,
    thoughtsShown: boolean,
  ) {
    this.substance = new Substance(thoughtsShown);
  }

  get standing(): AnswerState {
    return this.now;
  }

  /** Why the stream broke, as its own events say; null: it has not. */
  get trouble(): Trouble | null {
    return this.failure;
  }

  get emptyBecause(): string {
    return this.substance.emptyBecause;
  }

  /** The text for what came, in one piece. */
  push(chunk: Buffer): string {
    if (this.over) return '';
    try {
      return this.written(this.reader.push(chunk));
    } catch (error) {
      return this.failed(brokenBy(error));
    }
  }

  /** The upstream's body is whole. An empty answer gives no text: whoever asked decides what comes of it. */
  end(): string {
    if (this.over) return '';
    try {
      const last = this.written(this.reader.end());
      if (this.failure !== null) return last;
      this.now = this.substance.ended();
      this.over = true;
      return this.now === 'empty' ? last : last + this.writer.end();
    } catch (error) {
      return this.failed(brokenBy(error));
    }
  }

  /** The upstream has broken off, or nothing came of it. */
  failed(trouble: Trouble): string {
    if (this.over && this.now !== 'empty') return '';
    this.over = true;
    this.failure = trouble;
    return this.writer.failed(trouble);
  }

  private written(events: readonly GeminiEvent[]): string {
    let text = '';
    for (const event of events) {
      if (event.error !== undefined) return text + this.failed(troubleIn(event.error));
      this.now = this.substance.after(event);
      text += this.writer.event(event);
    }
    return text;
  }
}

/** The trouble that an event in the middle of a stream tells of. */
export const troubleIn = ({ code, message }: NonNullable<GeminiEvent['error']>): Trouble =>
  troubleOf({ status: typeof code === 'number' ? code : 500, message: message ?? 'the upstream failed' });

const brokenBy = (error: unknown): Trouble => ({
  ...{ kind: 'failed', status: 502 },
  message: error instanceof Error ? error.message : String(error),
});
