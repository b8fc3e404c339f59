import { choiceOf } from '../../store/words/saying.js';
import { UsageError } from '../../store/ground/errors.js';
import { optionValue } from '../context.js';
import { clientNames } from '../settings/client-variables.js';
import { jsonFlag, maybe, one, valued, type Verb } from './verb.js';

const group = 'settings and keys';
const shells = ['bash', 'zsh', 'fish'] as const;

export const settingVerbs: readonly Verb[] = [
  {
    ...{ name: 'env', group, takes: [] },
    about: 'shell exports that point a client at the proxy',
    options: [valued('--for', 'CLIENT', 'whose variables and settings (default: gemini)', clientNames)],
    examples: ['eval "$(regrant env)"', 'regrant env --for claude'],
    load: async () => {
      const { env } = await import('../settings/env.js');
      return (context, given) => {
        const name = optionValue(given, 'for') ?? 'gemini';
        const client = clientNames.find((known) => known === name);
        if (client === undefined) throw new UsageError(choiceOf(`--for ${name}`, clientNames));
        return env(context, { for: client });
      };
    },
  },
  {
    ...{ name: 'config show', group, takes: [], options: [jsonFlag] },
    about: 'each setting as it holds, and where it comes from; secrets are not shown',
    examples: ['regrant config show'],
    load: async () => (await import('../settings/config.js')).configShow,
  },
  {
    ...{ name: 'config check', group, takes: [], options: [jsonFlag] },
    about: 'whether the settings can be used, and what is wrong with them (exit status 2)',
    examples: ['regrant config check'],
    load: async () => (await import('../settings/config.js')).configCheck,
  },
  {
    ...{ name: 'config path', group, takes: [], options: [jsonFlag] },
    about: 'where the settings lie',
    examples: ['$EDITOR "$(regrant config path)"'],
    load: async () => (await import('../settings/config.js')).configPath,
  },
  {
    ...{ name: 'config set', group, takes: [one('KEY', 'setting'), one('VALUE')], options: [jsonFlag] },
    about: 'set one setting in the file: JSON, else text; a dot within a name is \\.',
    examples: ['regrant config set proxy.port 9000', "regrant config set 'accounts.bob@example\\.com.label' Bob"],
    load: async () => (await import('../settings/config.js')).configSet,
  },
  {
    ...{ name: 'notify test', group, takes: [], options: [jsonFlag] },
    about: 'tell whoever notify.url and notify.command tell that this is a test',
    examples: ['regrant notify test'],
    load: async () => (await import('../settings/notify.js')).notifyTest,
  },
  {
    ...{ name: 'completion', group, takes: [one('SHELL', shells)], options: [] },
    about: 'a script that completes verbs, options, accounts, keys, settings and models',
    examples: [
      'eval "$(regrant completion bash)"',
      'regrant completion fish > ~/.config/fish/completions/regrant.fish',
    ],
    load: async () => (await import('./completion.js')).completion,
  },
];

/** Called only by the scripts of `completion`, and not shown in help. */
export const completeVerb = (all: () => readonly Verb[]): Verb => ({
  ...{ name: 'complete-line', group, takes: [maybe('LINE')], options: [] },
  about: 'the words that may stand at the end of a line',
  examples: [],
  load: async () => (await import('./completion.js')).completingOf(all()),
});
