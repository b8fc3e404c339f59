/** Pictures that are older than the screens they show: what every such screen has must stand in them as it does now. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../support/clock.js';
import { night } from '../support/scene.js';
import { withScreen, type TestScreen } from '../support/screen.js';

process.env.TZ = 'UTC';

const folder = path.join(path.dirname(path.dirname(import.meta.dirname)), 'screenshots');
const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };

/** The lines of a picture, from top to bottom. */
function linesOf(svg: string): string[] {
  const rows = new Map<number, string[]>();
  for (const [, y = '', text = ''] of svg.matchAll(/<text x="[^"]*" y="([^"]*)"[^>]*>([^<]*)</g)) {
    const said = text.replace(/&\w+;/g, (entity) => entities[entity] ?? entity);
    rows.set(Number(y), [...(rows.get(Number(y)) ?? []), said]);
  }
  return [...rows].sort(([one], [other]) => one - other).map(([, texts]) => words(texts.join(' ')));
}

/** A line without borders, and with single blanks. */
const words = (line: string): string =>
  line
    .replace(/[─═║│┌┐└┘╔╗╚╝▶]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** What a line is known by that does not change from one night to another; null: nothing of it. */
type Lasting = (line: string) => string | null;

const heading: Lasting = (line) => (/^(STATE ACCOUNT|TIME LVL)/.test(line) ? line : null);
const foot: Lasting = (line) => (/ · Esc |[?] keys |\bEsc close\b/.test(line) ? line : null);
const pane: Lasting = (line) => /^(1 Accounts|2 Log|3 Refresh events)/.exec(line)?.[1] ?? null;
const label: Lasting = (line) =>
  /^(STATE|NEXT|WHY|PROXY|TOKEN|CLIENT|FILE|USE|QUOTA|TIMELINE)(?= |$)/.exec(line)?.[1] ?? null;
const step: Lasting = (line) =>
  /^(token|client|new refresh token for|[1-7] [a-z ]+?)(?= [ ✔…•0-9←]|$)/i.exec(line)?.[1] ?? null;

const lasting = (lines: readonly string[], kinds: readonly Lasting[]): string[] =>
  lines.flatMap((line) => kinds.flatMap((kind) => kind(line) ?? []));

interface Shot {
  readonly keys: readonly string[];
  readonly kinds: readonly Lasting[];
  readonly paste?: string;
}

const shots: Readonly<Record<string, Shot>> = {
  main: { keys: ['.'], kinds: [heading, pane, foot] },
  detail: { keys: ['.', 'Enter'], kinds: [pane, label, foot] },
  form: { keys: ['.', 'r'], kinds: [heading, pane, step, foot], paste: 'a-token-of-22-characters' },
};

async function now({ keys, paste, kinds }: Shot, screen: TestScreen): Promise<string[]> {
  await screen.press(...keys);
  if (paste !== undefined) await screen.paste(paste);
  return lasting(screen.text().split('\n').map(words), kinds);
}

for (const [name, shot] of Object.entries(shots)) {
  test(`screenshots/${name} shows the screen as it is now (npm run screenshots makes them)`, () => {
    const clock = setClock();
    return withScreen(night(clock), { clock }, async (screen) => {
      const shown = lasting(linesOf(readFileSync(path.join(folder, `${name}.svg`), 'utf8')), shot.kinds);
      assert.equal(shown, await now(shot, screen));
      assert.ok(shown.length >= 4, shown.join('\n'));
    });
  });
}

test('a picture with another column, key or label is found', () => {
  const svg = readFileSync(path.join(folder, 'detail.svg'), 'utf8');
  const kinds = [pane, label, foot];
  const good = lasting(linesOf(svg), kinds);
  for (const [from, to] of [
    ['>PROXY', '>DOOR'],
    ['other account', 'another account'],
  ] as const)
    assert.not.equal(lasting(linesOf(svg.replaceAll(from, to)), kinds), good, from);
});

test.run();
