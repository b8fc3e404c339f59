/** A refresh event in words: the same in its pane, in a timeline and on the clipboard. */
import { took } from '../../proxy/contract/durations.js';
import type { GrantEvent, GrantEventKind } from '../../proxy/contract/supervisor.js';
import { englishOf, tell, type PlainWord } from '../../store/words/tongue.js';
import { sanitise, when } from '../text/text.js';
import type { Glyphs, Style } from '../text/theme.js';
import { told } from '../../store/words/told.js';

interface Kind {
  readonly glyph: (glyphs: Glyphs) => string;
  readonly word: PlainWord;
  readonly style: Style;
}

export const eventWords: Record<GrantEventKind, Kind> = {
  refreshed: { glyph: (g) => g.done, word: 'refreshed', style: 'good' },
  rotated: { glyph: (g) => g.done, word: 'rotated', style: 'good' },
  disabled: { glyph: (g) => g.dead, word: 'DISABLED', style: 'error' },
  refused: { glyph: () => '?', word: 'refused ¦ event', style: 'warn' },
  temporary: { glyph: (g) => g.cooling, word: 'trouble', style: 'warn' },
  client: { glyph: () => '!', word: 'client ¦ event', style: 'warn' },
  recovered: { glyph: (g) => g.done, word: 'recovered', style: 'good' },
  served: { glyph: (g) => g.ready, word: 'serves', style: 'good' },
  warning: { glyph: (g) => g.warning, word: 'warning', style: 'warn' },
  rested: { glyph: (g) => g.cooling, word: 'rests', style: 'warn' },
  blocked: { glyph: (g) => g.warning, word: 'blocked', style: 'warn' },
  lifted: { glyph: (g) => g.ready, word: 'lifted', style: 'good' },
  settings: { glyph: (g) => g.warning, word: 'settings ¦ event', style: 'warn' },
  key_limit: { glyph: (g) => g.cooling, word: 'key limit', style: 'warn' },
  restarted: { glyph: (g) => g.done, word: 'restarted', style: 'good' },
  box: { glyph: (g) => g.warning, word: 'box ¦ event', style: 'warn' },
};

/** All that a filter is matched against. */
export const eventText = (event: GrantEvent): string =>
  sanitise(
    `${englishOf(wordOf(event))} ${event.email} ${event.cause ?? ''} ${event.text} ${event.detail} ${boxOf(event)} ${tell(wordOf(event))} ${told(event.text)}`,
  );

/** The box where it happened, as a screen names it; empty where the pool is one machine's. */
export const boxOf = ({ box }: GrantEvent): string => (box === undefined ? '' : tell('on {box}', { box }));

/** An event as one line that says everything, for copying. */
export function copiedEvent(event: GrantEvent, now: number): string {
  const lasted = event.tookMs === null ? '' : told(took(event.tookMs));
  const parts = [
    when(event.at, now),
    tell(wordOf(event)),
    event.email,
    lasted,
    saidOf(event),
    told(event.detail),
    boxOf(event),
  ];
  return sanitise(parts.filter((part) => part !== '').join('  '));
}

const ADDED = /^added: /;

/** The word for an event; a new account was added and has not recovered. */
export const wordOf = ({ kind, text }: GrantEvent): PlainWord =>
  kind === 'recovered' && text.startsWith('added: ') ? 'added' : eventWords[kind].word;

/**
 * The text of an event. For a plain refresh, and at the beginning of an addition's, it would repeat the word before the
 * e-mail.
 */
export const saidOf = (event: GrantEvent): string =>
  event.text === englishOf(wordOf(event)) ? '' : told(event.text.replace(wordOf(event) === 'added' ? ADDED : '', ''));
