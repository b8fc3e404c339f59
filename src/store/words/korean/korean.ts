/** 한국어: sentences end in 합니다체, labels are nouns, and the words are those of the field. */
import { koreanActions, koreanMotions } from './actions.js';
import { koreanAnswerCauses, koreanCauses } from './causes.js';
import { koreanBoxes } from './boxes.js';
import { koreanAccountCommands } from './commands/accounts.js';
import { koreanDatabaseCommands, koreanReadingCommands, koreanSettingCommands } from './commands/reading.js';
import { koreanCommandAnswers, koreanCommands } from './commands/running.js';
import { koreanAccountVerbs, koreanHelp, koreanRunningVerbs, koreanSettingVerbs } from './commands/verbs.js';
import { koreanDesk } from './desk.js';
import { koreanDatabaseErrors, koreanErrors, koreanReasons, koreanSettingErrors } from './errors.js';
import { koreanFiles } from './files.js';
import { koreanForms } from './forms.js';
export { koreanClauses } from './clauses.js';
export { koreanInShell } from './in-shell.js';
import { koreanLayers } from './layers.js';
import { koreanDetail, koreanSheets } from './sheets.js';
import { koreanNotices } from './notices.js';
import { koreanAnswers, koreanTold } from './told.js';
import { koreanViews, koreanRecords } from './views.js';

/** Sentences of the supervisor, which it tells in English. */
export const koreanSentences = {
  ...koreanTold,
  ...koreanAnswers,
  ...koreanBoxes,
  ...koreanFiles,
  ...koreanCommandAnswers,
  ...koreanNotices,
  ...koreanReasons,
  ...koreanErrors,
  ...koreanSettingErrors,
  ...koreanDatabaseErrors,
  ...koreanCauses,
  ...koreanAnswerCauses,
} as const;

export const korean = {
  ...koreanSentences,
  ...koreanViews,
  ...koreanRecords,
  ...koreanDesk,
  ...koreanActions,
  ...koreanMotions,
  ...koreanLayers,
  ...koreanForms,
  ...koreanSheets,
  ...koreanDetail,
  ...koreanCommands,
  ...koreanAccountCommands,
  ...koreanReadingCommands,
  ...koreanSettingCommands,
  ...koreanDatabaseCommands,
  ...koreanHelp,
  ...koreanRunningVerbs,
  ...koreanAccountVerbs,
  ...koreanSettingVerbs,
} as const;
