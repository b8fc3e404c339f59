/** Run by the build: writes the manual page and the completions into the folder named on the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '../../store/ground/version.js';
import { ownValue } from '../../store/ground/json.js';
import { manPage } from './man-page.js';
import { shellScripts } from './shell-scripts.js';
import { verbs } from './verbs.js';

/** What each shell's own folder of completions has them named. */
const FILES = { bash: 'regrant.bash', zsh: '_regrant', fish: 'regrant.fish' };

const [, , root = '.'] = process.argv;
const write = (file: string, text: string): void => {
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
write('man/regrant.1', manPage(verbs, version));
for (const [shell, file] of Object.entries(FILES)) write(`completions/${file}`, ownValue(shellScripts, shell) ?? '');
