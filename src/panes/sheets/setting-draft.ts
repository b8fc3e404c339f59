/** A new value of a setting while it is typed or chosen. */
import type { SettingRow } from '../../proxy/contract/operations.js';
import { Field } from '../forms/field.js';
import type { Key } from '../terminal/keys.js';
import { line, span, type Line } from '../text/lines.js';
import { sanitise } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import { phrase } from '../text/phrase.js';

/** Digits of the largest number that a setting can be. */
const LONGEST_NUMBER = 16;

export interface SettingDraft {
  /** The setting's path. */
  readonly name: string;
  readonly takesText: boolean;
  /** Its keys, for the foot. */
  readonly foot: string;
  /** The new value; null: what is typed is none. */
  readonly value: string | number | boolean | null;
  key(key: Key): void;
  paste(text: string): void;
  lines(width: number): readonly Line[];
}

/** The draft for a setting; null: it is none that a form can offer. */
export function draftOf({ key, value, can }: SettingRow): SettingDraft | null {
  if (can.kind === 'switch') return new ChoiceDraft(key, [true, false], value !== true);
  if (can.kind === 'choice') return new ChoiceDraft(key, can.options, String(value));
  return can.kind === 'number' ? new NumberDraft(key, can) : null;
}

const steps: ReadonlyMap<string, number> = new Map(
  Object.entries({ left: -1, h: -1, right: 1, l: 1, space: 1, tab: 1 }),
);

class ChoiceDraft implements SettingDraft {
  readonly takesText = false;
  readonly foot = phrase('Left Right choose');
  private at: number;

  constructor(
    readonly name: string,
    private readonly options: readonly (string | boolean)[],
    first: string | boolean,
  ) {
    this.at = Math.max(0, options.indexOf(first));
  }

  get value(): string | boolean | null {
    return this.options[this.at] ?? null;
  }

  key({ name }: Key): void {
    const step = steps.get(name) ?? 0;
    this.at = (this.at + step + this.options.length) % this.options.length;
  }

  paste(): void {
    // an option is chosen, not typed
  }

  lines(): readonly Line[] {
    const shown = this.options.map((option, at) =>
      at === this.at ? span(` [${String(option)}]`, 'key') : span(`  ${String(option)} `, 'dim'),
    );
    return [line(span(` ${sanitise(this.name)} `, 'bold'), ...shown)];
  }
}

class NumberDraft implements SettingDraft {
  readonly takesText = true;
  readonly foot = phrase('digits');
  private readonly field = new Field(LONGEST_NUMBER);

  constructor(
    readonly name: string,
    private readonly bounds: { readonly least: number; readonly most: number },
  ) {}

  get value(): number | null {
    const { least, most } = this.bounds;
    const typed = this.field.text.trim();
    const number = Number(typed);
    return /^-?\d+$/.test(typed) && number >= least && number <= most ? number : null;
  }

  key(key: Key): void {
    this.field.key(key);
  }

  paste(text: string): void {
    this.field.insert(text.slice(0, LONGEST_NUMBER - this.field.text.length));
  }

  lines(width: number): readonly Line[] {
    const { least, most } = this.bounds;
    const allowed = phrase('from {least} to {most}', { least: grouped(least), most: grouped(most) });
    const isWrong = this.field.text.trim() !== '' && this.value === null;
    return [
      line(
        span(` ${sanitise(this.name)} `, 'bold'),
        ...this.field.spans(Math.max(12, width - this.name.length - allowed.length - 6)),
        span(`  ${allowed}`, isWrong ? 'warn' : 'dim'),
      ),
    ];
  }
}
