import { clientNames } from '../settings/client-variables.js';
import { flag, jsonFlag, one, valued, yes, type Verb } from './verb.js';

const group = 'settings and keys';
const name = one('NAME', 'key');
const load = (pick: (code: typeof import('../settings/key.js')) => Awaited<ReturnType<Verb['load']>>): Verb['load'] => {
  return async () => pick(await import('../settings/key.js'));
};

const rules = [
  valued('--expires', 'TIME', 'when it ends, such as 30d; `never`'),
  valued('--models', 'PATTERNS', 'the models that it may use, with * for any text and commas between'),
  valued('--tokens-per-day', 'N', 'in, cached, out and thoughts together; 0 is no limit'),
  valued('--tokens-per-month', 'N', 'the same for a month'),
  valued('--requests-per-minute', 'N', 'requests that may begin in a minute'),
  valued('--max-in-flight', 'N', 'requests at the same time'),
  flag('--pin', 'it may choose an account by the header x-regrant-account'),
  valued('--note', 'TEXT', 'whatever helps to remember whose it is'),
];
const shownFor = valued('--for', 'CLIENT', "prints that client's variables, as `regrant env` does", clientNames);

export const keyVerbs: readonly Verb[] = [
  {
    ...{ name: 'key list', group, takes: [], options: [jsonFlag] },
    about: 'the client keys: who they are, what each used today, what stops it',
    examples: ['regrant key list'],
    load: load(({ listKeys }) => listKeys),
  },
  {
    ...{ name: 'key add', group, takes: [one('NAME')], options: [...rules, shownFor, jsonFlag] },
    about: 'make a key for a client; it is printed this once',
    examples: [
      'regrant key add ci',
      "regrant key add alice --expires 30d --models 'gemini-*' --tokens-per-day 2000000",
    ],
    load: load(({ addKey }) => addKey),
  },
  {
    ...{ name: 'key set', group, takes: [name], options: [...rules, flag('--no-pin', 'it may not choose'), jsonFlag] },
    about: 'change what a key may',
    examples: ['regrant key set ci --requests-per-minute 60'],
    load: load(({ setKey }) => setKey),
  },
  {
    ...{ name: 'key off', group, takes: [name], options: [jsonFlag] },
    about: 'let a key in no more, until `key on`; what runs with it ends',
    examples: ['regrant key off ci'],
    load: load(({ keyOff }) => keyOff),
  },
  {
    ...{ name: 'key on', group, takes: [name], options: [jsonFlag] },
    about: 'let it in again',
    examples: ['regrant key on ci'],
    load: load(({ keyOn }) => keyOn),
  },
  {
    ...{ name: 'key rotate', group, takes: [name] },
    options: [valued('--grace', 'TIME', 'how long the key before is let in beside it'), shownFor, jsonFlag],
    about: 'another key for the same name; it is printed this once',
    examples: ['regrant key rotate ci --grace 1h', 'regrant key rotate default'],
    load: load(({ rotateKey }) => rotateKey),
  },
  {
    ...{ name: 'key revoke', group, takes: [name], options: [yes, jsonFlag] },
    about: 'take a key out for good; what runs with it ends',
    examples: ['regrant key revoke ci'],
    load: load(({ revokeKey }) => revokeKey),
  },
];
