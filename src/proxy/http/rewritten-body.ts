import { Readable } from 'node:stream';
import { CodedError } from '../../store/ground/errors.js';
import type { OwnError } from './own-answer.js';
import { piecesOf, type SendableBody } from './sendable-body.js';

/** Changes bytes as they pass. */
export interface BodyRewriting {
  /** Whether anything was changed. */
  readonly hasReplaced: boolean;
  push(piece: Buffer): readonly Buffer[];
  end(): readonly Buffer[];
}

/** A body says something for which its request is refused. */
export class BodyRefused extends CodedError {
  readonly code = 'BODY_REFUSED';

  constructor(readonly answer: OwnError) {
    super(answer.message);
  }
}

/** A body this small is sent in one write. */
const ONE_BUFFER_BYTES = 262_144;

/**
 * A client's body with something else in the place of a few of its bytes. One that is kept is rewritten once, when it
 * is whole; a longer one while it streams.
 */
export class RewrittenBody implements SendableBody {
  /** The whole body, rewritten; null: it is not kept, or nothing was changed. */
  private made: Buffer | null = null;
  private isWhole = false;
  private refused: Error | null = null;
  /** What has come of a body that is not kept, rewritten. */
  private begun: { readonly bytes: number; readonly rewritten: Buffer } | null = null;

  /**
   * @param begin - begins a rewriting of the body from its first byte
   * @param mayChange - whether bytes may hold anything that is rewritten; asked before a whole body is gone through
   */
  constructor(
    private readonly body: SendableBody,
    private readonly begin: () => BodyRewriting,
    private readonly mayChange: (body: Buffer) => boolean,
  ) {}

  get contentLength(): number | null {
    return this.isWhole ? (this.made?.length ?? this.body.contentLength) : null;
  }

  get replayable(): boolean {
    return this.refused === null && this.body.replayable;
  }

  get failure(): Error | null {
    return this.refused ?? this.body.failure;
  }

  gather(done: (error: Error | null) => void): void {
    this.body.gather((error) => {
      if (error === null) this.gathered();
      done(error ?? this.refused);
    });
  }

  front(): Buffer | null {
    if (this.made !== null || this.isWhole) return this.made ?? this.body.front();
    const front = this.body.front();
    if (front === null || this.refused !== null) return front;
    if (this.begun?.bytes !== front.length) this.begun = { bytes: front.length, rewritten: this.rewrittenFront(front) };
    return this.begun.rewritten;
  }

  open(): Buffer | Readable | null {
    const { made } = this;
    if (made !== null) return made.length <= ONE_BUFFER_BYTES ? made : Readable.from(piecesOf(made), BYTES);
    const opened = this.body.open();
    return this.isWhole || !(opened instanceof Readable) ? opened : Readable.from(this.rewritten(opened), BYTES);
  }

  abandon(): void {
    this.made = null;
    this.body.abandon();
  }

  fail(error: Error): void {
    this.body.fail(error);
  }

  /** A refusal is told once the body is gathered. */
  private rewrittenFront(front: Buffer): Buffer {
    try {
      return Buffer.concat(this.begin().push(front));
    } catch {
      return front;
    }
  }

  private gathered(): void {
    const front = this.body.replayable ? this.body.front() : null;
    this.isWhole = front !== null && (this.body.contentLength ?? front.length) === front.length;
    if (front === null || !this.mayChange(front)) return;
    try {
      const rewriting = this.begin();
      const rewritten = [...rewriting.push(front), ...rewriting.end()];
      if (this.isWhole && rewriting.hasReplaced) this.made = Buffer.concat(rewritten);
    } catch (error) {
      this.refused = error as Error;
    }
  }

  private async *rewritten(stream: Readable): AsyncGenerator<Buffer> {
    const rewriting = this.begin();
    try {
      for await (const piece of stream) yield* rewriting.push(piece as Buffer);
    } catch (error) {
      this.refused ??= this.body.failure === null ? (error as Error) : null;
      throw error;
    }
    yield* rewriting.end();
  }
}

const BYTES = { objectMode: false } as const;
