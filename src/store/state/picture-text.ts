import { Unread } from './state-table.js';

/** One record of a table by key, as the program writes it: no letter of it is escaped, and nothing is nested in it. */
const RECORD = /"([^"\\]*)":(\{[^{}\\]*\}|-?[\d.]+)([,}])/y;

/**
 * A picture's text, out of which tables by key are taken without a look into their records: an object with one key for
 * each of tens of thousands takes the parser several times as long.
 */
export class PictureText {
  /** The picture with empty tables in the place of those that were taken. */
  rest: string;
  readonly taken: string[] = [];

  constructor(text: string) {
    this.rest = text;
  }

  /** null: the text is written in another way, or damaged, and is to be parsed as a whole. */
  take<T>(name: string, is: (value: unknown) => value is T): Map<string, Unread<T>> | null {
    const { rest: text } = this;
    const opening = `"${name}":{`;
    const from = text.indexOf(opening);
    // inside of a text its quotation marks would be escaped; in something else it would be there twice
    if (from < 0 || text.includes(opening, from + 1)) return null;
    const recordOf = (json: unknown): T | null => (is(json) ? json : null);
    const records = new Map<string, Unread<T>>();
    RECORD.lastIndex = from + opening.length;
    for (let found = RECORD.exec(text); found !== null; found = RECORD.exec(text)) {
      const [, key = '', record = '', mark] = found;
      records.set(key, new Unread(record, recordOf));
      if (mark === ',') continue;
      this.rest = `${text.slice(0, from)}${opening}}${text.slice(RECORD.lastIndex)}`;
      this.taken.push(name);
      return records;
    }
    return null;
  }
}
