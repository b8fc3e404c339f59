import { jsonFlag, type Verb } from './verb.js';

const group = 'several machines';
const load = (
  pick: (code: typeof import('../database/database-verbs.js')) => Awaited<ReturnType<Verb['load']>>,
): Verb['load'] => {
  return async () => pick(await import('../database/database-verbs.js'));
};

export const databaseVerbs: readonly Verb[] = [
  {
    ...{ name: 'boxes', group, takes: [], options: [jsonFlag] },
    about: 'the machines that share the pool of database.url: which are here, and which are gone',
    examples: ['regrant boxes'],
    load: async () => (await import('../database/boxes.js')).boxes,
  },
  {
    ...{ name: 'database init', group, takes: [], options: [jsonFlag] },
    about: 'make the pool in the PostgreSQL of database.url; where one stands nothing is changed',
    examples: ['regrant database init'],
    load: load(({ databaseInit }) => databaseInit),
  },
  {
    ...{ name: 'database check', group, takes: [], options: [jsonFlag] },
    about: 'whether this machine can rely on it: key, round trip, NOTIFY, clock, standby',
    examples: ['regrant database check'],
    load: load(({ databaseCheck }) => databaseCheck),
  },
  {
    ...{ name: 'database migrate', group, takes: [], options: [jsonFlag] },
    about: 'bring its tables to this version; the first start of a newer regrant does that too',
    examples: ['regrant database migrate'],
    load: load(({ databaseMigrate }) => databaseMigrate),
  },
  {
    ...{ name: 'database rekey', group, takes: [], options: [jsonFlag] },
    about: 'seal all secrets with database.key that one of database.oldKeys had sealed',
    examples: ['regrant database rekey'],
    load: load(({ databaseRekey }) => databaseRekey),
  },
];
