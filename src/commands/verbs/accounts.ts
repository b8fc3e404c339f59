import { saying } from '../../store/words/saying.js';
import { UsageError } from '../../store/ground/errors.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { isGiven, optionValue } from '../context.js';
import { flag, jsonFlag, maybe, one, any, some, valued, yes, type Verb } from './verb.js';

const group = 'accounts';
const client = (about: PlainWord) => valued('--client', 'NAME', about, 'client');
const all = flag('--all', 'all accounts');
const noSecret = flag('--no-secret', 'it has no secret, which a desktop client of Google does have');

export const accountVerbs: readonly Verb[] = [
  {
    ...{ name: 'accounts', group, takes: [] },
    about: 'the accounts and where each stands',
    options: [flag('--json', 'as a JSON array, without tokens')],
    examples: ['regrant accounts', 'regrant accounts --json | jq -r \'.[] | select(.state=="disabled").email\''],
    load: async () => {
      const { accounts } = await import('../accounts/accounts.js');
      return (context, given) => accounts(context, { json: isGiven(given, 'json') });
    },
  },
  {
    ...{ name: 'add', group, takes: [] },
    about: 'add or re-add the refresh token on standard input',
    options: [client('the OAuth client that issued it'), jsonFlag],
    examples: ['regrant add < token', 'pass google/bob | regrant add --client desktop'],
    load: async () => {
      const { add } = await import('../accounts/add.js');
      return (context, given) => add(context, { client: optionValue(given, 'client'), json: isGiven(given, 'json') });
    },
  },
  {
    ...{ name: 'import', group, takes: [any('PATH', 'file')] },
    about: 'take in accounts from files or the data directory of another program',
    options: [
      client('the OAuth client that issued them, whatever the files name'),
      flag('--any', 'of a text, take every line of one word, not only words that begin 1/'),
      valued('--identity', 'FILE', 'of a sealed export: the identity of age that opens it', 'file'),
      flag('--passphrase', 'of a sealed export: asks for the passphrase, or takes the first line of standard input'),
      flag('--dry-run', 'say what would be taken in, and ask Google nothing'),
      flag('--from-files', 'account files as they are into the pool of database.url, without asking Google'),
      jsonFlag,
    ],
    examples: ['regrant import ~/.antigravity_tools', 'regrant import tokens.txt'],
    load: async () => {
      const { importAccounts } = await import('../accounts/import.js');
      return async (context, given) => {
        // its code is no part of an import without a database
        if (isGiven(given, 'from-files'))
          return (await import('../database/import-from-files.js')).importFromFiles(context, given);
        if (given.words.length === 0)
          throw new UsageError(saying('import: name a file or a folder, or give --from-files'));
        return importAccounts(context, {
          paths: given.words,
          client: optionValue(given, 'client'),
          json: isGiven(given, 'json'),
          any: isGiven(given, 'any'),
          identity: optionValue(given, 'identity'),
          dryRun: isGiven(given, 'dry-run'),
        });
      };
    },
  },
  {
    ...{ name: 'export', group, takes: [any('EMAIL', 'account')] },
    about: 'accounts, OAuth clients, client keys and settings as one sealed document',
    options: [
      valued('--to', 'FILE', 'where it is written (0600, and never over another file); else standard output', 'file'),
      valued('--recipient', 'age1…', 'seal it for whoever has the identity of this recipient of age'),
      flag('--passphrase', 'seal it with a passphrase: asked twice, or the first line of standard input'),
      flag('--plain', 'do not seal it: every token, secret and key stands in it as it is'),
      jsonFlag,
    ],
    examples: ['regrant export --passphrase --to pool.age', 'regrant export --recipient age1… > pool.age'],
    load: async () => (await import('../moving/export.js')).exportAll,
  },
  {
    ...{ name: 'login', group, takes: [maybe('EMAIL', 'account')] },
    about: 'log in with Google: a link to open anywhere, its answer pasted back',
    options: [client('the OAuth client to log in with')],
    examples: ['regrant login', 'regrant login bob@example.com'],
    load: async () => {
      const { login } = await import('../accounts/login.js');
      return (context, given) => login(context, { client: optionValue(given, 'client'), email: given.words[0] });
    },
  },
  {
    ...{ name: 'off', group, takes: [some('EMAIL', 'account')], options: [jsonFlag] },
    about: 'take accounts out of the proxy; their grants stay as they are',
    examples: ['regrant off bob@example.com'],
    load: async () => (await import('../accounts/on-off.js')).off,
  },
  {
    ...{ name: 'on', group, takes: [some('EMAIL', 'account')], options: [jsonFlag] },
    about: 'put accounts back into the proxy',
    examples: ['regrant on bob@example.com'],
    load: async () => (await import('../accounts/on-off.js')).on,
  },
  {
    ...{ name: 'test', group, takes: [any('EMAIL', 'account')], options: [all, jsonFlag] },
    about: 'ask Google about the grants of accounts, once each',
    examples: ['regrant test bob@example.com', 'regrant test --all --json'],
    load: async () => (await import('../accounts/test.js')).test,
  },
  {
    ...{ name: 'clear', group, takes: [any('EMAIL', 'account')], options: [all, jsonFlag] },
    about: 'end what accounts wait for: cool-downs, blocks, the wait after a failed refresh',
    examples: ['regrant clear bob@example.com', 'regrant clear --all'],
    load: async () => (await import('../accounts/clear.js')).clear,
  },
  {
    ...{ name: 'remove', group, takes: [some('EMAIL', 'account')], options: [yes, jsonFlag] },
    about: 'move the files of accounts to the trash',
    examples: ['regrant remove bob@example.com', 'regrant remove bob@example.com --yes'],
    load: async () => (await import('../accounts/remove.js')).remove,
  },
  {
    ...{ name: 'undo', group, takes: [], options: [yes, jsonFlag] },
    about: 'undo the last removal or re-add since the start',
    examples: ['regrant undo'],
    load: async () => (await import('../accounts/undo.js')).undo,
  },
  {
    ...{ name: 'redo', group, takes: [], options: [yes, jsonFlag] },
    about: 'do again what was undone last',
    examples: ['regrant redo'],
    load: async () => (await import('../accounts/undo.js')).redo,
  },
  {
    ...{ name: 'trash', group, takes: [], options: [jsonFlag] },
    about: 'what lies in the trash: removed accounts and replaced credentials, for 30 days',
    examples: ['regrant trash'],
    load: async () => (await import('../accounts/trash.js')).trash,
  },
  {
    ...{ name: 'trash restore', group, takes: [one('NAME', 'trashed')], options: [yes, jsonFlag] },
    about: 'bring back what lies in the trash, by the name that `regrant trash` gives it',
    examples: ['regrant trash restore 1764385200000-removed-b1.json'],
    load: async () => (await import('../accounts/trash.js')).trashRestore,
  },
  {
    ...{ name: 'client set', group, takes: [maybe('NAME', 'client')], options: [noSecret, jsonFlag] },
    about: 'set up an OAuth client: its id and its secret, one a line on standard input',
    examples: ['regrant client set < client.txt', 'regrant client set desktop < client.txt'],
    load: async () => (await import('../accounts/client.js')).clientSet,
  },
];
