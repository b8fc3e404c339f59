/** `Y`: what is open, else what is selected, as text in the terminal itself, where it can be selected and copied whole. */
import type { Desk } from '../desk/desk.js';
import { accountText } from './detail.js';
import { prettyJson } from './record.js';
import { textOfCells } from '../text/cells.js';
import { inert } from '../text/inert.js';
import { showCopyPage } from '../terminal/copy-page.js';
import { copiedEvent } from '../views/event-words.js';
import { tell } from '../../store/words/tongue.js';

/** Everything about what is open, else about what is selected, one thing on each line; empty where nothing is. */
function rawText(desk: Desk): string {
  const { sheet, focus, supervisor } = desk;
  const said = sheet?.raw?.(desk);
  if (said !== undefined) return said;
  if (focus === 'accounts') return desk.accounts.selected === null ? '' : accountText(desk);
  if (focus === 'log') return prettyJson(desk.log.current(desk.logs)?.line ?? '');
  const event = desk.refreshes.current(supervisor.events);
  return event === undefined ? '' : copiedEvent(event, desk.now);
}

/** Repeats each link alone on a line, where a click takes all of it however it is wrapped. */
function withLinks(text: string): string {
  const links = new Set(text.match(/https?:\/\/[^\s"'<>]+/g) ?? []);
  return links.size === 0 ? text : `${text}\n\n${[...links].join('\n\n')}`;
}

export function showRaw(desk: Desk): void {
  const text = withLinks(textOfCells(rawText(desk)))
    .split('\n')
    .map((line) => inert(line).trimEnd())
    .join('\n');
  if (text === '') {
    desk.say(tell('nothing is selected here'), 'warn');
    return;
  }
  showCopyPage(desk.host, {
    text: `${text}\n\n${tell('y copies it · Enter returns to the screen')}\n`,
    copied: text,
    what: tell('text'),
    paste: () => desk.say(tell('paste ignored: nothing takes it here'), 'warn'),
  });
}
