/**
 * Makes screenshots/*.svg and *.png from the real screen: starts `dist/app.js --demo` in a terminal without a window, presses
 * the keys that an operator would, and draws what stands there. Needs a build and the font DejaVu Sans Mono.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { picture } from './picture.js';
import { openTerminal, type ProgramInTerminal } from './terminal.js';

const root = path.dirname(import.meta.dirname);
const folder = path.join(root, 'screenshots');
const app = path.join(root, 'dist', 'app.js');
const fontFolders = [
  '/usr/share/fonts/truetype/dejavu',
  '/usr/share/fonts/dejavu-sans-mono-fonts',
  '/usr/share/fonts/TTF',
];
const fonts = fontFolders.flatMap((at) =>
  ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf'].map((name) => path.join(at, name)),
);

async function save(screen: ProgramInTerminal, name: string, title: string): Promise<void> {
  const svg = picture(screen.cells(), title);
  const font = {
    fontFiles: fonts.filter((file) => existsSync(file)),
    loadSystemFonts: false,
    defaultFontFamily: 'DejaVu Sans Mono',
  };
  const png = new Resvg(svg, { fitTo: { mode: 'zoom', value: 1.5 }, font }).render().asPng();
  await writeFile(path.join(folder, `${name}.svg`), svg);
  await writeFile(path.join(folder, `${name}.png`), png);
  console.log(`screenshots/${name}.svg, .png: ${title}`);
}

/** From the first paint to the recovery, with a picture at each stop. */
async function play(screen: ProgramInTerminal): Promise<void> {
  await screen.shows(/DISABLED +kim\.ops@example\.com/, 30_000);
  await screen.shows(/demo-new-token-for-kim/);
  // Some seconds later, long after the flash, another account's project is out of quota: one state more to be seen.
  await screen.shows(/cooling +dora@example\.com/);
  screen.type('.');
  await screen.shows(/▶ ✖ DISABLED/);
  await save(
    screen,
    'main',
    'The main screen: one of six accounts was disabled a few seconds ago, the others carry the load',
  );
  screen.type('\r');
  // a word of the detail alone: the list has a column WHY too
  await screen.shows(/TIMELINE/);
  await save(screen, 'detail', 'The detail of the disabled account: why, and what to do next');
  screen.type('\x1b');
  await screen.shows(/▶ ✖ DISABLED/);
  screen.type('r');
  await screen.shows(/new refresh token for kim\.ops@example\.com/);
  screen.paste('demo-new-token-for-kim');
  await screen.shows(/22 chars/);
  await save(screen, 'form', 'The form under the row, with a pasted token that is not shown');
  screen.type('\r');
  await screen.shows(/● ready +kim\.ops@example\.com/);
  await screen.shows(/first request since its recovery/);
  await save(screen, 'recovered', 'The account is back: the row reads ready, and its first request was served');
}

if (!existsSync(app)) throw new Error('dist/app.js is missing: npm run build makes it');
if (!fonts.some((file) => existsSync(file))) {
  throw new Error('DejaVu Sans Mono is missing: on Debian, apt-get install fonts-dejavu-core');
}
await mkdir(folder, { recursive: true });
const screen = openTerminal(process.execPath, [app, '--demo'], { columns: 120, rows: 40, env: process.env });
try {
  await play(screen);
  screen.type('\x1b');
  await screen.shows(/q quit/);
  screen.type('q');
  await screen.shows(/Esc/);
  screen.type('q');
  await screen.ended;
} finally {
  screen.kill();
}
