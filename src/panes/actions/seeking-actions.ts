/** Actions that search: filters, matches, and saving what they show. */
import type { Action } from '../desk/action.js';
import type { Desk } from '../desk/desk.js';
import { filterOf, FilterLine } from '../layers/filter-line.js';
import { showRaw } from '../sheets/raw-page.js';
import { textOfCells } from '../text/cells.js';
import { recordText } from '../views/log/record-lines.js';
import { copiedEvent } from '../views/event-words.js';
import { tell } from '../../store/words/tongue.js';

function copy(desk: Desk, text: string, what: string): void {
  if (text === '') {
    desk.say(tell('there is no {what} to copy', { what }), 'warn');
    return;
  }
  desk.copy(text, what);
}

function seek(desk: Desk, direction: 1 | -1): void {
  if (desk.focus !== 'log') {
    seekShown(desk, desk.focus, direction);
    return;
  }
  const { pattern, seeksMarks } = desk.log;
  const found = desk.log.seek(direction, desk.logs);
  if (found === 'found') return;
  if (found === 'seeking') desk.say(tell('not all lines have been looked at yet: once more in a moment'));
  else
    desk.say(
      seeksMarks
        ? tell('no more marks; / seeks a text')
        : tell('no more matches of /{filter}', { filter: pattern?.source ?? '' }),
    );
}

/** Goes to the next row: where only matching rows are shown, that is the next match. */
function seekShown(desk: Desk, pane: 'accounts' | 'refreshes', direction: 1 | -1): void {
  const pattern = filterOf(desk, pane);
  if (pattern === null) {
    desk.say(tell('nothing is sought here: / shows what matches, and n the next of it'));
    return;
  }
  const { accounts, refreshes, supervisor } = desk;
  const here = (): unknown => (pane === 'accounts' ? accounts.index : refreshes.current(supervisor.events));
  const before = here();
  if (pane === 'accounts') accounts.move(direction);
  else refreshes.move(direction, supervisor.events);
  if (here() === before) desk.say(tell('no more matches of /{filter}', { filter: pattern.source }));
}

export const seekingActions: readonly Action[] = [
  {
    id: 'filter',
    keys: ['/'],
    shown: '/',
    label: 'filter',
    help: 'show only what matches; ! before it all but that, ~ a regular expression; Up recalls the last one',
    where: 'everywhere',
    run: (desk) => desk.show(new FilterLine(desk.focus, desk)),
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
    id: 'raw',
    isOfOpen: true,
    keys: ['Y'],
    shown: 'Y',
    help: 'what is open, else what is selected, as plain text outside the screen, to be selected and copied whole; Enter returns',
    where: 'everywhere',
    run: showRaw,
  },
  {
    id: 'copy',
    keys: ['y'],
    shown: 'y',
    inSheets: 'copy',
    help: 'copy the e-mail, the log line or the event (OSC 52, through tmux too)',
    where: 'everywhere',
    run(desk) {
      const record = desk.log.current(desk.logs);
      const event = desk.refreshes.current(desk.supervisor.events);
      if (desk.focus === 'accounts') copy(desk, desk.accounts.selected?.email ?? '', tell('e-mail'));
      else if (desk.focus === 'log')
        copy(desk, record === undefined ? '' : textOfCells(recordText(record)), tell('log line'));
      else copy(desk, event === undefined ? '' : textOfCells(copiedEvent(event, desk.now)), tell('event'));
    },
  },
];
