/** Every action of the table, pressed on the real screen. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actions } from '../../../src/panes/actions/actions.js';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen, type TestScreenOptions } from '../../support/screen.js';
import { TestSupervisor } from '../../support/supervisor.js';

process.env.TZ = 'UTC';

const KIM = 'kim.ops@example.com';

type Flow = (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>;

const onNight = async (use: Flow, options: TestScreenOptions = {}): Promise<void> => {
  const clock = setClock();
  const supervisor = night(clock);
  await withScreen(supervisor, { clock, ...options }, (screen) => use(screen, supervisor));
};

/** The e-mail of the selected row. */
const selected = (screen: TestScreen): string => /\S+@\S+/.exec(screen.row('▶').text)?.[0] ?? '';
const focused = (screen: TestScreen): string => /╔═ (\d)/.exec(screen.text())?.[1] ?? '';

/** What the terminal was told to put on the clipboard. */
function clipboard(screen: TestScreen): string[] {
  const copied: string[] = [];
  screen.terminal.parser.registerOscHandler(52, (data) => {
    copied.push(Buffer.from(data.slice(2), 'base64').toString());
    return true;
  });
  return copied;
}

/** One flow for each action; a name that is missing here fails the last test. */
const flows: Readonly<Record<string, Flow>> = {
  async 're-add'(screen) {
    await screen.press('r');
    assert.ok(screen.has(`new refresh token for ${KIM}`));
  },
  async add(screen) {
    await screen.press('a');
    assert.ok(screen.has('add an account'));
  },
  async login(screen, supervisor) {
    await screen.press('o');
    assert.is(supervisor.asked.at(-1)?.name, 'startLogin');
    assert.ok(screen.has('log in with Google as'));
  },
  async test(screen, supervisor) {
    await screen.press('t');
    assert.ok(screen.has('asking Google about 1 account'));
    assert.equal(supervisor.last('testNow').args, [['kim']]);
    await supervisor
      .last('testNow')
      .reply([{ accountId: 'kim', email: KIM, ok: false, cause: 'revoked', text: 'still invalid_grant' }]);
    await screen.settle();
    assert.ok(screen.has(`${KIM}: still invalid_grant`));
  },
  async 'set-up'(screen, supervisor) {
    await screen.press('2', 'O');
    assert.ok(screen.has('set up the OAuth client "default"'));
    await screen.press('Enter');
    assert.is(supervisor.asked.length, 0);
    await screen.press('Enter');
    const id = '1234567890-abcdefghijkl.apps.googleusercontent.com';
    assert.equal(supervisor.last('setUpClient').args, [{ client: 'default', id, secret: '' }]);
  },
  async 'test-all'(screen, supervisor) {
    await screen.press('T');
    assert.is((supervisor.last('testNow').args[0] as unknown[]).length, 9);
    const one = { accountId: 'a', email: 'a', cause: null, text: '' };
    await supervisor.last('testNow').reply([
      { ...one, ok: true },
      { ...one, ok: false },
    ]);
    await screen.settle();
    assert.ok(screen.has('1 of 2 grants are good; 7 not asked about'));
    supervisor.set({ testing: { done: 4, of: 9, refused: 2, unanswered: 1, since: supervisor.snapshot().now } });
    await screen.news();
    assert.ok(screen.has('1 Accounts  9  testing 4 of 9, 2 refused, 1 unanswered'));
    const asked = supervisor.asked.length;
    await screen.press('T');
    assert.ok(screen.has('testing 4 of 9, 2 refused, 1 unanswered: Esc leaves out those that wait'));
    assert.is(supervisor.asked.length, asked, 'a second T asks nobody twice');
    await screen.press('Escape');
    await supervisor.last('stopTests').reply({ ok: true, text: 'testing stopped: 2 accounts were not asked about' });
    await screen.settle();
    assert.ok(screen.has('testing stopped: 2 accounts'));
    supervisor.set({ testing: null });
    await screen.news();
    assert.not.ok(screen.has('testing 4 of 9'));
  },
  async proxy(screen, supervisor) {
    await screen.press('e');
    assert.equal(supervisor.last('setProxyDisabled').args, [['kim'], true]);
    await supervisor.last('setProxyDisabled').reply({ ok: true, text: `${KIM} is off` });
    await screen.settle();
    assert.ok(screen.has(`${KIM} is off`));
    await screen.press('G', 'e');
    assert.equal(supervisor.last('setProxyDisabled').args, [['finn-example-com'], false]);
  },
  async remove(screen, supervisor) {
    await screen.press('x');
    assert.ok(screen.has('Remove?'));
    await screen.press('Escape');
    assert.is(supervisor.asked.length, 0);
    await screen.press('x', 'y');
    assert.equal(supervisor.last('remove').args, [['kim']]);
    await supervisor.last('remove').fail(new Error('EROFS: the disk is read-only'));
    await screen.settle();
    assert.ok(screen.has('EROFS: the disk is read-only'));
  },
  async mark(screen, supervisor) {
    await screen.press('Space', 'Space');
    assert.ok(screen.has('2 marked'));
    await screen.press('e');
    assert.is((supervisor.last('setProxyDisabled').args[0] as unknown[]).length, 2);
    const since = supervisor.snapshot().now;
    supervisor.set({ acting: { what: 'off', done: 1, failed: 1, of: 9, since } });
    await screen.news();
    assert.ok(screen.has('taking out 2 of 9, 1 not, Esc stops'));
    const asked = supervisor.asked.length;
    for (const key of ['e', 'x', 'c']) {
      await screen.press(key);
      assert.ok(screen.has('taking out 2 of 9, 1 not: Esc stops that'), key);
    }
    assert.is(supervisor.asked.length, asked);
    await screen.press('Escape');
    await supervisor.last('stopTests').reply({ ok: true, text: 'stopping: about 7 not come to' });
    await screen.settle();
    assert.ok(screen.has('stopping: about 7') && screen.has('2 marked'));
    supervisor.set({ acting: null });
    await screen.news();
    await screen.press('Escape');
    assert.not(screen.has('2 marked'));
  },
  async detail(screen) {
    await screen.press('Enter');
    for (const word of ['FILE', 'STATE', 'PROXY', 'WHY', 'NEXT', 'TOKEN', 'USE', 'TIMELINE'])
      assert.ok(screen.has(`║ ${word}`), word);
    assert.ok(screen.has('accounts/kim.json'));
    assert.ok(screen.has('revoked by its owner'));
    await screen.press('j');
    assert.ok(screen.has(`╔═ ${KIM}`), 'j scrolls');
    await screen.press(']');
    assert.ok(screen.has('╔═ hana@example.com'));
    await screen.press('[');
    assert.ok(screen.has(`╔═ ${KIM}`));
    await screen.press('q');
    assert.not.ok(screen.has('TIMELINE'));
    await screen.press('Enter', 'Escape');
    assert.ok(screen.has('1 Accounts'));
  },
  async clear(screen, supervisor) {
    await screen.press('c');
    assert.equal(supervisor.last('clear').args, [['kim']]);
    await supervisor.last('clear').reply({ ok: true, text: 'nothing is waited for any more' });
    await screen.settle();
    assert.ok(screen.has('nothing is waited for any more'));
    await screen.press('*', 'c');
    assert.is((supervisor.last('clear').args[0] as string[]).length, 9);
  },
  async 'mark-all'(screen) {
    await screen.press('*');
    assert.ok(screen.has('9 marked'));
    await screen.press('*');
    assert.not.ok(screen.has('marked'));
    await screen.press('/');
    await screen.type('corp');
    await screen.press('Enter', '*');
    assert.ok(screen.has('2 marked'));
  },
  async 'sort-reversed'(screen) {
    await screen.press('s', 'S', 'g');
    assert.ok(screen.has('sort e-mail reversed'));
    assert.is(selected(screen), KIM);
    await screen.press('S', 'g');
    assert.is(selected(screen), 'anna@example.com');
  },
  async columns(screen) {
    assert.ok(screen.has('TOKEN'));
    await screen.press('v');
    assert.ok(screen.has('PROJECT'));
    await screen.press('v');
    assert.not.ok(screen.has('TOKEN'));
    assert.ok(screen.has('WHY / NEXT'));
    await screen.press('v');
    assert.ok(screen.has('TOKEN'));
  },
  async 'half-page-up-log'(screen) {
    await screen.press('2', 'u');
    assert.ok(screen.has('PAUSED'));
  },
  async failed(screen, supervisor) {
    supervisor.access({ status: 429, model: 'gemini-failed' });
    await screen.press('2', 'F');
    assert.ok(screen.has('failed only'));
    assert.ok(screen.has('gemini-failed'));
    assert.not.ok(screen.has('Pool reloaded'));
    await screen.press('F');
    assert.ok(screen.has('Pool reloaded'));
  },
  async 'scroll-right'(screen, supervisor) {
    supervisor.log(`${'word '.repeat(40)}finis`);
    await screen.news();
    await screen.press('2', ...Array<string>(6).fill('Right'));
    assert.ok(screen.has('finis'), screen.text());
  },
  async 'scroll-left'(screen) {
    await screen.press('2', 'Right', 'Left', 'Left');
    assert.ok(screen.has('Pool reloaded'));
    assert.not.ok(screen.has('from cell'));
  },
  async 'half-page-down'(screen) {
    await screen.press('C-d');
    assert.not.equal(selected(screen), KIM);
  },
  async 'half-page-up'(screen) {
    await screen.press('C-d', 'C-u');
    assert.is(selected(screen), KIM);
  },
  async acknowledge(screen, supervisor) {
    assert.ok(screen.has('. go to it'));
    await screen.press('A');
    assert.not.ok(screen.has('. go to it'));
    await screen.press('A');
    assert.ok(screen.has('there is no alarm'));
    const alarm = { accountId: 'kim', email: KIM, text: 'invalid_grant', at: screen.clock.now(), count: 1 };
    supervisor.set({ alarm });
    await screen.news();
    assert.ok(screen.has('. go to it'), 'a newer one is shown');
  },
  async redo(screen, supervisor) {
    await screen.press('U');
    await supervisor.last('redo').reply({ ok: false, text: 'nothing to redo' });
    await screen.settle();
    assert.ok(screen.has('nothing to redo'));
  },
  async raw(screen) {
    await screen.press('Y');
    assert.ok(screen.has(/^kim\.ops@example\.com *$/), screen.text());
    assert.ok(screen.has('Enter returns to the screen'));
    const copied = clipboard(screen);
    await screen.press('y');
    assert.match(copied[0] ?? '', /^kim\.ops@example\.com\n/);
    await screen.press('Enter', '2', 'Y');
    assert.ok(screen.has('"level": 30'));
    await screen.press('Enter', '3', 'Y');
    assert.ok(screen.has('refreshed  choi@example.com'));
    await screen.press('Enter', '1', 'Enter', 'Y');
    assert.ok(screen.has('TIMELINE'));
    await screen.press('Enter');
    assert.ok(screen.has('╔═ kim.ops'));
  },
  async reload(screen, supervisor) {
    await screen.press('R');
    await supervisor.last('reload').reply({ ok: true, text: 'Pool reloaded: 9 unchanged' });
    await screen.settle();
    assert.ok(screen.has('Pool reloaded: 9 unchanged'));
  },
  async sort(screen) {
    await screen.press('s', 's', 'g');
    assert.ok(screen.has('sort requests'));
    assert.is(selected(screen), 'anna@example.com');
  },
  async follow(screen, supervisor) {
    await screen.press('2', 'f');
    assert.ok(screen.has('PAUSED'));
    assert.not.ok(screen.has('new'));
    supervisor.log('while paused');
    await screen.news();
    assert.ok(screen.has('PAUSED +1 new'));
    await screen.press('f');
    assert.ok(screen.has('FOLLOW'));
    assert.ok(screen.has('while paused'));
  },
  async level(screen) {
    await screen.press('2', 'l');
    assert.ok(screen.has('warn+'));
    assert.not(screen.has('INF'));
    await screen.press('l', 'l', 'l');
    assert.ok(screen.has('info+'));
  },
  async only(screen) {
    await screen.press('j', 'j', 'j', '2', 'c');
    assert.ok(screen.has('info+ · anna@example.com'));
    assert.not(screen.has('Pool reloaded'));
    await screen.press('c');
    assert.ok(screen.has('all accounts'));
    await screen.press('k', 'k', 'c');
    assert.ok(screen.has('info+ · ben.long.name@corp.example'), screen.row('2 Log').text);
  },
  async jump(screen, supervisor) {
    await screen.press('2', '@');
    assert.ok(screen.has(' @'));
    await screen.type('25:00');
    assert.ok(screen.has('no time that was'));
    await screen.press('Enter', 'C-u');
    await screen.type('02:11:32');
    await screen.press('Enter');
    assert.ok(screen.has('PAUSED'), screen.text());
    assert.is(supervisor.asked.length, 0, 'what is in memory is not read from the files');
  },
  async wrap(screen, supervisor) {
    supervisor.log(`${'word '.repeat(40)}finis`);
    await screen.news();
    assert.not(screen.has('finis'));
    await screen.press('2', 'w');
    assert.ok(screen.has(/word finis/));
  },
  async 'mark-line'(screen) {
    await screen.press('2', 'k', 'k', 'm', 'G');
    assert.is(screen.matching('◆').length, 1);
    await screen.press('N');
    assert.ok(screen.has('PAUSED'));
  },
  async time(screen) {
    await screen.press('2', 't');
    assert.ok(screen.has(/ 3m INF Pool reloaded/));
    await screen.press('t');
    assert.ok(screen.has(/\d\d:\d\d:\d\d INF Pool reloaded/));
  },
  async 'save-view'(screen, supervisor) {
    await screen.press('2', 'l', 'S');
    const [lines] = supervisor.last('saveView').args as [string[]];
    assert.is(lines.length, 3);
    assert.match(lines[0] ?? '', /^\{"level":50/);
    await supervisor.last('saveView').reply({ ok: true, text: '3 lines saved to /home/ops/.regrant/views/log.jsonl' });
    await screen.settle();
    assert.ok(screen.has('3 lines saved to'));
    await screen.press('/');
    await screen.type('no such line');
    await screen.press('Enter', 'S');
    assert.ok(screen.has('nothing to save'));
  },
  async record(screen) {
    await screen.press('2', 'Enter');
    assert.ok(screen.has('log record 2026-11-23'));
    assert.ok(screen.has('"level": 30'));
    const copied = clipboard(screen);
    await screen.press('y');
    assert.match(copied[0] ?? '', /^\{"level":30/);
    await screen.press('Escape');
    assert.ok(screen.has('2 Log'));
  },
  async 'event-account'(screen) {
    await screen.press('3', 'j', 'j', 'Enter');
    assert.ok(screen.has(`╔═ ${KIM}`), screen.text());
    assert.ok(screen.has('TIMELINE'));
    await screen.press('Escape', '/');
    await screen.type('anna');
    await screen.press('Enter', '3', 'Enter');
    assert.ok(screen.has(`╔═ ${KIM}`), 'also where the filter hides it');
  },
  async filter(screen) {
    await screen.press('/', 'g', 'u', 's');
    assert.ok(screen.has(' 1 of 9'));
    assert.is(screen.matching('DISABLED  kim').length, 0);
    await screen.press('Enter');
    assert.ok(screen.has('/gus'));
    await screen.press('Escape');
    assert.is(screen.matching('DISABLED  kim').length, 1);
    await screen.press('/');
    await screen.type('!~example\\.com');
    assert.ok(screen.has(' 2 of 9'));
    assert.ok(screen.accountRow('gus@corp.example').y < screen.accountRow('ben.long.name@corp.example').y);
    await screen.press('Escape', '2', '/');
    await screen.type('~[');
    assert.ok(screen.has('not a regular expression'));
    await screen.press('C-u');
    await screen.paste('gemini');
    assert.ok(screen.has('4 of 4'));
    await screen.press('Escape', '3', '/');
    await screen.type('zebra');
    assert.ok(screen.has('No event matches /zebra'));
  },
  async 'next-match'(screen) {
    await screen.press('2', '/');
    await screen.type('gemini');
    await screen.press('Enter', 'Escape', 'g', 'n', 'n');
    assert.ok(screen.has('PAUSED'));
    assert.match(screen.row('2 Log').text, /\/gemini 2 of 4/);
    await screen.press('n', 'n', 'n');
    assert.ok(screen.has('no more matches of /gemini'));
  },
  async 'previous-match'(screen) {
    await screen.press('2', '/');
    await screen.type('Pool');
    await screen.press('Enter', 'Escape', 'N');
    assert.ok(screen.has('PAUSED'));
    await screen.press('1', '/');
    await screen.type('example');
    await screen.press('Enter', 'j', 'N');
    assert.is(selected(screen), KIM);
  },
  async alarm(screen, supervisor) {
    await screen.press('/');
    await screen.type('anna');
    await screen.press('Enter', '2', '.');
    assert.is(focused(screen), '1');
    assert.is(selected(screen), KIM);
    supervisor.set({ alarm: null });
    await screen.news();
    await screen.press('.');
    assert.ok(screen.has('there is no alarm'));
  },
  async undo(screen, supervisor) {
    await screen.press('u');
    await supervisor.last('undo').reply({ ok: false, text: 'nothing to undo' });
    await screen.settle();
    assert.ok(screen.has('nothing to undo'));
  },
  async copy(screen) {
    const copied = clipboard(screen);
    await screen.press('y', '2', 'y', '3', 'y', 'j', 'y');
    assert.equal(copied, [
      KIM,
      '200 gemini-2.5-pro anna@example.com 1.8 s stream first byte 410 ms 3,204 tok key laptop POST /v1beta/models/gemini-2.5-pro:streamGenerateContent',
      '02:11:23  refreshed  choi@example.com  212 ms',
      '02:09:29  refused  gus@corp.example  180 ms  policy_enforced: the account file is not touched',
    ]);
  },
  async down(screen) {
    await screen.press('j', 'Down');
    assert.is(selected(screen), 'gus@corp.example');
  },
  async up(screen) {
    await screen.press('j', 'j', 'k', 'Up');
    assert.is(selected(screen), KIM);
  },
  async 'page-down'(screen) {
    await screen.press('PgDn');
    assert.is(selected(screen), 'finn@example.com');
  },
  async 'page-up'(screen) {
    await screen.press('G', 'PgUp');
    assert.is(selected(screen), KIM);
    await screen.press('2', 'PgUp');
    assert.ok(screen.has('PAUSED'));
  },
  async first(screen) {
    await screen.press('j', 'g');
    assert.is(selected(screen), KIM);
    await screen.press('2', 'Home');
    assert.ok(screen.has('PAUSED'));
    await screen.press('3', 'G', 'g', 'Enter');
    assert.ok(screen.has('╔═ choi@example.com'));
  },
  async last(screen) {
    await screen.press('G');
    assert.is(selected(screen), 'finn@example.com');
    await screen.press('2', 'k', 'End');
    assert.ok(screen.has('FOLLOW'));
    await screen.press('3', 'G', 'Enter');
    assert.ok(screen.has('╔═ anna@example.com'));
  },
  async 'focus-accounts'(screen) {
    await screen.press('2', '1');
    assert.is(focused(screen), '1');
  },
  async 'focus-log'(screen) {
    await screen.press('2');
    assert.is(focused(screen), '2');
  },
  async 'focus-refreshes'(screen) {
    await screen.press('3');
    assert.is(focused(screen), '3');
  },
  async 'next-pane'(screen) {
    await screen.press('Tab', 'Tab', 'Tab');
    assert.is(focused(screen), '1');
    await screen.press('Tab');
    assert.is(focused(screen), '2');
  },
  async 'previous-pane'(screen) {
    await screen.press('S-Tab');
    assert.is(focused(screen), '3');
  },
  async help(screen) {
    await screen.press('?');
    assert.ok(screen.has('╔═ Keys'));
    await screen.press('PgDn', 'G');
    assert.ok(screen.has('an attached screen just closes'));
    await screen.press('Escape', '2', '?');
    assert.match(screen.rows()[3]?.text ?? '', /║ Log/);
  },
  async palette(screen, supervisor) {
    await screen.press(':');
    await screen.type('reload');
    await screen.press('Enter');
    assert.is(supervisor.last('reload').name, 'reload');
    await screen.press(':');
    await screen.type('wrap');
    await screen.press('Enter');
    assert.is(focused(screen), '2');
    await screen.press(':');
    await screen.type('no such thing');
    assert.ok(screen.has('nothing of that name'));
    await screen.press('Enter', 'Escape');
    assert.not(screen.has('Do what?'));
  },
  async keys(screen, supervisor) {
    await screen.press('K');
    assert.ok(screen.has('═ client keys'));
    assert.is(supervisor.asked.at(-1)?.name, 'keys');
  },
  async usage(screen, supervisor) {
    await screen.press(':');
    await screen.type('usage');
    await screen.press('Enter');
    assert.ok(screen.has('═ usage of'));
    assert.is(supervisor.asked.at(-1)?.name, 'usage');
  },
  async flight(screen, supervisor) {
    await screen.press(':');
    await screen.type('flight');
    await screen.press('Enter');
    assert.ok(screen.has('═ in flight'));
    assert.is(supervisor.asked.at(-1)?.name, 'flight');
  },
  async boxes(screen) {
    await screen.press(':');
    await screen.type('boxes');
    await screen.press('Enter');
    assert.ok(screen.has('═ boxes'));
  },
  async settings(screen, supervisor) {
    await screen.press(':');
    await screen.type('settings');
    await screen.press('Enter');
    assert.ok(screen.has('═ settings'));
    assert.is(supervisor.asked.at(-1)?.name, 'settings');
  },
  async charts(screen) {
    await screen.press(':');
    await screen.type('charts');
    await screen.press('Enter');
    assert.ok(screen.has('Requests and errors'));
    assert.ok(screen.has('50% of 4 refreshes went well'), screen.text());
    const { writes } = screen.output;
    await screen.news();
    assert.is(screen.output.writes, writes);
    await screen.press('Escape');
    assert.ok(screen.has('1 Accounts'));
  },
  async zoom(screen) {
    await screen.press('2', 'z');
    assert.not(screen.has('1 Accounts'));
    assert.is(screen.rows()[2]?.text.startsWith('╔═ 2 Log'), true);
    await screen.press('z');
    assert.ok(screen.has('1 Accounts'));
  },
  async back(screen) {
    await screen.press('z', '2', 'k', 'Escape', 'Escape');
    assert.ok(screen.has('FOLLOW'));
    assert.ok(screen.has('1 Accounts'));
    await screen.press('Escape', 'Escape', 'Escape');
    assert.equal(screen.quits, []);
  },
  async repaint(screen) {
    const before = screen.text();
    screen.terminal.write('\x1b[2J\x1b[Hgarbage');
    await screen.press('C-l');
    assert.is(screen.text(), before);
  },
  async suspend(screen) {
    await screen.press('C-z');
    assert.is(screen.suspensions, 0);
    assert.ok(screen.has('Suspend?'));
    await screen.press('Escape', 'C-z', 'C-z');
    assert.is(screen.suspensions, 1);
  },
  async detach(screen) {
    await screen.press('d');
    assert.is(screen.detachments, 1);
  },
  async quit(screen) {
    await screen.press('q');
    assert.ok(screen.has('3 requests under way'));
    await screen.press('Escape');
    assert.equal(screen.quits, []);
    await screen.press('q', 'q');
    assert.equal(screen.quits, ['stop']);
  },
};

for (const [name, flow] of Object.entries(flows)) test(`${name}: by its key`, () => onNight(flow));

test('every action has a flow, and no key means two things in one pane', () => {
  assert.equal(
    actions.map(({ id }) => id).filter((id) => flows[id] === undefined),
    [],
  );
  for (const pane of ['accounts', 'log', 'refreshes']) {
    const keys = actions
      .filter(({ where }) => where === pane || where === 'everywhere')
      .flatMap((action) => action.keys);
    const twice = keys.filter((key, at) => keys.indexOf(key) !== at);
    // in the log u is half a page up
    assert.equal(twice, pane === 'log' ? ['u'] : [], pane);
  }
});

test('the keys of the contract are all there', () => {
  const keys = new Set(actions.flatMap((action) => action.keys));
  const wanted =
    '1 2 3 tab z j k up down g G pageup pagedown enter escape / n N . ? : y u d q C-c C-z C-l r a o t T e x space R s f l c w m S U Y A F * v C-u C-d left right';
  assert.equal(
    wanted.split(' ').filter((key) => !keys.has(key)),
    [],
  );
});

test('a key of another pane says where it acts', () =>
  onNight(async (screen) => {
    await screen.press('2', 'x');
    assert.ok(screen.has('x acts in the accounts pane: press 1 first'));
    await screen.press('1', 'f');
    assert.ok(screen.has('f acts in the log pane: press 2 first'));
  }));

test('a paste outside a field is dropped with one line saying so', () =>
  onNight(async (screen, supervisor) => {
    await screen.paste('quit\nq\nx\ny\n');
    assert.ok(screen.has('paste ignored: press r (re-add) or a (add) first'));
    await screen.send('abcdefghijklmnopqrstuvwxyz\rqq');
    assert.equal(screen.quits, []);
    assert.is(supervisor.asked.length, 0);
    await screen.press('?');
    await screen.paste('qq');
    assert.equal(screen.quits, []);
  }));

test('a paste while a question is open names the way out of it, not keys that do nothing there', () =>
  onNight(async (screen) => {
    for (const key of ['x', 'q', 'C-z']) {
      await screen.press(key);
      await screen.paste('yq');
      assert.ok(screen.has('paste ignored: a question is open, Esc leaves it'), key);
      await screen.press('Escape');
    }
    assert.equal(screen.quits, []);
  }));

test('Ctrl-C asks; a second one within two seconds stops, a later one asks again', () =>
  onNight(async (screen) => {
    await screen.press('C-c');
    assert.ok(screen.has('Leave regrant?'));
    await screen.advance(2001);
    await screen.press('C-c');
    assert.equal(screen.quits, []);
    await screen.advance(1000);
    await screen.press('C-c');
    assert.equal(screen.quits, ['stop']);
  }));

test('leaving says what is not saved and would be lost', () =>
  onNight(async (screen, supervisor) => {
    const notSaved = 'no space left on the disk (ENOSPC)';
    supervisor.update('anna@example.com', { notSaved, unsaved: ['its new refresh token'] });
    await screen.advance(1000);
    assert.match(screen.row('anna@example.com').text, /not saved: no space/);
    await screen.press('q');
    assert.ok(screen.has('Not saved (no space left on the disk (ENOSPC))'));
    assert.ok(screen.has('anna@example.com: its new refresh token'));
  }));

test('Ctrl-C asks out of every field and dialog', () =>
  onNight(async (screen) => {
    const fields = {
      '/': '! all but these',
      ':': 'Do what?',
      r: `new refresh token for ${KIM}`,
      o: 'log in with Google as',
      O: 'set up the OAuth client',
      x: 'Remove?',
      '?': '╔═ Keys',
      Enter: 'TIMELINE',
      'C-z': 'Suspend?',
    };
    for (const [key, shows] of Object.entries(fields)) {
      await screen.press(key);
      assert.ok(screen.has(shows), key);
      await screen.press('C-c');
      assert.ok(screen.has('Leave regrant?'), key);
      await screen.press('Escape');
      assert.ok(screen.has(shows), `${key} is there again`);
      await screen.press('Escape');
      assert.not.ok(screen.has(shows), key);
    }
    assert.equal(screen.quits, []);
  }));

test("what asks in an account's detail leads back to it", () =>
  onNight(async (screen) => {
    await screen.press('Enter');
    for (const key of ['x', 'C-c', 'C-z']) {
      await screen.press(key, 'Escape');
      assert.ok(screen.has('TIMELINE'), key);
    }
  }));

test("beside an account's detail the other panes have their keys, and what they open leads back to it", () =>
  onNight(async (screen) => {
    await screen.press('Enter', '2');
    assert.is(focused(screen), '2');
    assert.ok(screen.has('TIMELINE'));
    await screen.press('k');
    assert.ok(screen.has('PAUSED'));
    await screen.press('Enter');
    assert.ok(screen.has('log record'));
    await screen.press('Escape');
    assert.ok(screen.has('TIMELINE'));
    await screen.press('Escape');
    assert.ok(screen.has('FOLLOW'), 'Esc is a step back in the log');
    await screen.press('3', 'j', 'Enter');
    assert.ok(screen.has('╔═ gus@corp.example'), screen.text());
    await screen.press('?', 'Escape');
    assert.ok(screen.has('╔═ gus@corp.example'));
    await screen.press('Escape');
    assert.not.ok(screen.has('TIMELINE'));
  }));

test('q is a step back wherever something is open, and asks only where nothing is', () =>
  onNight(async (screen) => {
    for (const [keys, shows] of [
      [['?'], '╔═ Keys'],
      [['Enter'], 'TIMELINE'],
      [['x'], 'Remove?'],
      [['C-z'], 'Suspend?'],
      [['2', 'Enter'], 'log record'],
      [['1', 'Enter', '2'], 'TIMELINE'],
    ] as const) {
      await screen.press(...keys);
      assert.ok(screen.has(shows));
      await screen.press('q');
      assert.not.ok(screen.has(shows), shows);
      assert.not.ok(screen.has('Leave regrant?'), shows);
    }
    await screen.press('q');
    assert.ok(screen.has('Leave regrant?'));
    assert.equal(screen.quits, []);
  }));

test('the question to quit closes after its two seconds; whoever presses q then is asked anew', () =>
  onNight(async (screen) => {
    for (const key of ['q', 'C-c']) {
      await screen.press(key);
      await screen.advance(1999);
      assert.ok(screen.has('Leave regrant?'));
      await screen.advance(1);
      assert.not.ok(screen.has('Leave regrant?'));
      await screen.press(key);
      assert.ok(screen.has('Leave regrant?'));
      assert.equal(screen.quits, []);
      await screen.press('Escape');
    }
    await screen.press('C-c', 'C-c');
    assert.equal(screen.quits, ['stop']);
  }));

test('u and U ask where they would put a dead or an older credential back, and leave all as it was on Esc', () =>
  onNight(async (screen, supervisor) => {
    supervisor.questions = { undo: 'That puts back a token that Google has refused.', redo: null };
    const undone = (): number => supervisor.asked.filter(({ name }) => name === 'undo').length;
    for (const no of ['Escape', 'n', 'q']) {
      await screen.press('u');
      assert.ok(screen.has('a token that Google has refused'));
      await screen.press(no);
      assert.not.ok(screen.has('Undo?'), no);
      assert.is(undone(), 0);
    }
    for (const [yes, times] of [
      ['y', 1],
      ['Enter', 2],
    ] as const) {
      await screen.press('u', yes);
      assert.is(undone(), times);
    }
    await screen.press('U');
    assert.is(supervisor.last('redo').name, 'redo');
    await screen.press('2', 'u');
    assert.is(undone(), 2, 'in the log u is half a page up');
    assert.ok(screen.has('PAUSED'));
  }));

test('letters of other keyboards act as the keys that they lie on; what is no key says so', () =>
  onNight(async (screen, supervisor) => {
    for (const [typed, shows] of [
      ['ㅂ', 'Leave regrant?'],
      ['й', 'Leave regrant?'],
      ['Ёй', 'Leave regrant?'],
      ['ｑ', 'Leave regrant?'],
      ['к', 'new refresh token for'],
      ['ㄱ', 'new refresh token for'],
      ['ρ', 'new refresh token for'],
      ['ר', 'new refresh token for'],
    ] as const) {
      for (const letter of typed) await screen.press(letter);
      assert.ok(screen.has(shows), typed);
      await screen.press('Escape');
    }
    await screen.press('바');
    assert.ok(screen.has('바 is no key here: switch the keyboard to Latin letters'), screen.text());
    for (const [key, name] of [
      ['%', '%'],
      ['\x1b[24~', 'F12'],
      ['\x1bu', 'Alt-U'],
      ['\x1b[117;5u', ''],
    ] as const) {
      await screen.send(key);
      if (name !== '') assert.ok(screen.has(`${name} is no key here`), screen.text());
    }
    assert.equal(supervisor.asked, []);
  }));

test('Ctrl-L draws anew and Ctrl-Z asks in every field and dialog', () =>
  onNight(async (screen) => {
    for (const key of ['/', ':', 'r', 'o', 'O', 'x', '?', 'Enter', 'q']) {
      await screen.press(key);
      const before = screen.text();
      screen.terminal.write('\x1b[2J\x1b[Hgarbage');
      await screen.press('C-l');
      assert.is(screen.text(), before, `${key} C-l`);
      await screen.press('C-z');
      assert.ok(screen.has('Suspend?'), `${key} C-z`);
      await screen.press('Escape');
      assert.is(screen.text(), before, `${key} is there again`);
      await screen.press('Escape');
    }
  }));

test('Up in a filter recalls the last one of its own pane', () =>
  onNight(async (screen) => {
    for (const [pane, text] of [
      ['2', 'gemini'],
      ['3', 'choi'],
      ['1', 'anna'],
    ] as const) {
      await screen.press(pane, '/', 'Up');
      assert.match(screen.row('Esc drop').text, /^ \/ /, `nothing to recall in ${pane} yet`);
      await screen.type(text);
      await screen.press(pane === '3' ? 'Enter' : 'Escape', 'Escape', 'Escape');
    }
    for (const [pane, text] of [
      ['1', 'anna'],
      ['2', 'gemini'],
      ['3', 'choi'],
    ] as const) {
      await screen.press(pane, '/', 'Up');
      assert.ok(screen.row('Esc drop').text.startsWith(` /${text}`), pane);
      await screen.press('Escape');
    }
  }));

test('Enter keeps no filter that is wrong: the line stays, with what is wrong', () =>
  onNight(async (screen) => {
    await screen.press('/');
    await screen.type('~(');
    await screen.press('Enter');
    assert.ok(screen.has('not a regular expression: ('));
    await screen.press('Backspace');
    await screen.type('kim');
    await screen.press('Enter');
    assert.ok(screen.has('1 of 9'));
    assert.not(screen.has('regular expression'));
  }));

test('n and N say where the matches end, in every pane', () =>
  onNight(async (screen) => {
    await screen.press('/');
    await screen.type('anna');
    await screen.press('Enter', 'n');
    assert.ok(screen.has('no more matches of /anna'));
    await screen.press('3', '/');
    await screen.type('choi');
    await screen.press('Enter', 'N');
    assert.ok(screen.has('no more matches of /choi'));
  }));

test('c says why it shows all accounts where there is none to choose', async () => {
  const clock = setClock();
  await withScreen(new TestSupervisor(clock, []), { clock }, async (screen) => {
    await screen.press('2', 'c');
    assert.ok(screen.has('there is no account yet'));
  });
});

test('r and o refuse an account whose file cannot be read, even while its last good copy serves', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('j');
    assert.is(selected(screen), 'hana@example.com');
    for (const key of ['r', 'o']) {
      await screen.press(key);
      assert.ok(screen.has('x7.json cannot be read: mend the file first'), key);
    }
    assert.is(supervisor.asked.length, 0);
  }));

test('keys for one account say why where the filter shows none, though marked ones are hidden by it', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('Space', '/');
    await screen.type('zzz');
    await screen.press('Enter');
    for (const key of ['r', 'Enter', 'Space']) {
      await screen.press(key);
      assert.ok(screen.has('no account is listed: Esc takes the filter away'), key);
    }
    assert.ok(screen.has('0 of 9'));
    await screen.press('e');
    assert.equal(supervisor.last('setProxyDisabled').args[0], ['kim']);
  }));

test('a login that Ctrl-C was pressed over goes on', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('o', 'C-c');
    await supervisor.last('startLogin').reply({ ok: false, text: 'no port is free' });
    await screen.press('Escape');
    assert.ok(screen.has('no port is free'));
  }));

test('an attached screen closes at q and Ctrl-C, and says nothing of stopping', async () => {
  for (const keys of [['q'], ['C-c'], ['x', 'C-c'], ['o', 'C-c'], ['Enter', 'x', 'C-c']]) {
    await onNight(
      async (screen) => {
        await screen.press(...keys);
        assert.equal(screen.quits, ['close']);
        assert.not(screen.has('Leave regrant?'));
      },
      { attached: true },
    );
  }
});

test('in an attached screen the foot of an open form does not promise that Ctrl-C asks', () =>
  onNight(
    async (screen) => {
      await screen.press('r');
      assert.ok(screen.has(/FORM .* Ctrl-C leaves · Esc close/));
    },
    { attached: true, cols: 80, rows: 24 },
  ));

test('d in the dialog that asks leaves the screen too, and stops nothing', () =>
  onNight(async (screen) => {
    await screen.press('q', 'd');
    assert.is(screen.detachments, 1);
    assert.equal(screen.quits, []);
  }));

test('in tmux the copied text goes to tmux and, wrapped, to the terminal outside', () =>
  onNight(
    async (screen) => {
      const passed: string[] = [];
      const write = screen.terminal.write.bind(screen.terminal);
      screen.terminal.write = (data, done) => {
        passed.push(String(data));
        write(data, done);
      };
      await screen.press('y');
      const copy = `]52;c;${Buffer.from(KIM).toString('base64')}\x07`;
      assert.ok(passed.includes(`\x1b${copy}\x1bPtmux;\x1b\x1b${copy}\x1b\\`));
    },
    { env: { TERM: 'tmux-256color', LANG: 'C.UTF-8', TMUX: '/tmp/tmux' } },
  ));

test('each name that a script or a habit types in the palette opens its own page', () =>
  onNight(async (screen) => {
    for (const [name, title] of [
      ['help', '╔═ Keys'],
      ['keys', '╔═ client keys'],
      ['usage', '╔═ usage of'],
      ['settings', '╔═ settings'],
      ['boxes', '╔═ boxes'],
      ['charts', '─ Requests and errors'],
      ['flight', '╔═ in flight'],
    ] as const) {
      await screen.press(':');
      await screen.type(name);
      await screen.press('Enter');
      assert.ok(screen.has(title), `${name}\n${screen.text()}`);
      await screen.press('Escape');
    }
  }));

test('the log stands still where the operator reads, whatever comes in', () =>
  onNight(async (screen, supervisor) => {
    for (let n = 0; n < 100; n++) supervisor.log(`line ${n}.`);
    await screen.news();
    await screen.press('2', 'k', 'k', 'k');
    const before = screen.text().slice(screen.text().indexOf('2 Log') + 60);
    for (let n = 100; n < 200; n++) supervisor.log(`line ${n}.`);
    await screen.news();
    assert.ok(screen.has('PAUSED +100 new'));
    assert.is(screen.text().slice(screen.text().indexOf('2 Log') + 60), before);
    assert.ok(screen.has('line 96.'));
  }));

test('nothing that acts on a terminal gets into the clipboard, and what took it is said', () =>
  onNight(async (screen, supervisor) => {
    const copied = clipboard(screen);
    supervisor.log('x', { line: 'rm -rf \x1b[31m~\x07\r\u202e\x9b2Jend' });
    await screen.news();
    await screen.press('2', 'Enter', 'y');
    assert.equal(copied, ['rm -rf ~ end']);
    assert.ok(screen.has('offered to the terminal (OSC 52)'));
  }));

test.run();
