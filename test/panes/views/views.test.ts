/** The pure views: exact widths at every size, and who may be red. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { paceText } from '../../../src/panes/views/progress.js';
import { accountsPane, windowTop, type AccountsModel } from '../../../src/panes/views/accounts.js';
import { columnWidths, shownColumns } from '../../../src/panes/views/account-columns.js';
import { layoutFor, type LayoutNeeds } from '../../../src/panes/screen/layout.js';
import { LogView } from '../../../src/panes/views/log/log-view.js';
import { logPane } from '../../../src/panes/views/log/log-pane.js';
import { RefreshesView, refreshesPane } from '../../../src/panes/views/refreshes.js';
import { alarmLine, headLines } from '../../../src/panes/views/head.js';
import { statusLine } from '../../../src/panes/views/status.js';
import { paint } from '../../../src/panes/text/lines.js';
import { themeFor } from '../../../src/panes/text/theme.js';
import { hostile } from '../../support/hostile.js';
import { night, nightAccounts } from '../../support/scene.js';
import type { AccountRow, Snapshot } from '../../../src/proxy/contract/snapshot.js';
import { account, snapshot, TestSupervisor } from '../../support/supervisor.js';

const now = Date.UTC(2026, 10, 23, 2, 14, 7);
const theme = themeFor({ theme: 'dark', glyphs: 'unicode' }, { TERM: 'xterm-256color', LANG: 'C.UTF-8' });
const plain = (row: string): string => row.replace(/\x1b\[[\d;]*m/g, '');
const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

function model(over: Partial<AccountsModel> = {}): AccountsModel {
  const rows = over.rows ?? nightAccounts(now);
  return {
    now,
    rows,
    hasClient: true,
    all: rows,
    total: rows.length,
    selectedId: 'kim',
    marked: new Set(),
    testing: null,
    acting: null,
    sort: 'state',
    direction: 'forwards',
    columns: 'fitting',
    filter: '',
    longestEmail: Math.max(0, ...rows.map(({ email }) => email.length)),
    top: 0,
    highlight: () => null,
    alarmed: false,
    focused: true,
    form: null,
    ...over,
  };
}

for (const [width, height] of sizes) {
  test(`every row of every pane is exactly ${width} cells`, () => {
    const supervisor = night({ now: () => now });
    const panes = [
      accountsPane(model(), width, height, theme),
      accountsPane(model({ rows: [] }), width, height, theme),
      logPane(
        { view: new LogView(() => 0), feed: supervisor.logs, longestEmail: 24, focused: true, now: 0 },
        width,
        height,
        theme,
      ),
      refreshesPane(
        { view: new RefreshesView(() => 0), feed: supervisor.events, hasAccounts: true, now, focused: false },
        width,
        height,
        theme,
      ),
      [paint(statusLine(supervisor.snapshot(), width, theme, { now, attached: true }).line, width, theme)],
      headLines(supervisor.snapshot(), width, theme, now).map((each) => paint(each, width, theme)),
    ];
    for (const row of panes.flat()) assert.is(plain(row).length, width, plain(row));
    for (const pane of panes.slice(0, 4)) assert.is(pane.length, height);
  });

  test(`hostile text keeps every border in its column at ${width} cells`, () => {
    const rows = hostile.map(([, text], at) =>
      account(`${text}@x`, { id: String(at), reason: text, name: text, file: text }),
    );
    const supervisor = new TestSupervisor({ now: () => now }, rows);
    for (const [, text] of hostile) {
      supervisor.log(text, { source: text });
      supervisor.event('refused', text, { text, detail: text });
    }
    const long = account(`${'long'.repeat(1000)}@example.com`, { state: 'unreadable', reason: 'x'.repeat(4000) });
    const panes = [
      accountsPane(model({ rows: [long, ...rows] }), width, height, theme),
      logPane(
        { view: new LogView(() => 0), feed: supervisor.logs, longestEmail: 24, focused: false, now: 0 },
        width,
        height,
        theme,
      ),
      refreshesPane(
        { view: new RefreshesView(() => 0), feed: supervisor.events, hasAccounts: true, now, focused: false },
        width,
        height,
        theme,
      ),
    ];
    for (const row of panes.flat()) {
      assert.is(plain(row).length, width);
      assert.match(plain(row), /^[╔║╚┌│└].*[╗║╝┐│┘]$/);
      assert.not.match(plain(row), /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]/);
    }
  });
}

test('only a disabled row is red', () => {
  const isRed = (row: string): boolean => /38;5;(203|160|196)|48;5;160|\x1b\[(?:1;)?31m/.test(row);
  const rows = accountsPane(model(), 120, 20, theme);
  for (const row of rows) assert.is(isRed(row), plain(row).includes('DISABLED'), plain(row));
  const supervisor = night({ now: () => now });
  supervisor.log('boom', { level: 60 });
  const others = [
    ...logPane(
      { view: new LogView(() => 0), feed: supervisor.logs, longestEmail: 24, focused: true, now: 0 },
      120,
      20,
      theme,
    ),
    ...refreshesPane(
      { view: new RefreshesView(() => 0), feed: supervisor.events, hasAccounts: true, now, focused: true },
      120,
      20,
      theme,
    ),
    paint(statusLine(snapshot(now, []), 120, theme, { now, attached: false }).line, 120, theme),
  ];
  for (const row of others) assert.not(isRed(row), plain(row));
});

test('state word and e-mail stand in one run, and the e-mail is whole where it fits', () => {
  for (const [width, height] of sizes) {
    const rows = accountsPane(model(), width, height, theme).map(plain);
    assert.ok(
      rows.some((row) => row.includes('DISABLED  kim.ops@example.com ')),
      `${width}: ${rows.join('\n')}`,
    );
    if (width >= 80)
      assert.ok(
        rows.some((row) => row.includes('ben.long.name@corp.example ')),
        String(width),
      );
  }
});

test('a disabled row says the code, how long, and the key', () => {
  const row = accountsPane(model(), 120, 20, theme)
    .map(plain)
    .find((text) => text.includes('DISABLED'));
  assert.match(row ?? '', /invalid_grant, 2m35s · r re-add/);
});

test('the alarm says its code whole where there is no room for more, and always the key', () => {
  const { alarm } = night({ now: () => now }).snapshot();
  if (alarm === null) throw new Error('the night has an alarm');
  const at = (width: number): string => plain(paint(alarmLine(alarm, width, theme, now), width, theme));
  assert.match(at(120), /invalid_grant, Google says the refresh token is dead +\. go to it $/);
  assert.match(at(80), /kim\.ops@example\.com: invalid_grant +\. go to it $/);
  assert.match(at(60), /kim\.ops@example\.com: invalid_grant +\. go to it $/);
});

test('no account names the ways to get one, and the set-up first where there is no client', () => {
  const empty = (hasClient: boolean): string =>
    accountsPane(model({ rows: [], hasClient }), 80, 12, theme)
      .map(plain)
      .join('\n');
  assert.match(empty(true), /║ {3}o {3}log in with Google/);
  assert.match(empty(true), /║ {3}a {3}or paste a refresh token/);
  assert.not.match(empty(true), /O {3}first/);
  assert.match(empty(false), /║ {3}O {3}first the OAuth client/);
});

test('without colours the disabled row stands in reverse', () => {
  const colourless = themeFor({ theme: 'auto', glyphs: 'unicode' }, { TERM: 'xterm-256color', NO_COLOR: '1' });
  const rows = accountsPane(model(), 120, 20, colourless);
  assert.ok(rows.some((row) => row.includes('\x1b[7mDISABLED')));
  for (const row of rows) assert.not.match(row, /\x1b\[(?:[\d;]*;)?[34][0-9]/);
});

test('in ASCII nothing else is drawn', () => {
  const inAscii = themeFor({ theme: 'auto', glyphs: 'ascii' }, { TERM: 'linux' });
  const supervisor = night({ now: () => now });
  const rows = [
    ...accountsPane(model(), 80, 20, inAscii),
    ...logPane(
      { view: new LogView(() => 0), feed: supervisor.logs, longestEmail: 24, focused: false, now: 0 },
      80,
      10,
      inAscii,
    ),
  ];
  for (const row of rows) assert.match(plain(row), /^[\x20-\x7e]*$/);
});

test('the window follows the selection and moves as little as it can', () => {
  assert.is(windowTop(0, 5, 100, 10), 0);
  assert.is(windowTop(0, 10, 100, 10), 1);
  assert.is(windowTop(50, 49, 100, 10), 49);
  assert.is(windowTop(95, 99, 100, 10), 90);
  assert.is(windowTop(5, 0, 3, 10), 0);
});

test('rows out of sight are told also where the title leaves no room for the sort', () => {
  for (const over of [{ marked: new Set(['kim']) }, { filter: 'example' }]) {
    const [border = ''] = accountsPane(model({ top: 2, ...over }), 60, 7, theme);
    assert.match(plain(border), /2 above, 3 below ═╗$/);
  }
});

test('the reason keeps a few words however long e-mails are', () => {
  for (const [width] of sizes) {
    const { emailWidth, whyWidth } = columnWidths(width - 2, 4000, shownColumns('fitting', width - 2, []));
    assert.ok(whyWidth >= 10, `${width}: ${whyWidth}`);
    assert.ok(emailWidth >= 16);
  }
});

test('the panes share the screen without a gap or an overlap', () => {
  for (const [width, height] of sizes) {
    for (const accountsRows of [5, 12, 500]) {
      for (const focus of ['accounts', 'log', 'refreshes'] as const) {
        const needs: LayoutNeeds = {
          width,
          height,
          headRows: 2,
          footRows: 2,
          focus,
          zoomed: false,
          accountsRows,
          accountsLeast: 5,
        };
        const { head, panes, foot } = layoutFor(needs);
        assert.is(head.height, panes.accounts.top);
        assert.is(panes.accounts.top + panes.accounts.height, panes.log.top);
        assert.is(panes.log.top + panes.log.height, panes.refreshes.top);
        assert.is(panes.refreshes.top + panes.refreshes.height, foot.top);
        assert.is(foot.top + foot.height, height);
        for (const { height: rows } of Object.values(panes)) assert.ok(rows >= 3, `${width}x${height} ${focus}`);
      }
    }
  }
});

test('a zoomed pane has the screen to itself', () => {
  const { panes } = layoutFor({
    width: 80,
    height: 24,
    headRows: 2,
    footRows: 1,
    focus: 'log',
    zoomed: true,
    accountsRows: 9,
    accountsLeast: 5,
  });
  assert.equal([panes.accounts.height, panes.log.height, panes.refreshes.height], [0, 21, 0]);
});

test('the status line cuts nothing, however much there is to say', () => {
  const traffic = { ...night({ now: () => now }).snapshot().traffic, inFlight: 128 };
  for (const attached of [false, true]) {
    for (let width = 60; width <= 200; width++) {
      const options = { traffic, pid: 1234567, address: '127.0.0.1:38045' };
      const row = plain(
        paint(
          statusLine(snapshot(now, nightAccounts(now), options), width, theme, { now, attached }).line,
          width,
          theme,
        ),
      );
      assert.not.match(row, /…/, `${width} wide`);
      assert.match(row, /02:14:07 $/);
      assert.not.match(row, /\S(?:attached|att )/, `${width} wide: nothing stands close to the right edge's part`);
      if (width >= 80) assert.match(row, /128/, `${width} wide`);
    }
  }
});

for (const model of ['gemini-3-flash', 'gemini-2.5-flash-lite', '']) {
  test(`a model that nobody serves (${model}) is named at every width that has space for it, before clock and rate`, () => {
    const { traffic } = night({ now: () => now }).snapshot();
    for (let width = 60; width <= 200; width++) {
      for (const keyRequired of [true, false]) {
        const noneServes = [{ model, next: now + 14_000 }];
        const state = snapshot(now, nightAccounts(now), { traffic, noneServes, keyRequired });
        const said = plain(paint(statusLine(state, width, theme, { now, attached: false }).line, width, theme));
        assert.not.match(said, /…/, `${width} wide`);
        assert.match(said, /DEGRADED.* 6(?:\/| of )8 serve.*NONE SERVES/, `${width} wide`);
        if (!keyRequired) assert.match(said, /key:off/);
        if (width < 80) continue;
        assert.match(
          said,
          model === '' ? /NONE SERVES, next in 14 s/ : new RegExp(`NONE SERVES ${model}, next in 14 s`),
          `${width} wide`,
        );
        assert.not.match(said, /req\/s|\d\/s|[▁▂▃▄▅▆▇█]{3}/, 'in the place of rate and sparkline');
      }
    }
  });
}

test('where nobody serves a model, the line below says of how many accounts and why, and where to look', () => {
  const resting = (email: string): AccountRow =>
    account(email, {
      reason: 'rate limit, asked to wait 45s',
      coolingWhat: 'gemini-3-flash',
      coolingUntil: now + 9000,
    });
  const head = (accounts: readonly AccountRow[], models: readonly string[]): string[] =>
    headLines(
      snapshot(now, accounts, {
        noneServes: models.map((model) => ({ model, next: null })),
        traffic: { ...snapshot(now, []).traffic, requests: 9 },
      }),
      120,
      theme,
      now,
    ).map((each) =>
      plain(paint(each, 120, theme))
        .trim()
        .replace(/ {3,}/, '  '),
    );
  const out = [account('c@x', { state: 'disabled' }), account('d@x', { state: 'proxy_disabled' })];
  assert.equal(head([resting('a@x'), resting('b@x')], ['gemini-3-flash']), [
    '! nobody serves gemini-3-flash: rate limit (2)  Enter says why',
  ]);
  assert.equal(head([resting('a@x'), ...out], ['gemini-3-flash']), [
    '! nobody serves gemini-3-flash: rate limit (1), DISABLED (1), off (1)  Enter says why',
  ]);
  assert.equal(
    head([account('a@x', { reason: 'model not found', coolingWhat: 'gemini-1' })], ['gemini-1', 'gemini-0']),
    ['! nobody serves gemini-1 and 1 more: model not found (1)  Enter says why'],
  );
  assert.equal(head(out, ['']), ['! nobody serves: DISABLED (1), off (1)  Enter says why']);
  assert.match(head([], ['gemini-3-flash']).join(), /no account yet/);
});

test('seconds in which requests failed stand out in the sparkline, before its widget is loaded too', () => {
  const { traffic } = night({ now: () => now }).snapshot();
  const { line, spark } = statusLine(snapshot(now, nightAccounts(now), { traffic }), 120, theme, {
    now,
    attached: false,
  });
  const levels = line.spans.filter(({ text }) => /^[▁▂▃▄▅▆▇█]$/.test(text));
  assert.is(levels.length, spark?.width);
  const failed = traffic.errorsPerSecond.slice(1 - levels.length).map((errors) => errors > 0);
  assert.equal(
    levels.slice(-failed.length).map(({ style }) => style === 'warn'),
    failed,
  );
});

test('which columns say something is looked for only in accounts that changed since the last frame', () => {
  let looks = 0;
  const watched = (row: AccountRow): AccountRow =>
    Object.defineProperty({ ...row }, 'quotaPercent', { enumerable: true, get: () => ((looks += 1), null) });
  const rows = Array.from({ length: 1000 }, (_, at) => watched(account(`user${at}@example.com`)));
  const draw = (all: readonly AccountRow[]): string =>
    plain(accountsPane(model({ rows: all, all, selectedId: null }), 200, 12, theme)[1] ?? '');
  assert.not.match(draw(rows), /ERR/);
  looks = 0;
  const changed = rows.with(500, watched(account('user500@example.com', { errors: 3 })));
  assert.match(draw(changed), /ERR/);
  assert.ok(looks <= 20, `${looks} looks`);
  assert.not.match(draw(changed.with(500, watched(account('user500@example.com')))), /ERR/);
});

test('columns that say nothing of any account are not there, and e-mails and reasons get their room', () => {
  const bare = ['a', 'b', 'c'].map((name) => account(`${name}${'long'.repeat(6)}@example.com`));
  const titles = (rows: readonly AccountRow[], width: number): string =>
    plain(accountsPane(model({ rows, selectedId: null }), width, 12, theme)[1] ?? '');
  for (const [width] of sizes) {
    const shown = titles(bare, width);
    for (const title of ['TOKEN', 'REQ', 'ERR', 'FLY', 'LAST', 'QUOTA', 'PROJECT', 'CLIENT'])
      assert.not(shown.includes(title), `${title} at ${width}`);
    const [, , row = ''] = accountsPane(model({ rows: bare, selectedId: null }), width, 12, theme);
    assert.is(plain(row).includes(bare[0]?.email ?? ''), width >= 80, plain(row));
  }
  const says: readonly (readonly [title: string, over: Partial<AccountRow>])[] = [
    ['TOKEN', { accessExpiresAt: now }],
    ['REQ', { requests: 1 }],
    ['ERR', { errors: 1 }],
    ['FLY', { inFlight: 1 }],
    ['LAST', { lastUsed: now }],
    ['QUOTA', { quotaPercent: 0 }],
    ['PROJECT', { projectId: 'p' }],
    ['CLIENT', { client: 'work' }],
  ];
  for (const [title, over] of says)
    assert.ok(titles([...bare, account('d@x', over)], 200).includes(title), `one account is enough for ${title}`);
});

test('a refresh of another day says which, and so does its next one', () => {
  const supervisor = new TestSupervisor({ now: () => now });
  const day = 86_400_000;
  supervisor.event('refreshed', 'a@x', { text: 'refreshed', at: now - day, nextAt: now + day });
  supervisor.event('refreshed', 'b@x', { text: 'refreshed', at: now, nextAt: now + 60_000 });
  for (const [width, height] of sizes) {
    const view = new RefreshesView(() => 0);
    const pane = refreshesPane(
      { view, feed: supervisor.events, hasAccounts: true, now, focused: false },
      width,
      height,
      theme,
    );
    const [newer = '', older = ''] = pane.slice(1).map(plain);
    assert.match(newer, /\d\d:\d\d:\d\d {4}✔ .*next \d\d:\d\d /);
    assert.match(older, /11-22 \d\d:\d\d ✔ .*next 11-24 \d\d:\d\d/);
  }
});

test('a supervisor that fell silent is not called well', () => {
  const silent = { code: 'silent', severity: 'error', text: 'no news: all this is old' } as const;
  const of = (over: Partial<Snapshot>): string =>
    plain(
      paint(statusLine(snapshot(now, [account('a@x')], over), 120, theme, { now, attached: true }).line, 120, theme),
    );
  assert.match(of({}), /regrant {2}OK /);
  assert.match(of({ banners: [silent] }), /regrant {2}OLD /);
  assert.not.match(of({ banners: [silent] }), /OK/);
});

test('how fast it goes and how long the rest takes is said once a second is over', () => {
  assert.equal(
    [
      paceText(0, 40, 5_000),
      paceText(3, 40, 999),
      paceText(12, 40, 2_500),
      paceText(12_345, 20_000, 50_000),
      paceText(40, 40, 4_000),
    ],
    ['', '', '4.8/s, 6s left', '247/s, 32s left', '10/s'],
  );
});

test.run();
