/**
 * Cuts a terminal's bytes into tokens by ECMA-48's grammar: letters, controls, and whole sequences. Takes bytes one by
 * one, so that a read may end anywhere.
 */

export type Token =
  /** A letter of any alphabet. */
  | { readonly kind: 'letter'; readonly text: string }
  /** A control character of one byte, such as Enter or Ctrl-C. */
  | { readonly kind: 'control'; readonly code: number }
  /** A sequence that begins with `CSI`, or with `SS3`, which is used likewise. */
  | {
      readonly kind: 'csi' | 'ss3';
      /** A private mark, parameters and intermediates as they came. */
      readonly parameters: string;
      readonly final: string;
    }
  /** ESC and one character, as Alt sends it. */
  | { readonly kind: 'escape'; readonly of: Extract<Token, { kind: 'letter' | 'control' }> }
  /** OSC, DCS and similar strings; cut where they are long. */
  | { readonly kind: 'string'; readonly introducer: string; readonly text: string };

/** `escape`: an ESC alone, which may be the key; `sequence`: a part of a sequence. */
export type Unfinished = 'nothing' | 'escape' | 'sequence';

type State = 'ground' | 'escape' | 'intermediate' | 'csi' | 'ss3' | 'string' | 'string-escape' | 'x10' | 'console';

const ESC = 0x1b;
const CTRL_C = 0x03;
const CANCEL: readonly number[] = [0x18, 0x1a];
const BEL = 0x07;

/** How much of a sequence is kept; the rest is skipped. */
const LONGEST_PARAMETERS = 256;
const LONGEST_STRING = 4096;

/** The second byte of each introducer, by the C1 control that means the same in one byte. */
const introducers: Readonly<Record<number, string>> = {
  0x8f: 'O',
  0x90: 'P',
  0x98: 'X',
  0x9b: '[',
  0x9d: ']',
  0x9e: '^',
  0x9f: '_',
};

export class SequenceParser {
  private state: State = 'ground';
  private held = '';
  private introducer = '';
  /** How many bytes of a letter are still to come. */
  private missing = 0;
  private isAlt = false;

  /** What the bytes since the last token may still become. */
  get unfinished(): Unfinished {
    if (this.state === 'ground') return this.missing > 0 ? 'sequence' : 'nothing';
    return this.state === 'escape' && this.held === '' ? 'escape' : 'sequence';
  }

  /** Drops an unfinished sequence. */
  abandon(): void {
    this.state = 'ground';
    this.held = '';
    this.missing = 0;
    this.isAlt = false;
  }

  /** The token that ends with this byte; null where none does. */
  push(byte: number): Token | null {
    if (this.state === 'ground') return this.ground(byte);
    if (byte === CTRL_C && this.state !== 'x10') {
      this.abandon();
      return { kind: 'control', code: byte };
    }
    if (this.state !== 'x10' && CANCEL.includes(byte)) {
      this.abandon();
      return null;
    }
    return this.within(byte);
  }

  private within(byte: number): Token | null {
    switch (this.state) {
      case 'escape':
        return this.escaped(byte);
      case 'intermediate':
        if (byte >= 0x30 && byte < 0x7f) this.abandon();
        return null;
      case 'csi':
      case 'ss3':
        return this.parameter(byte);
      case 'x10':
        this.held += 'x';
        if (this.held.length === 3) this.abandon();
        return null;
      case 'console':
        this.abandon();
        return null;
      default:
        return this.inString(byte);
    }
  }

  private ground(byte: number): Token | null {
    if (this.missing > 0) return this.letter(byte);
    if (byte === ESC) return this.begin('escape');
    if (byte < 0x20 || byte === 0x7f) return this.told({ kind: 'control', code: byte });
    if (byte < 0x7f) return this.told({ kind: 'letter', text: String.fromCharCode(byte) });
    if (byte >= 0xc2 && byte < 0xf5) {
      this.missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      this.held = String.fromCharCode(byte);
      return null;
    }
    return this.c1(byte);
  }

  private letter(byte: number): Token | null {
    if (byte < 0x80 || byte > 0xbf) {
      // cut off: what comes now is something else
      this.abandon();
      return this.push(byte);
    }
    this.held += String.fromCharCode(byte);
    this.missing -= 1;
    if (this.missing > 0) return null;
    const text = Buffer.from(this.held, 'latin1').toString('utf8');
    this.held = '';
    const code = text.codePointAt(0) ?? 0;
    return code < 0xa0 ? this.c1(code) : this.told({ kind: 'letter', text });
  }

  /** A C1 control of one byte begins a sequence as its pair of bytes does. */
  private c1(code: number): null {
    const introducer = introducers[code];
    if (introducer !== undefined) this.open(introducer);
    return null;
  }

  /** The token, with the ESC that came before it, if one did. */
  private told(token: Extract<Token, { kind: 'letter' | 'control' }>): Token {
    const { isAlt } = this;
    this.isAlt = false;
    return isAlt ? { kind: 'escape', of: token } : token;
  }

  private begin(state: State): null {
    this.state = state;
    this.held = '';
    return null;
  }

  private open(introducer: string): null {
    this.introducer = introducer;
    if (introducer === '[') return this.begin('csi');
    return this.begin(introducer === 'O' ? 'ss3' : 'string');
  }

  private escaped(byte: number): Token | null {
    const char = String.fromCharCode(byte);
    // begins anew: the ESC before is not the key, since something followed it
    if (byte === ESC) return null;
    if ('[O]P^_X'.includes(char)) return this.open(char);
    if (byte >= 0x20 && byte < 0x30) return this.begin('intermediate');
    this.abandon();
    this.isAlt = true;
    return this.ground(byte);
  }

  private parameter(byte: number): Token | null {
    if (byte === ESC) return this.begin('escape');
    if (byte < 0x20 || byte > 0x7e) {
      // a control within a sequence does nothing here; a byte that no sequence can have ends it
      if (byte > 0x7e) this.abandon();
      return null;
    }
    if (byte < 0x40) {
      if (this.held.length < LONGEST_PARAMETERS) this.held += String.fromCharCode(byte);
      return null;
    }
    const { held: parameters, state } = this;
    const final = String.fromCharCode(byte);
    if (state === 'csi' && parameters === '' && final === 'M') return this.begin('x10');
    if (state === 'csi' && parameters === '' && final === '[') return this.begin('console');
    this.abandon();
    return { kind: state === 'ss3' ? 'ss3' : 'csi', parameters, final };
  }

  private inString(byte: number): Token | null {
    if (this.state === 'string-escape') {
      if (byte === 0x5c) return this.endString();
      // cut off by another sequence
      this.begin('escape');
      return this.escaped(byte);
    }
    if (byte === ESC) this.state = 'string-escape';
    else if (byte === BEL) return this.endString();
    else if (this.held.length < LONGEST_STRING) this.held += String.fromCharCode(byte);
    return null;
  }

  private endString(): Token {
    const { introducer, held: text } = this;
    this.abandon();
    return { kind: 'string', introducer, text };
  }
}
