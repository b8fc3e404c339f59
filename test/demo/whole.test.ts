/** `regrant --demo` as a newcomer meets it: a real terminal, the built program, no more keys than needed. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTerminal, type ProgramInTerminal } from '../../scripts/terminal.js';

const app = path.join(import.meta.dirname, '..', '..', 'dist', 'app.js');

/** The colours of the cells that this text stands on. */
function colorsOf(screen: ProgramInTerminal, text: RegExp): Set<string | null> {
  for (const row of screen.cells()) {
    const found = text.exec(row.map((cell) => cell.text || ' ').join(''));
    if (found) return new Set(row.slice(found.index, found.index + found[0].length).map((cell) => cell.fg));
  }
  throw new Error(`${String(text)} is not on the screen`);
}

test('the demo shows traffic, a refresh and a disabled account by itself, and the recovery with r, paste, Enter', async () => {
  const temporary = await mkdtemp(path.join(tmpdir(), 'regrant-flow-'));
  const env = { ...process.env, TMPDIR: temporary };
  const screen = openTerminal(process.execPath, [app, '--demo'], { columns: 120, rows: 40, env });
  try {
    await screen.shows(/ready +anna@example\.com/);
    await screen.shows(/INF 200 +[\d,]+ .*gemini/);
    await screen.shows(/refreshed +choi@example\.com/);
    await screen.shows(/DISABLED +kim\.ops@example\.com/, 20_000);
    await screen.shows(/paste {2}demo-new-token-for-kim /);
    const red = colorsOf(screen, /✖ DISABLED +kim\.ops@example\.com/);
    const well = colorsOf(screen, /anna@example\.com/);
    assert.not.ok(
      [...red].some((color) => well.has(color)),
      'a disabled row looks like no other',
    );
    screen.type('.r');
    await screen.shows(/new refresh token for kim\.ops@example\.com/);
    screen.paste('demo-new-token-for-kim');
    await screen.shows(/22 chars/);
    assert.not.match(screen.text().replace(/^.*demo: .*$/m, ''), 'demo-new-token-for-kim');
    screen.type('\r');
    await screen.shows(/ready +kim\.ops@example\.com/);
    await screen.shows(/serves +kim\.ops@example\.com/);
    screen.type('\x1b');
    await screen.shows(/q quit/);
    screen.type('q');
    await screen.shows(/Leave regrant/);
    screen.type('q');
    assert.is(await screen.ended, 0);
    assert.equal(await readdir(temporary), []);
  } finally {
    screen.kill();
    await rm(temporary, { recursive: true, force: true });
  }
});

test.run();
