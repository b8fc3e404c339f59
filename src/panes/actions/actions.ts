/**
 * What the operator can do: one row for each action. The foot, `?`, `:` and the key list of the README are made from
 * it.
 */
import { openSetup } from '../layers/open.js';
import { accountActions, stopActs } from './account-actions.js';
import { type Action } from '../desk/action.js';
import { KeysSheet } from '../sheets/keys.js';
import { BoxesSheet } from '../sheets/boxes.js';
import { FlightSheet } from '../sheets/flight.js';
import { SettingsSheet } from '../sheets/settings.js';
import { UsageSheet } from '../sheets/usage.js';
import { Charts } from '../sheets/charts.js';
import { StepDialog } from '../layers/confirm.js';
import { paneNames, type Desk, type PaneName } from '../desk/desk.js';
import { filterOf, setFilter } from '../layers/filter-line.js';
import { Help } from '../sheets/help.js';
import { leavingActions } from './leaving-actions.js';
import { motions } from './motions.js';
import { Palette } from '../layers/palette.js';
import { readingActions } from './reading-actions.js';
import { seekingActions } from './seeking-actions.js';
import { wordsOf } from '../text/text.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { tell } from '../../store/words/tongue.js';

/** Undoes or redoes, after a question where one is necessary. */
function step(desk: Desk, which: 'undo' | 'redo'): void {
  const { operations } = desk.supervisor;
  const asked = operations.stepQuestions().then((questions) => {
    const question = questions[which];
    if (question === null) desk.answer(operations[which]());
    else desk.open(new StepDialog(which, question));
    desk.changed();
  });
  asked.catch((error: unknown) => desk.say(wordsOf(error), 'warn'));
}

function back(desk: Desk): void {
  const { testing, acting } = desk.snapshot;
  const isOnMany = acting !== null || (testing !== null && testing.of > 1);
  if (isOnMany && desk.focus === 'accounts') stopActs(desk);
  else if (filterOf(desk, desk.focus) !== null) setFilter(desk, desk.focus, null);
  else if (desk.accounts.marked.size > 0 && desk.focus === 'accounts') desk.accounts.marked.clear();
  else if (desk.focus === 'log' && !desk.log.following) desk.log.follow();
  else if (desk.focus === 'refreshes' && !desk.refreshes.atNewest) desk.refreshes.toNewest();
  else desk.zoomed = false;
}

const wayTo = {
  accounts: 'to the accounts pane',
  log: 'to the log pane',
  refreshes: 'to the refresh events pane',
} as const satisfies Record<PaneName, PlainWord>;

const focusActions = paneNames.map((pane, index): Action => ({
  id: `focus-${pane}`,
  keys: [String(index + 1)],
  shown: String(index + 1),
  help: wayTo[pane],
  where: 'everywhere',
  isMotion: true,
  ...(index === 0 && { label: 'panes', footKeys: '1 2 3', isSpare: true }),
  run: (desk) => desk.focusOn(pane),
}));

export const actions: readonly Action[] = [
  ...accountActions,
  ...readingActions,
  ...seekingActions,
  {
    id: 'alarm',
    keys: ['.'],
    shown: '.',
    help: 'go to the account of the alarm',
    where: 'everywhere',
    unavailable: ({ alarm }) => (alarm === null ? tell('there is no alarm') : null),
    run: (desk) => void desk.goTo(desk.alarm?.accountId ?? ''),
  },
  {
    id: 'acknowledge',
    keys: ['A'],
    shown: 'A',
    help: 'acknowledge the alarm line: it goes until the next account dies',
    where: 'everywhere',
    unavailable: ({ alarm }) => (alarm === null ? tell('there is no alarm') : null),
    run: (desk) => (desk.acknowledged = desk.alarm?.at ?? desk.acknowledged),
  },
  {
    id: 'set-up',
    keys: ['O'],
    shown: 'O',
    // once a client is configured there is seldom a reason for it
    label: ({ snapshot }) => (snapshot.clients.length === 0 ? 'set up' : ''),
    help: 'set up the OAuth client: its id and secret, checked with Google, saved and used at once',
    where: 'everywhere',
    run: (desk) => openSetup(desk, desk.accounts.selected),
  },
  {
    id: 'undo',
    keys: ['u'],
    shown: 'u',
    help: 'undo the last removal or re-add; asks where that puts a dead or an older credential back',
    where: 'everywhere',
    run: (desk) => step(desk, 'undo'),
  },
  {
    id: 'redo',
    keys: ['U'],
    shown: 'U',
    help: 'do again what was undone last; asks likewise',
    where: 'everywhere',
    run: (desk) => step(desk, 'redo'),
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
    id: 'help',
    keys: ['?'],
    shown: '?',
    label: 'keys',
    help: 'this list',
    where: 'everywhere',
    run: (desk) => desk.open(new Help(actions)),
  },
  {
    id: 'palette',
    keys: [':'],
    shown: ':',
    help: 'any action by its name',
    where: 'everywhere',
    run: (desk) => desk.open(new Palette(actions)),
  },
  {
    id: 'charts',
    keys: [],
    shown: ':charts',
    help: 'requests, latency and refresh outcomes as charts, drawn once a second',
    where: 'everywhere',
    run: (desk) => desk.show(new Charts()),
  },
  {
    id: 'keys',
    keys: ['K'],
    shown: 'K',
    help: 'the client keys: what each used today and what stops it; make, switch off, revoke',
    where: 'everywhere',
    run: (desk) => desk.show(new KeysSheet()),
  },
  {
    id: 'usage',
    keys: [],
    shown: ':usage',
    help: 'who used what: by day, account, key, model or protocol',
    where: 'everywhere',
    run: (desk) => desk.show(new UsageSheet()),
  },
  {
    id: 'flight',
    keys: [],
    shown: ':flight',
    help: 'what is in flight: each request with its age, account, key, model and bytes, the oldest first',
    where: 'everywhere',
    run: (desk) => desk.show(new FlightSheet()),
  },
  {
    id: 'boxes',
    keys: [],
    shown: ':boxes',
    help: 'the machines that share the pool: which are here, since when, how their clocks go',
    where: 'everywhere',
    run: (desk) => desk.show(new BoxesSheet()),
  },
  {
    id: 'settings',
    keys: [],
    shown: ':settings',
    help: 'the settings and where each comes from; switches, choices and numbers are changed here',
    where: 'everywhere',
    run: (desk) => desk.show(new SettingsSheet()),
  },
  {
    id: 'zoom',
    keys: ['z'],
    shown: 'z',
    label: ({ zoomed }) => (zoomed ? 'all panes' : 'zoom'),
    isSpare: true,
    help: 'the focused pane alone, or all of them',
    where: 'everywhere',
    run: (desk) => (desk.zoomed = !desk.zoomed),
  },
  {
    id: 'back',
    keys: ['escape'],
    shown: 'Esc',
    help: 'one step back: close, drop the filter, unmark, stop testing, follow again; never quits',
    where: 'everywhere',
    isMotion: true,
    run: back,
  },
  ...leavingActions,
];

/** The action of a key in the focused pane, else the one that the key has everywhere. */
export function actionFor(key: string, focus: PaneName): Action | undefined {
  const bound = actions.filter(({ keys }) => keys.includes(key));
  return bound.find(({ where }) => where === focus) ?? bound.find(({ where }) => where === 'everywhere');
}
