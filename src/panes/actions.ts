/** What the operator can do: one row an action. The foot, `?`, `:` and the key list of the README are made from it. */
import { places, type Action } from './action.js';
import { detach, QuitDialog, RemoveDialog, SuspendDialog } from './confirm.js';
import { paneNames, type Desk, type PaneName } from './desk.js';
import { AccountSheet } from './detail.js';
import { filterOf, FilterLine, setFilter } from './filterline.js';
import { Help } from './help.js';
import { recordText } from './logline.js';
import { motions } from './motions.js';
import { Palette } from './palette.js';
import { RecordSheet } from './record.js';
import { plural } from './text.js';

const comesLater = (what: string) => (): string => `${what} comes with a later release`;

/** A reason for keys that need an account to act on. */
function withoutAccount({ accounts, snapshot }: Desk): string | null {
  if (accounts.selected !== null || accounts.marked.size > 0) return null;
  if (snapshot.accounts.length === 0) return 'there is no account yet: a adds one';
  return 'no account is listed: Esc takes the filter away';
}

const ids = (desk: Desk): string[] => desk.accounts.targets(desk.snapshot.accounts).map(({ id }) => id);

function testNow(desk: Desk, accountIds: readonly string[]): void {
  desk.say(`asking Google about ${plural(accountIds.length, 'account')}`);
  const asked = desk.supervisor.operations.testNow(accountIds).then((results) => {
    const bad = results.filter(({ ok }) => !ok);
    const [only] = results;
    if (results.length === 1 && only !== undefined) return { ok: only.ok, text: `${only.email}: ${only.text}` };
    return {
      ok: bad.length === 0,
      text: `${results.length - bad.length} of ${plural(results.length, 'grant')} are good`,
    };
  });
  desk.answer(asked);
}

function toggleProxy(desk: Desk): void {
  const targets = desk.accounts.targets(desk.snapshot.accounts);
  // Marked ones may differ: all go off as long as one is on.
  const off = targets.some(({ proxyDisabled }) => !proxyDisabled);
  desk.answer(
    desk.supervisor.operations.setProxyDisabled(
      targets.map(({ id }) => id),
      off,
    ),
  );
}

function cannotRegrant(desk: Desk): string | null {
  const row = desk.accounts.selected;
  if (row === null) return withoutAccount(desk);
  return row.state === 'unreadable' && !row.serves
    ? `${row.file} cannot be read: mend the file first, it is read again at once`
    : null;
}

function copy(desk: Desk, text: string | undefined, what: string): void {
  if (text === undefined || text === '') return desk.say(`there is no ${what} to copy`, 'warn');
  desk.reach.copy(text);
  desk.say(`${what} sent to the clipboard (where the terminal allows OSC 52)`);
}

function back(desk: Desk): void {
  if (filterOf(desk, desk.focus) !== null) setFilter(desk, desk.focus, null);
  else if (desk.accounts.marked.size > 0 && desk.focus === 'accounts') desk.accounts.marked.clear();
  else if (desk.focus === 'log' && !desk.log.following) desk.log.follow();
  else if (desk.focus === 'refreshes') desk.refreshes.toNewest();
  else desk.zoomed = false;
}

function goToAlarm(desk: Desk): void {
  const id = desk.snapshot.alarm?.accountId ?? '';
  desk.focusOn('accounts');
  if (desk.accounts.select(id)) return;
  setFilter(desk, 'accounts', null);
  if (!desk.accounts.select(id)) desk.say('that account is gone', 'warn');
}

function seek(desk: Desk, direction: 1 | -1): void {
  if (desk.focus !== 'log') {
    if (desk.focus === 'accounts') desk.accounts.move(direction);
    else desk.refreshes.move(direction, desk.supervisor.events);
  } else if (!desk.log.seek(direction, desk.supervisor.logs)) {
    desk.say(
      desk.log.pattern === null ? 'no more marks; / seeks a text' : `no more matches of /${desk.log.pattern.source}`,
    );
  }
}

function openDetail(desk: Desk, id: string | undefined): void {
  const row = desk.snapshot.accounts.find((account) => account.id === id);
  if (row === undefined) return desk.say('that account is gone', 'warn');
  desk.focusOn('accounts');
  desk.accounts.select(row.id);
  desk.layer = new AccountSheet();
}

function onlyThisAccount(desk: Desk): void {
  const record = desk.log.current(desk.supervisor.logs);
  const ofRecord = desk.log.following ? null : (record?.account ?? record?.access?.account ?? null);
  desk.log.onlyAccount(desk.log.account === null ? (ofRecord ?? desk.accounts.selected?.email ?? null) : null);
}

export function quit(desk: Desk): void {
  if (desk.reach.attached) desk.reach.quit('close');
  else desk.layer = new QuitDialog(desk.now);
}

const focusActions = paneNames.map((pane, index): Action => ({
  id: `focus-${pane}`,
  keys: [String(index + 1)],
  shown: String(index + 1),
  help: `to the ${places[pane].toLowerCase()} pane`,
  where: 'everywhere',
  isMotion: true,
  ...(index === 0 && { label: 'panes', footKeys: '1 2 3' }),
  run: (desk) => desk.focusOn(pane),
}));

export const actions: readonly Action[] = [
  {
    id: 're-add',
    keys: ['r'],
    shown: 'r',
    label: 're-add',
    help: 'paste a new refresh token for the selected account; it is checked with Google, saved, and serves at once',
    where: 'accounts',
    unavailable: cannotRegrant,
    run: (desk) => desk.openForm(desk.accounts.selected),
  },
  {
    id: 'add',
    keys: ['a'],
    shown: 'a',
    label: 'add',
    help: 'paste the refresh token of a new account',
    where: 'accounts',
    run: (desk) => desk.openForm(null),
  },
  {
    id: 'login',
    keys: ['o'],
    shown: 'o',
    label: 'log in',
    help: 'log in with Google: a link to open, the answer pasted back',
    where: 'accounts',
    unavailable: comesLater('logging in with Google (o)'),
    run: (desk) => desk.say(comesLater('logging in with Google')()),
  },
  {
    id: 'test',
    keys: ['t'],
    shown: 't',
    label: 'test',
    help: 'ask Google for one refresh now; a disabled account is tried once with its stored token',
    where: 'accounts',
    unavailable: withoutAccount,
    run: (desk) => testNow(desk, ids(desk)),
  },
  {
    id: 'test-all',
    keys: ['T'],
    shown: 'T',
    help: 'the same for every account, four at a time',
    where: 'accounts',
    unavailable: ({ snapshot }) => (snapshot.accounts.length === 0 ? 'there is no account yet: a adds one' : null),
    run: (desk) =>
      testNow(
        desk,
        desk.snapshot.accounts.map(({ id }) => id),
      ),
  },
  {
    id: 'proxy',
    keys: ['e'],
    shown: 'e',
    label: 'on/off',
    help: 'take the account out of the proxy, or put it back (proxy_disabled); its grant is not touched',
    where: 'accounts',
    unavailable: withoutAccount,
    run: toggleProxy,
  },
  {
    id: 'remove',
    keys: ['x'],
    shown: 'x',
    help: 'remove the account; asks first, and u brings it back',
    where: 'accounts',
    unavailable: withoutAccount,
    run: (desk) => (desk.layer = new RemoveDialog(desk.accounts.targets(desk.snapshot.accounts))),
  },
  {
    id: 'mark',
    keys: ['space'],
    shown: 'Space',
    help: 'mark the account: e, t and x then act on all marked ones',
    where: 'accounts',
    unavailable: withoutAccount,
    run(desk) {
      desk.accounts.toggleMark();
      desk.accounts.move(1);
    },
  },
  {
    id: 'detail',
    keys: ['enter'],
    shown: 'Enter',
    label: 'why',
    help: 'all about the account: why it is out, what to do, its timeline',
    where: 'accounts',
    unavailable: withoutAccount,
    run: (desk) => openDetail(desk, desk.accounts.selected?.id),
  },
  {
    id: 'reload',
    keys: ['R'],
    shown: 'R',
    help: 'read the account files again and swap the pool; nothing in flight is cut',
    where: 'accounts',
    run: (desk) => desk.answer(desk.supervisor.operations.reload()),
  },
  {
    id: 'sort',
    keys: ['s'],
    shown: 's',
    help: 'sort by state, e-mail, requests, errors, last use, token end',
    where: 'accounts',
    unavailable: ({ form }) => (form === null ? null : 'rows stay where they are while a form is open'),
    run(desk) {
      desk.accounts.nextSort();
      desk.arrange();
    },
  },
  {
    id: 'follow',
    keys: ['f'],
    shown: 'f',
    label: 'follow/pause',
    help: 'follow the newest line, or stand still',
    where: 'log',
    run: (desk) => (desk.log.following ? desk.log.pause(desk.supervisor.logs) : desk.log.follow()),
  },
  {
    id: 'level',
    keys: ['l'],
    shown: 'l',
    label: 'level',
    help: 'debug and up, info and up, warnings and up, errors',
    where: 'log',
    run: (desk) => desk.log.nextLevel(),
  },
  {
    id: 'only',
    keys: ['c'],
    shown: 'c',
    label: 'one account',
    help: "only the lines of the line's account, or of the selected one; again: of all",
    where: 'log',
    run: onlyThisAccount,
  },
  {
    id: 'wrap',
    keys: ['w'],
    shown: 'w',
    label: 'wrap',
    help: 'break long lines, or cut them',
    where: 'log',
    run: (desk) => (desk.log.wrapped = !desk.log.wrapped),
  },
  {
    id: 'mark-line',
    keys: ['m'],
    shown: 'm',
    label: 'mark',
    help: 'mark this line; n and N find marks where nothing is sought',
    where: 'log',
    run: (desk) => desk.log.toggleMark(desk.supervisor.logs),
  },
  {
    id: 'save-view',
    keys: ['S'],
    shown: 'S',
    help: 'save what the pane shows to a file',
    where: 'log',
    unavailable: ({ snapshot }) =>
      `saving the view comes with a later release; the log itself is ${snapshot.dataDir}/logs/regrant.log`,
    run: () => undefined,
  },
  {
    id: 'record',
    keys: ['enter'],
    shown: 'Enter',
    label: 'whole record',
    help: 'the whole record as JSON',
    where: 'log',
    unavailable: (desk) => (desk.log.current(desk.supervisor.logs) === undefined ? 'there is no line to show' : null),
    run(desk) {
      const record = desk.log.current(desk.supervisor.logs);
      if (record !== undefined) desk.layer = new RecordSheet(record);
    },
  },
  {
    id: 'event-account',
    keys: ['enter'],
    shown: 'Enter',
    label: 'account and timeline',
    help: "the event's account, with its timeline",
    where: 'refreshes',
    unavailable: (desk) =>
      desk.refreshes.current(desk.supervisor.events) === undefined ? 'there is no event yet' : null,
    run: (desk) => openDetail(desk, desk.refreshes.current(desk.supervisor.events)?.accountId),
  },
  {
    id: 'filter',
    keys: ['/'],
    shown: '/',
    label: 'filter',
    help: 'show only what matches; ! before it all but that, ~ a regular expression; Up recalls the last one',
    where: 'everywhere',
    run: (desk) => (desk.layer = new FilterLine(desk.focus, desk, desk.log.pattern?.source ?? '')),
  },
  {
    id: 'next-match',
    keys: ['n'],
    shown: 'n',
    help: 'next match',
    where: 'everywhere',
    isMotion: true,
    run: (desk) => seek(desk, 1),
  },
  {
    id: 'previous-match',
    keys: ['N'],
    shown: 'N',
    help: 'previous match',
    where: 'everywhere',
    isMotion: true,
    run: (desk) => seek(desk, -1),
  },
  {
    id: 'alarm',
    keys: ['.'],
    shown: '.',
    help: 'go to the account of the alarm',
    where: 'everywhere',
    unavailable: ({ snapshot }) => (snapshot.alarm === null ? 'there is no alarm' : null),
    run: goToAlarm,
  },
  {
    id: 'undo',
    keys: ['u'],
    shown: 'u',
    help: 'undo the last removal or re-add',
    where: 'everywhere',
    run: (desk) => desk.answer(desk.supervisor.operations.undo()),
  },
  {
    id: 'copy',
    keys: ['y'],
    shown: 'y',
    help: 'copy the e-mail, the log line or the event (OSC 52, through tmux too)',
    where: 'everywhere',
    run(desk) {
      const record = desk.log.current(desk.supervisor.logs);
      if (desk.focus === 'accounts') copy(desk, desk.accounts.selected?.email, 'e-mail');
      else if (desk.focus === 'log') copy(desk, record === undefined ? '' : recordText(record), 'log line');
      else copy(desk, desk.refreshes.current(desk.supervisor.events)?.text, 'event');
    },
  },
  ...motions,
  ...focusActions,
  {
    id: 'next-pane',
    keys: ['tab'],
    shown: 'Tab',
    help: 'to the next pane',
    where: 'everywhere',
    isMotion: true,
    run: (desk) => desk.focusOn(paneNames[(paneNames.indexOf(desk.focus) + 1) % paneNames.length] ?? 'accounts'),
  },
  {
    id: 'previous-pane',
    keys: ['S-tab'],
    shown: 'Shift-Tab',
    help: 'to the pane before',
    where: 'everywhere',
    isMotion: true,
    run: (desk) => desk.focusOn(paneNames[(paneNames.indexOf(desk.focus) + 2) % paneNames.length] ?? 'accounts'),
  },
  {
    id: 'keys',
    keys: ['?'],
    shown: '?',
    label: 'keys',
    help: 'this list',
    where: 'everywhere',
    run: (desk) => (desk.layer = new Help(actions)),
  },
  {
    id: 'palette',
    keys: [':'],
    shown: ':',
    help: 'any action by its name',
    where: 'everywhere',
    run: (desk) => (desk.layer = new Palette(actions)),
  },
  {
    id: 'zoom',
    keys: ['z'],
    shown: 'z',
    label: 'zoom',
    help: 'the focused pane alone, or all of them',
    where: 'everywhere',
    run: (desk) => (desk.zoomed = !desk.zoomed),
  },
  {
    id: 'back',
    keys: ['escape'],
    shown: 'Esc',
    help: 'one step back: close, drop the filter, unmark, follow again; never quits',
    where: 'everywhere',
    isMotion: true,
    run: back,
  },
  {
    id: 'repaint',
    keys: ['C-l'],
    shown: 'Ctrl-L',
    help: 'draw the whole screen again',
    where: 'everywhere',
    run: (desk) => desk.reach.repaint(),
  },
  {
    id: 'suspend',
    keys: ['C-z'],
    shown: 'Ctrl-Z',
    help: 'suspend; fg brings it back (asks where the proxy would stand still too)',
    where: 'everywhere',
    run(desk) {
      if (desk.reach.attached) desk.reach.suspend();
      else desk.layer = new SuspendDialog();
    },
  },
  {
    id: 'detach',
    keys: ['d'],
    shown: 'd',
    label: 'detach',
    help: 'leave the terminal; the proxy goes on serving',
    where: 'everywhere',
    unavailable: ({ reach }) =>
      reach.detach === undefined ? 'going on without a screen (d) comes with a later release; Ctrl-Z suspends' : null,
    run: detach,
  },
  {
    id: 'quit',
    keys: ['q', 'C-c'],
    shown: 'q',
    label: 'quit',
    help: 'leave: asks whether to go on serving (d), stop (q again) or stay (Esc); an attached screen just closes',
    where: 'everywhere',
    run: quit,
  },
];

/** The action of a key where the focus is, else the one that holds everywhere. */
export function actionFor(key: string, focus: PaneName): Action | undefined {
  const bound = actions.filter(({ keys }) => keys.includes(key));
  return bound.find(({ where }) => where === focus) ?? bound.find(({ where }) => where === 'everywhere');
}
