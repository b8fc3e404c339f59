import type { TokensUsed } from '../../../store/records/access-record.js';
import type { Usage } from '../protocol.js';

/**
 * How many of an answer's last bytes are kept: the usage comes after the candidates, so it is in the end of an answer
 * or of its last event.
 */
const TAIL_BYTES = 4_096;
/** Space for some more events, so that not each new one moves those before it. */
const ROOM_BYTES = 6_144;
const NAME = '"totalTokenCount"';

/** The last `totalTokenCount` in an answer or its end; null where there is none, or the answer broke off within it. */
export function totalIn(answer: Buffer): number | null {
  const at = answer.lastIndexOf(NAME, undefined, 'latin1');
  if (at < 0) return null;
  const digits = /^\s*:\s*(\d{1,15})[\s,}]/.exec(
    answer.toString('latin1', at + NAME.length, at + NAME.length + 40),
  )?.[1];
  return digits === undefined ? null : Number(digits);
}

const count = (name: string): RegExp => new RegExp(`"${name}"\\s*:\\s*(\\d{1,15})\\b`);

/** How an API names what was used; the counts stand in an object behind `name`. */
const wordings = [
  {
    name: '"usageMetadata"',
    prompt: count('promptTokenCount'),
    out: count('candidatesTokenCount'),
    cached: count('cachedContentTokenCount'),
    thoughts: count('thoughtsTokenCount'),
    toolUse: count('toolUsePromptTokenCount'),
  },
  // interactions
  {
    name: '"usage"',
    prompt: count('total_input_tokens'),
    out: count('total_output_tokens'),
    cached: count('total_cached_tokens'),
    thoughts: count('total_thought_tokens'),
    toolUse: count('total_tool_use_tokens'),
  },
] as const;
/** How every such name begins: an answer without it says nothing of what was used. */
const ANY_NAME = '"usage';
/** The longest such object, with all its details. */
const LONGEST_METADATA = 2_048;

/** The tokens by kind that an answer or its end says last that it used; null where it says nothing of it. */
export function usedIn(answer: Buffer): TokensUsed | null {
  if (answer.lastIndexOf(ANY_NAME, undefined, 'latin1') < 0) return null;
  for (const words of wordings) {
    const at = answer.lastIndexOf(words.name, undefined, 'latin1');
    if (at < 0) continue;
    const text = answer.toString('latin1', at, at + LONGEST_METADATA);
    const [prompt, out] = [countIn(text, words.prompt), countIn(text, words.out)];
    if (prompt === null && out === null) continue;
    const cached = countIn(text, words.cached) ?? 0;
    const given = (prompt ?? 0) + (countIn(text, words.toolUse) ?? 0);
    return { in: Math.max(0, given - cached), cached, out: out ?? 0, thoughts: countIn(text, words.thoughts) ?? 0 };
  }
  return null;
}

function countIn(text: string, pattern: RegExp): number | null {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Reads the number of tokens that a Gemini answer says it used from its last bytes; nothing is parsed on the way. */
export class UsageTail implements Usage {
  /** The only chunk so far: most answers have one, and that needs no copy. */
  private first: Buffer | null = null;
  /**
   * Copies of the last bytes. The chunks themselves would keep whole socket reads in memory for half a second of a
   * stream: long enough to be moved by the garbage collector, and 14 kB for each stream.
   */
  private tail: Buffer | null = null;
  private filled = 0;

  push(chunk: Buffer): void {
    if (this.tail === null && this.first === null) {
      this.first = chunk;
      return;
    }
    if (this.first !== null) {
      const { first } = this;
      this.first = null;
      this.tail = Buffer.allocUnsafeSlow(ROOM_BYTES);
      this.append(this.tail, first);
    }
    if (this.tail !== null) this.append(this.tail, chunk);
  }

  private append(tail: Buffer, chunk: Buffer): void {
    const from = Math.max(0, chunk.length - TAIL_BYTES);
    const more = chunk.length - from;
    // The kept bytes do not continue in these, since some between them are left out.
    if (from > 0) this.filled = 0;
    if (this.filled + more > ROOM_BYTES) {
      const kept = Math.min(this.filled, TAIL_BYTES - more);
      tail.copyWithin(0, this.filled - kept, this.filled);
      this.filled = kept;
    }
    this.filled += chunk.copy(tail, this.filled, from);
  }

  total(): number | null {
    const { end } = this;
    return end === undefined ? null : totalIn(end);
  }

  used(): TokensUsed | null {
    const { end } = this;
    return end === undefined ? null : usedIn(end);
  }

  private get end(): Buffer | undefined {
    return this.first ?? this.tail?.subarray(0, this.filled);
  }
}
