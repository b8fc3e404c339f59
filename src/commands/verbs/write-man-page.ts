/** Run by the build: writes the manual page to the file named on the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '../../store/ground/version.js';
import { manPage } from './man-page.js';
import { verbs } from './verbs.js';

const [, , file = 'man/regrant.1'] = process.argv;
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, manPage(verbs, version));
