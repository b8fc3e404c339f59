/** The steps of a re-add in the operator's words, the same wherever they are shown. */
import type { Progress, ReaddStep } from '../../proxy/contract/operations.js';
import { span, type Span } from '../text/lines.js';
import type { Style, Theme } from '../text/theme.js';
import type { PlainWord } from '../../store/words/tongue.js';

export const stepNames = {
  exchange: 'Google takes it',
  identity: 'whose is it',
  scopes: 'scopes',
  saved: 'saved',
  reloaded: 'pool reloaded',
  upstream: 'upstream answers',
  served: 'first request',
} as const satisfies Record<ReaddStep, PlainWord>;

export const statusStyles: Record<Progress['status'], Style> = {
  running: 'accent',
  done: 'good',
  failed: 'warn',
  warning: 'warn',
};

/** The mark of a step's progress; blank before it began. */
export function stepGlyph(news: Progress | undefined, { glyphs }: Theme): Span {
  if (news === undefined) return span(' ', 'dim');
  const glyph = { running: '…', done: glyphs.done, failed: '!', warning: glyphs.warning }[news.status];
  return span(glyph, statusStyles[news.status]);
}
