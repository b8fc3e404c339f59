import { english } from '../words/saying.js';
import type { PlainSentence } from '../words/tongue.js';
import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../ground/json.js';

/** The checks that settings are made of; each message says what is allowed. */

/** What is allowed, in words that the operator may read in his tongue. */
export const allowed = (words: PlainSentence): string => words;

/** A whole number within bounds; the message says what is allowed. */
export const whole = (least: number, most: number) => {
  const words = english('a whole number from {least} to {most}', { least, most });
  return v.pipe(v.number(words), v.integer(words), v.minValue(least, words), v.maxValue(most, words));
};

const IN_BRACES = allowed('an object in braces');
/** An object in braces. Checked first, because valibot takes a list for an object whose keys are all missing. */
export const inBraces = v.custom<JsonObject>(isJsonObject, IN_BRACES);
export const section = <const T extends v.ObjectEntries>(entries: T) => v.pipe(inBraces, v.looseObject(entries));

export const text = v.string(allowed('text in quotes'));
export const texts = v.array(text, allowed('a list of texts'));
export const trueOrFalse = v.boolean(allowed('true or false'));
export const oneOf = <const T extends readonly string[]>(...options: T) =>
  v.picklist(options, options.map((option) => JSON.stringify(option)).join(', '));

export const isUrl = (value: string, test: (url: URL) => boolean): boolean => {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && test(url);
};
