/** The language of a command's words. */
import { readFileSync } from 'node:fs';
import { dataDirectoryPath, layout } from '../../store/disk/directory.js';
import { isJsonObject, parseJson } from '../../store/ground/json.js';
import { languageOf, languages, type Language } from '../../store/words/tongue.js';

/** `ui.language` of environment or settings, else of the locale; settings that are wrong are told by whoever needs them. */
export function languageOfWords(env: NodeJS.ProcessEnv, dataDir: string | undefined): Language {
  const wanted = env.REGRANT_UI_LANGUAGE ?? inSettings(env, dataDir);
  return languages.find((language) => language === wanted) ?? languageOf(env);
}

function inSettings(env: NodeJS.ProcessEnv, dataDir: string | undefined): unknown {
  try {
    const settings = parseJson(readFileSync(layout(dataDirectoryPath(dataDir, env), env).settings, 'utf8'));
    return isJsonObject(settings) && isJsonObject(settings.ui) ? settings.ui.language : undefined;
  } catch {
    return undefined;
  }
}
