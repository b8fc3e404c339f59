import { INTERNAL_ERROR } from '../../http/own-answer.js';
import type { GeminiEvent } from './gemini/gemini.js';
import type { AnswerWriter } from './translated.js';
import { EventReader, NotAnEvent } from './answer/events.js';
import { type AnswerState, Substance } from './answer/substance.js';
import { NO_USAGE, type TokenUsage, usageAfter } from './answer/usage.js';
import { type Trouble, troubleOf } from './answer/trouble.js';

/**
 * One stream of Gemini on its way into a protocol. What it gives is to be held back until there is something in it
 * (`standing`); a stream that broke has been told to the client in the last of its text.
 */
export class TranslatedStream {
  private readonly reader = new EventReader();
  private readonly substance: Substance;
  private failure: Trouble | null = null;
  private bug: unknown = null;
  private over = false;
  private now: AnswerState = 'waiting';
  private used: TokenUsage = NO_USAGE;

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

  /** Tokens as far as the stream has told. */
  get usage(): TokenUsage {
    return this.used;
  }

  /** An error of this program that broke it; null: there was none. */
  get fault(): unknown {
    return this.bug;
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
      return this.brokenBy(error);
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
      return this.brokenBy(error);
    }
  }

  /** The upstream has broken off, or nothing came of it. */
  failed(trouble: Trouble): string {
    if (this.over && this.now !== 'empty') return '';
    this.over = true;
    this.failure = trouble;
    return this.writer.failed(trouble);
  }

  /** Bytes that are no event are the upstream's fault, everything else that is thrown is one of this program. */
  private brokenBy(error: unknown): string {
    if (error instanceof NotAnEvent) return this.failed({ kind: 'failed', status: 502, message: error.message });
    this.bug = error;
    return this.failed({ kind: 'failed', ...INTERNAL_ERROR });
  }

  private written(events: readonly GeminiEvent[]): string {
    let text = '';
    for (const event of events) {
      if (event.error !== undefined) return text + this.failed(troubleIn(event.error));
      this.now = this.substance.after(event);
      this.used = usageAfter(this.used, event);
      text += this.writer.event(event);
    }
    return text;
  }
}

/** The trouble that an event in the middle of a stream tells of. */
export const troubleIn = ({ code, message }: NonNullable<GeminiEvent['error']>): Trouble =>
  troubleOf({ status: typeof code === 'number' ? code : 500, message: message ?? 'the upstream failed' });
