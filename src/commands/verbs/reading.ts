import { isGiven } from '../context.js';
import { flag, jsonFlag, valued, type Verb } from './verb.js';

const group = 'reading';
const since = valued('--since', 'TIME', 'only what is younger, such as 30m, 2h or 7d');
const account = valued('--account', 'EMAIL', 'only of this account', 'account');
const follow = flag('-f', 'go on with what happens from now on; needs a running supervisor');
const level = valued('--level', 'LEVEL', 'only so grave and graver', ['trace', 'debug', 'info', 'warn', 'error']);

export const readingVerbs: readonly Verb[] = [
  {
    ...{ name: 'doctor', group, takes: [] },
    about: "check the settings, the clock, the reach of each endpoint and every account's grant",
    options: [jsonFlag],
    examples: ['regrant doctor'],
    load: async () => {
      const { doctor } = await import('../reading/doctor.js');
      return (context, given) => doctor(context, { json: isGiven(given, 'json') });
    },
  },
  {
    ...{ name: 'events', group, takes: [], options: [follow, since, account, jsonFlag] },
    about: 'what happened to the grants, the oldest first',
    examples: ['regrant events --since 2h', 'regrant events -f --account bob@example.com'],
    load: async () => (await import('../reading/events.js')).events,
  },
  {
    ...{ name: 'usage', group, takes: [] },
    about: 'who used what, summed up by day or by what is asked for',
    options: [
      valued('--since', 'TIME', 'from so long ago on, such as 30d (default: 7d)'),
      valued('--by', 'NAMES', 'day, account, model, key or protocol, several with commas between (default: day)'),
      jsonFlag,
      flag('--csv', 'as comma-separated values'),
    ],
    examples: ['regrant usage', 'regrant usage --since 30d --by key,model --csv'],
    load: async () => (await import('../reading/usage.js')).usage,
  },
  {
    ...{ name: 'flight', group, takes: [], options: [jsonFlag] },
    about: 'the requests under way, the oldest first: age, what it does, bytes, key, model, account',
    examples: ['regrant flight', 'regrant flight --json'],
    load: async () => (await import('../reading/flight.js')).flight,
  },
  {
    ...{ name: 'logs', group, takes: [], options: [follow, level, since, account, jsonFlag] },
    about: 'the log, the oldest line first',
    examples: ['regrant logs --level warn', 'regrant logs -f'],
    load: async () => (await import('../reading/logs.js')).logs,
  },
  {
    ...{ name: 'models', group, takes: [], options: [jsonFlag] },
    about: 'the models that clients may ask for, who serves them, and the aliases',
    examples: ['regrant models', 'regrant models --json'],
    load: async () => {
      const { models } = await import('../reading/models.js');
      return (context, given) => models(context, { json: isGiven(given, 'json') });
    },
  },
];
