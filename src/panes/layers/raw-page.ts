/** `Y`: what is open, else what is selected, as text in the terminal itself, where it can be selected and copied whole. */
import type { Desk } from '../desk/desk.js';
import { accountDetail } from './detail.js';
import { prettyJson, RecordSheet } from './record.js';
import { textOfCells } from '../text/cells.js';
import { copiedText, inert } from '../text/text.js';
import { themeFor } from '../text/theme.js';
import { copiedEvent } from '../views/refreshes.js';

const nothing = (): void => undefined;

/** Nothing is wrapped: the terminal does that, and puts it together again when it is copied. */
const UNWRAPPED = 100_000;

/** What is told of an account, a record or an event, one thing a line; empty where nothing is selected. */
function rawText(desk: Desk): string {
  const { sheet, focus, supervisor } = desk;
  if (sheet instanceof RecordSheet) return prettyJson(sheet.record.line);
  const isAccounts = sheet?.place === 'accounts' || focus === 'accounts';
  if (isAccounts) return accountText(desk);
  if (focus === 'log') return prettyJson(desk.log.current(desk.logs)?.line ?? '');
  const event = desk.refreshes.current(supervisor.events);
  return event === undefined ? '' : copiedEvent(event);
}

function accountText({ accounts: { selected }, snapshot, supervisor, now, host }: Desk): string {
  if (selected === null) return '';
  const theme = themeFor({ theme: 'dark', glyphs: 'ascii' }, host.env);
  const lines = accountDetail(selected, snapshot, supervisor.events, now, UNWRAPPED, theme);
  return [selected.email, ...lines.map(({ spans }) => spans.map(({ text }) => text).join(''))].join('\n');
}

export function showRaw(desk: Desk): void {
  const text = textOfCells(rawText(desk))
    .split('\n')
    .map((line) => inert(line).trimEnd())
    .join('\n');
  if (text === '') {
    desk.say('nothing is selected here', 'warn');
    return;
  }
  const page = desk.host.page({
    text: `${text}\n\ny copies it · Enter returns to the screen\n`,
    key({ name }) {
      if (name === 'y') desk.host.copy(text).then((how) => page.print(copiedText('text', how)), nothing);
      return name === 'enter' || name === 'escape' ? 'close' : 'stay';
    },
    paste: () => desk.say('paste ignored: nothing takes it here', 'warn'),
  });
}
