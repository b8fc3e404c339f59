/** What stands above the panes under the status line: the alarm, a hint, banners, and why something is out. */
import type { AccountRow, Alarm, Snapshot } from '../../proxy/contract/snapshot.js';
import { line, span, spread, type Line } from '../text/lines.js';
import { phrase } from '../text/phrase.js';
import { accountName, age, breaks, sanitise, stateWords, when } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Style, Theme } from '../text/theme.js';
import { RowTally } from './row-sum.js';
import { serving } from './status.js';
import { told } from '../../store/words/told.js';

/** The alarm in one line, with the key that leads to the account at its end. */
export function alarmLine(alarm: Alarm, width: number, theme: Theme, now: number): Line {
  const { glyphs } = theme;
  const since = width >= 100 ? `${when(alarm.at, now)} (${age(now - alarm.at)})` : age(now - alarm.at);
  const others = alarm.count > 1 ? `${phrase('{n} accounts, last', { n: alarm.count })} ` : '';
  const text = sanitise(told(alarm.text));
  const email = sanitise(alarm.email);
  // The text often begins with the account's name: once is enough.
  const said = text.startsWith(email) ? text : `${email}: ${text}`;
  const head = ` ${glyphs.dead} ${since} ${others}`;
  const way = ` ${phrase('. go to it')} `;
  // Where not all of it fits, the code says enough.
  const [code = ''] = said.split(', ');
  const shown = head.length + said.length + 1 + way.length <= width ? said : code;
  return line(...spread([span(`${head}${shown} `, 'alarm')], [span(way, 'alarm')], width, glyphs.cut));
}

const severities: Record<Snapshot['banners'][number]['severity'], Style> = {
  info: 'accent',
  warning: 'warn',
  error: 'error',
};

/** All that stands above the panes under the status line: alarm, hint, banners; one calm line where there is nothing. */
export function headLines(
  snapshot: Snapshot,
  width: number,
  theme: Theme,
  now: number,
  hidden: readonly AccountRow[] = [],
): Line[] {
  const { alarm, banners, hint } = snapshot;
  const lines: Line[] = alarm === null ? [] : [alarmLine(alarm, width, theme, now)];
  const unsaid = hidden.filter(({ id }) => id !== alarm?.accountId);
  if (unsaid.length > 0) lines.push(hiddenLine(unsaid, width, theme));
  if (snapshot.noneServes.length > 0 && snapshot.accounts.length > 0) lines.push(unservedLine(snapshot, width, theme));
  if (hint !== null) lines.push(line(span(` ${sanitise(told(hint))}`, 'key')));
  lines.push(...bannerLines(banners, width));
  return lines.length > 0 ? lines : [calmLine(snapshot, now)];
}

/** So many banners are shown, and so many rows of them: a long one goes on in those that are free. */
const MOST_BANNERS = 3;
const BANNER_ROWS = 5;

function bannerLines(banners: Snapshot['banners'], width: number): Line[] {
  const shown = banners.slice(0, MOST_BANNERS);
  let free = BANNER_ROWS - shown.length;
  const lines = shown.flatMap(({ severity, text }) => {
    const lead = severity === 'info' ? '   ' : ' ! ';
    const said = sanitise(told(text));
    const parts = breaks(said.slice(0, (BANNER_ROWS + 1) * width), width - lead.length).slice(0, 1 + free);
    free -= parts.length - 1;
    return parts.map(([from, to], row) => {
      const isLast = row === parts.length - 1;
      return line(
        span(`${row === 0 ? lead : '   '}${said.slice(from, isLast ? undefined : to)}`, severities[severity]),
      );
    });
  });
  const more = banners.length - MOST_BANNERS;
  return more > 0 ? [...lines, line(span(`   ${phrase('and {n} more', { n: more })}`, 'dim'))] : lines;
}

/** What keeps how many accounts from serving: the word of a state, or a reason as it was told. */
const hindrances = new RowTally(({ state, reason }) => {
  const [head = ''] = reason.split(', ');
  return [state === 'ready' || state === 'cooling' ? head : stateWords[state]];
});

function hindrance(why: string): string {
  const word = Object.values(stateWords).find((each) => each === why);
  return word === undefined ? sanitise(told(why)) || phrase('rests') : phrase(word);
}

/** Why nobody serves a model that was asked for: what keeps how many accounts from it. */
function unservedLine({ noneServes, accounts }: Snapshot, width: number, { glyphs }: Theme): Line {
  const [first] = noneServes;
  const model = first === undefined || first.model === '' ? '' : ` ${sanitise(first.model)}`;
  const more = noneServes.length > 1 ? ` ${phrase('and {n} more', { n: noneServes.length - 1 })}` : '';
  const whys = Array.from(hindrances.of(accounts), ([why, count]) => `${hindrance(why)} (${grouped(count)})`).join(
    ', ',
  );
  const said = [span(` ! ${phrase('nobody serves{what}: {whys}', { what: `${model}${more}`, whys })}`, 'warn')];
  return line(...spread(said, [span(` ${phrase('Enter says why')} `, 'key')], width, glyphs.cut));
}

/** Who is out is said also where a filter hides his row. */
function hiddenLine(hidden: readonly AccountRow[], width: number, { glyphs }: Theme): Line {
  const names = hidden.map((row) => `${sanitise(accountName(row))} (${phrase(stateWords[row.state])})`);
  const more = names.length > 3 ? ` ${phrase('and {n} more', { n: names.length - 3 })}` : '';
  const text = ` ! ${phrase('out, and hidden by the filter: {names}', { names: `${names.slice(0, 3).join(', ')}${more}` })}`;
  return line(...spread([span(text, 'warn')], [span(` ${phrase('Esc shows all')} `, 'key')], width, glyphs.cut));
}

function calmLine(snapshot: Snapshot, now: number): Line {
  const { serve, of } = serving(snapshot);
  const said =
    of === 0
      ? phrase('no account yet')
      : serve === of
        ? phrase('every account serves')
        : phrase('{n} of {of} out', { n: of - serve, of });
  // what somebody who has just set it up wants to know next
  if (serve > 0 && snapshot.traffic.requests === 0) {
    const where = /\/\.regrant\/?$/.test(snapshot.dataDir) ? '' : ` --data-dir ${sanitise(snapshot.dataDir)}`;
    return line(
      span(
        ` ${phrase('no request yet: {command} points a client here', { command: `eval "$(regrant env${where})"` })}`,
        'dim',
      ),
    );
  }
  return line(
    span(
      ` ${said} · ${phrase('up {time}', { time: age(now - snapshot.upSince) })} · ${sanitise(snapshot.dataDir)}`,
      'dim',
    ),
  );
}
