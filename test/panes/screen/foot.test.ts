/** The foot of the screen: the keys that help fit, the way out stays, and what is said is said to its end. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { account, type TestSupervisor } from '../../support/supervisor.js';

const at = (
  [cols, rows]: readonly [number, number],
  use: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>,
): Promise<void> => {
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
  const supervisor = night(clock);
  return withScreen(supervisor, { clock, cols, rows }, (screen) => use(screen, supervisor));
};
const foot = (screen: TestScreen): string => screen.rows().at(-1)?.text.trim() ?? '';

test('at 80 columns each pane names the keys that it is used with, the help and the way out', () =>
  at([80, 24], async (screen) => {
    assert.is(
      foot(screen).replace(/ {2,}/g, '  '),
      'r re-add  o log in  t test  e on/off  Enter why  / filter  ? keys  q quit',
    );
    await screen.press('2');
    assert.match(foot(screen), /^f pause {2}l level {2}c account {2}w wrap {2}Enter record .*\? keys {2}q quit$/);
    await screen.press('f', 'c');
    assert.match(foot(screen), /^f follow .*c all accounts/);
    await screen.press('3');
    assert.match(foot(screen), /^Enter account and timeline .*z zoom {2}d detach {2}q quit$/);
  }));

test('whatever lies open says how it is left, at every width', async () => {
  const open: readonly (readonly string[])[] = [
    ['Enter'],
    ['?'],
    [':'],
    ['q'],
    ['C-z'],
    ['x'],
    ['r'],
    ['a'],
    ['O'],
    ['2', 'Enter'],
  ];
  for (const size of [
    [60, 15],
    [80, 24],
    [120, 40],
  ] as const) {
    await at(size, async (screen) => {
      for (const keys of open) {
        await screen.press('.', ...keys);
        const rows = screen
          .rows()
          .slice(size[1] >= 30 ? -2 : -1)
          .map(({ text }) => text.trim());
        assert.match(rows[0] ?? '', /Esc (back|stay|keep|close|not now)$/, `${String(keys)} at ${size[0]}`);
        await screen.press('Escape');
      }
    });
  }
});

test('what is too long for one line is said on more', () =>
  at([80, 24], async (screen, supervisor) => {
    await screen.press('2', 'S');
    const path = `/home/ops/.regrant/views/log-20261123T021407-${'4'.repeat(30)}.jsonl`;
    await supervisor.last('saveView').reply({ ok: true, text: `6 lines saved to ${path}` });
    await screen.settle();
    const said = screen
      .rows()
      .slice(-2)
      .map(({ text }) => text.trim());
    assert.is(said.join(''), `6 lines saved to ${path}`);
    assert.match(screen.rows().at(-3)?.text ?? '', /^└─+┘$/);
    await screen.press('k');
    assert.match(screen.rows().at(-2)?.text ?? '', /^└─+┘$/);
  }));

test('n says so where nothing is sought', () =>
  at([80, 24], async (screen) => {
    for (const pane of ['1', '3']) {
      await screen.press(pane, 'n');
      assert.match(foot(screen), /nothing is sought here: \/ shows what matches/);
    }
  }));

test('events that came while one stands on an older one are told, and Esc goes back to the newest', () =>
  at([80, 24], async (screen, supervisor) => {
    await screen.press('3', 'j', '1');
    for (const email of ['anna@example.com', 'choi@example.com', 'eun@example.com'])
      supervisor.event('refreshed', email, { text: 'refreshed' });
    await screen.news();
    assert.match(screen.row('3 Refresh').text, /3 newer above/);
    await screen.press('3', 'Escape');
    assert.not.match(screen.row('3 Refresh').text, /newer above/);
    assert.ok(screen.has(/✔ refreshed eun@/));
  }));

test('a match that was found is not claimed for the next filter', () =>
  at([80, 24], async (screen) => {
    await screen.press('2', 'k', 'm', 'g', 'n');
    assert.match(screen.row('2 Log').text, /mark 1 of 1/);
    await screen.press('/');
    await screen.type('gem');
    assert.not.match(screen.row('2 Log').text, /match/);
  }));

test('the palette counts what it can run', () =>
  at([80, 24], async (screen) => {
    await screen.press(':');
    const [, found, of] = /(\d+) of (\d+)/.exec(screen.row('Do what?').text) ?? [];
    assert.is(found, of);
  }));

test("an account's detail names only what can be done to this account", () =>
  at([120, 40], async (screen) => {
    const keys = (): string => screen.rows().at(-2)?.text.trim() ?? '';
    await screen.press('.', 'Enter');
    assert.is(
      keys(),
      'r re-add · o log in · t test · e on/off · x remove · y copy · j k scroll · / find · [ ] other account · Esc back',
    );
    await screen.press(']');
    assert.ok(screen.has('╔═ hana@example.com'));
    assert.is(keys(), 't test · e on/off · x remove · y copy · j k scroll · / find · [ ] other account · Esc back');
  }));

test('the line under the keys names a client only where one is known', () =>
  at([120, 40], async (screen, supervisor) => {
    supervisor.set({ accounts: [account('', { file: 'a9.json', client: '', state: 'unreadable', reason: 'line 3' })] });
    await screen.news();
    assert.is(screen.rows().at(-1)?.text.trim(), 'a9.json: line 3');
    supervisor.set({ accounts: [account('ann@example.com', { client: 'work' })] });
    await screen.news();
    assert.is(screen.rows().at(-1)?.text.trim(), 'ann@example.com · client work');
  }));

const unreadableOne = [account('', { file: 'a9.json', state: 'unreadable', reason: 'line 3' })];

for (const [where, state, keys] of [
  ['among the accounts', {}, []],
  ['in the log', {}, ['2']],
  ['among the events', {}, ['3']],
  ['in the help', {}, ['?']],
  ['in a record', {}, ['2', 'Enter']],
  ['in the detail', {}, ['Enter']],
  ['in the log beside the detail', {}, ['Enter', '2']],
  ['in the client keys', {}, ['K']],
  ['in the charts', {}, [':', 'c', 'h', 'a', 'r', 't', 's', 'Enter']],
  ['where a filter hides all', {}, ['/', 'z', 'z', 'z', 'Enter']],
  ['where there is no account', { accounts: [] }, []],
  ['where there is no account, in the log', { accounts: [] }, ['2']],
  ['where there is no client', { accounts: [], clients: [] }, []],
  ['where there is no client, in the help', { accounts: [], clients: [] }, ['?']],
  ["where the account's file cannot be read", { accounts: unreadableOne }, []],
  ["where the account's file cannot be read, in the events", { accounts: unreadableOne }, ['3']],
] as const) {
  test(`a paste that nothing takes, ${where}, names keys that lead to a field`, () =>
    at([120, 40], async (screen, supervisor) => {
      supervisor.set({ ...state, alarm: null });
      await screen.news();
      await screen.press(...keys);
      await screen.paste('1//0token-of-someone');
      const [, said = ''] = /paste ignored: press (.*) first/.exec(screen.text()) ?? [];
      assert.is.not(said, '', screen.text());
      const steps = said.split(', then ');
      const last = steps.pop() ?? '';
      for (const way of last.split(' or ')) {
        await screen.press(...steps, way[0] ?? '');
        await screen.paste('1//0token-of-someone');
        assert.ok(screen.has(/\d+ chars|1\/\/0token/), `${said}: ${way}\n${screen.text()}`);
        assert.not(screen.has('paste ignored'));
        // back to where it was
        for (let n = 0; n < 3; n++) await screen.press('Escape');
        await screen.press('1', 'Escape', ...keys);
      }
    }));
}

test.run();
