/** `regrant status` by itself, for whoever asks every few seconds: a prompt, a health check, a script. */
import { asProcess } from './commands/first/as-process.js';
import { answered } from './commands/answered.js';
import { shortStatus } from './commands/first/short-status.js';
import { languageOfWords } from './commands/settings/language.js';
import { status } from './commands/supervisor/status.js';

const asked = shortStatus(process.argv.slice(2)) ?? { json: false, all: false };
asProcess({ language: languageOfWords, main: (run) => run(answered((context) => status(context, asked))) });
