import { accountVerbs } from './accounts.js';
import { databaseVerbs } from './database.js';
import { keyVerbs } from './keys.js';
import { readingVerbs } from './reading.js';
import { runningVerbs } from './running.js';
import { settingVerbs } from './settings.js';
import type { Verb } from './verb.js';

/** Every verb of the command line; help, completion, the manual and the reference are made from it. */
export const verbs: readonly Verb[] = [
  ...runningVerbs,
  ...accountVerbs,
  ...readingVerbs,
  ...settingVerbs,
  ...keyVerbs,
  ...databaseVerbs,
];
