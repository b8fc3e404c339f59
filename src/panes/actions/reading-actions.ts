/** Actions in the log and among the refresh events. */
import { withoutSelected, type Action } from '../desk/action.js';
import { halfPageUp } from './motions.js';
import type { Desk } from '../desk/desk.js';
import { JumpLine } from '../layers/jump-line.js';
import { openDetail } from '../sheets/detail.js';
import { RecordSheet } from '../sheets/record.js';
import { tell } from '../../store/words/tongue.js';

function onlyThisAccount(desk: Desk): void {
  const record = desk.log.current(desk.logs);
  const ofRecord = desk.log.following ? null : (record?.account ?? record?.access?.account ?? null);
  const only = ofRecord ?? desk.accounts.selected?.email ?? '';
  if (desk.log.chosen.account !== null) desk.log.onlyAccount(null);
  else if (only !== '') desk.log.onlyAccount(only);
  else desk.say(withoutSelected(desk) ?? tell('this account has no e-mail to look for'), 'warn');
}

function saveView(desk: Desk): void {
  const lines = desk.log.lines(desk.logs);
  if (lines === null) desk.say(tell('not all lines have been looked at yet: once more in a moment'), 'warn');
  else if (lines.length === 0) desk.say(tell('no line passes the filter: nothing to save'), 'warn');
  else desk.answer(desk.supervisor.operations.saveView(lines));
}

export const readingActions: readonly Action[] = [
  {
    id: 'half-page-up-log',
    keys: ['u'],
    shown: 'u',
    help: 'half a page up',
    where: 'log',
    isMotion: true,
    run: halfPageUp,
  },
  {
    id: 'failed',
    keys: ['F'],
    shown: 'F',
    help: 'only what failed: requests with a status of 400 or more, warnings and errors; again: all',
    where: 'log',
    run: (desk) => desk.log.onlyFailed(desk.log.chosen.failedOnly ? 'all' : 'failed'),
  },
  {
    id: 'scroll-left',
    keys: ['left'],
    shown: 'Left',
    help: 'long lines: back to their start',
    where: 'log',
    isMotion: true,
    run: (desk) => desk.log.shift(-1),
  },
  {
    id: 'scroll-right',
    keys: ['right'],
    shown: 'Right',
    help: 'long lines: on to what does not fit',
    where: 'log',
    isMotion: true,
    run: (desk) => desk.log.shift(1),
  },
  {
    id: 'follow',
    keys: ['f'],
    shown: 'f',
    label: ({ log }) => (log.following ? 'pause' : 'follow'),
    help: 'follow the newest line, or stand still',
    where: 'log',
    run: (desk) => (desk.log.following ? desk.log.standOn(Infinity, desk.logs) : desk.log.follow()),
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
    label: ({ log }) => (log.chosen.account === null ? 'account' : 'all accounts'),
    help: "only the lines of the line's account, or of the selected one; again: of all",
    where: 'log',
    run: onlyThisAccount,
  },
  {
    id: 'jump',
    keys: ['@'],
    shown: '@',
    help: "jump to a time; what is older than the lines in memory is read from the log's files",
    where: 'log',
    run: (desk) => desk.open(new JumpLine()),
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
    id: 'time',
    keys: ['t'],
    shown: 't',
    label: 'time',
    isSpare: true,
    help: 'times as on the clock, or as how long ago',
    where: 'log',
    run: (desk) => (desk.log.relative = !desk.log.relative),
  },
  {
    id: 'mark-line',
    keys: ['m'],
    shown: 'm',
    label: 'mark',
    isSpare: true,
    help: 'mark this line; n and N go to the marks then, until / seeks something',
    where: 'log',
    run: (desk) => desk.log.toggleMark(desk.logs),
  },
  {
    id: 'save-view',
    keys: ['S'],
    shown: 'S',
    help: 'save every line that passes the filter to a file in the data directory (views/, 0600)',
    where: 'log',
    run: saveView,
  },
  {
    id: 'record',
    keys: ['enter'],
    shown: 'Enter',
    label: 'record',
    help: 'the whole record as JSON',
    where: 'log',
    unavailable: (desk) => (desk.log.current(desk.logs) === undefined ? tell('there is no line to show') : null),
    run(desk) {
      const record = desk.log.current(desk.logs);
      if (record !== undefined) desk.open(new RecordSheet(record));
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
      desk.refreshes.current(desk.supervisor.events) === undefined ? tell('there is no event yet') : null,
    run: (desk) => openDetail(desk, desk.refreshes.current(desk.supervisor.events)?.accountId ?? ''),
  },
];
