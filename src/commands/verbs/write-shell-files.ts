/** Run by the build: writes the manual page and the completions into the folder named on the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '../../store/ground/version.js';
import { manPage } from './man-page.js';
import { shellScripts } from './shell-scripts.js';
import { verbs } from './verbs.js';

/** The completions under the names that each shell's own folder of them has. */
const completions = {
  'regrant.bash': shellScripts.bash,
  _regrant: shellScripts.zsh,
  'regrant.fish': shellScripts.fish,
};

const [, , root = '.'] = process.argv;
const write = (file: string, text: string): void => {
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
write('man/regrant.1', manPage(verbs, version));
for (const [name, script] of Object.entries(completions)) write(`completions/${name}`, script);
