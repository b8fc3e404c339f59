import { INTERNAL_ERROR } from '../../http/own-answer.js';
import type { GeminiEvent } from './gemini/gemini.js';
import type { AnswerWriter } from './translated.js';
import { EventReader, NotAnEvent } from './answer/event-reader.js';
import { troubleIn } from './answer/google-trouble.js';
import { type AnswerState, Substance } from './answer/substance.js';
import { NO_USAGE, type TokenUsage, usageAfter } from './answer/usage.js';
import type { Trouble } from './answer/trouble.js';

/**
 * One stream of Gemini's while it is translated. Its text has to be held back until there is content (`standing`); if
 * the stream broke, the last of its text says so.
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

  /** The error in the stream's own events; null: there is none. */
  get trouble(): Trouble | null {
    return this.failure;
  }

  /** The tokens that the stream has reported so far. */
  get usage(): TokenUsage {
    return this.used;
  }

  /** The error of this program that broke it; null: there is none. */
  get fault(): unknown {
    return this.bug;
  }

  get emptyBecause(): string {
    return this.substance.emptyBecause;
  }

  /** Takes bytes. @returns the translated text, in one piece */
  push(chunk: Buffer): string {
    if (this.over) return '';
    try {
      return this.written(this.reader.push(chunk));
    } catch (error) {
      return this.brokenBy(error);
    }
  }

  /** The upstream's body is complete. An empty answer gives no text: the caller decides what to do. */
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

  /** The upstream has broken off, or did not answer. */
  failed(trouble: Trouble): string {
    if (this.over && this.now !== 'empty') return '';
    this.over = true;
    this.failure = trouble;
    return this.writer.failed(trouble);
  }

  /**
   * The text after an error: bytes that are no event are the upstream's fault, any other error is one of this program.
   */
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
