import type { TokensUsed } from '../../store/records/access-record.js';
import { firstPayload } from './frames.js';

/** How many bytes of the setup message are searched for its model. */
const LOOKED_AT_BYTES = 16_384;
const LONGEST_MODEL = 200;
const MODEL = new RegExp(`"model"\\s*:\\s*"([^"\\\\]{1,${LONGEST_MODEL}})"`);

/** Reads the model of a session from the client's first message, the setup. */
export class SetupModel {
  /** Empty until it is known, or where none is named. */
  model = '';
  private begun: Buffer[] | null = [];
  private bytes = 0;

  push(chunk: Buffer): void {
    if (this.begun === null) return;
    this.begun.push(chunk);
    this.bytes += chunk.length;
    const name = MODEL.exec(firstPayload(Buffer.concat(this.begun)).toString('latin1'))?.[1];
    this.model = name?.replace(/^models\//, '') ?? '';
    if (this.model !== '' || this.bytes >= LOOKED_AT_BYTES) this.begun = null;
  }
}

const NAME = 'TokenCount"';
/** Long enough for the longest name, what may stand around it, and the number. */
const TAIL_BYTES = 80;
const KINDS = 'prompt|response|candidates|cachedContent|thoughts|toolUsePrompt|total';
const COUNT = new RegExp(`"(${KINDS})TokenCount"\\s*:\\s*(\\d{1,15})\\s*[,}]`, 'g');

/**
 * Adds up the tokens that the upstream's messages say each turn used. They are unmasked, and not compressed, since
 * compression was not offered.
 */
export class TurnTokens {
  private readonly sums = new Map<string, number>();
  private tail = '';

  /** The tokens of all turns; null: none was reported. */
  get total(): number | null {
    return this.sums.get('total') ?? null;
  }

  /** The same by kind; null: what was reported does not say. */
  get used(): TokensUsed | null {
    const sum = (kind: string): number => this.sums.get(kind) ?? 0;
    if (!['prompt', 'response', 'candidates'].some((kind) => this.sums.has(kind))) return null;
    const cached = sum('cachedContent');
    return {
      ...{ in: Math.max(0, sum('prompt') + sum('toolUsePrompt') - cached), cached },
      ...{ out: sum('response') + sum('candidates'), thoughts: sum('thoughts') },
    };
  }

  push(chunk: Buffer): void {
    // most messages are pieces of sound
    if (this.tail === '' && chunk.indexOf(NAME) < 0 && chunk.lastIndexOf('"') < chunk.length - TAIL_BYTES) return;
    const text = this.tail + chunk.toString('latin1');
    let behind = 0;
    for (const match of text.matchAll(COUNT)) {
      const [, kind = '', count] = match;
      this.sums.set(kind, (this.sums.get(kind) ?? 0) + Number(count));
      behind = match.index + match[0].length;
    }
    this.tail = text.slice(Math.max(behind, text.length - TAIL_BYTES));
  }
}
