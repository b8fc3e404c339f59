/** The shapes in which notices are sent, each as the service that receives it documents it. */
import { told } from '../../store/words/told.js';
import { tell } from '../../store/words/tongue.js';
import type { Settings } from '../../store/settings/settings.js';
import { jsonOf, isJsonObject } from '../../store/ground/json.js';
import type { Notice } from './notice.js';

export type NoticeFormat = Settings['notify']['format'];

/** A notice with what surrounds it: what `json` sends. */
export interface NoticeBody extends Omit<Notice, 'at'> {
  /** ISO 8601. */
  readonly at: string;
  readonly health: string;
  readonly accounts: number;
  readonly address: string;
  readonly host: string;
  readonly pid: number;
  readonly regrant: string;
}

/** What is sent. */
export interface NoticeMessage {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Which events need somebody at once; the others can wait. */
const urgent: ReadonlySet<string> = new Set([
  'account_disabled',
  'none_serves',
  'client_refused',
  'not_saved',
  'database_cut',
]);
const good: ReadonlySet<string> = new Set(['account_recovered', 'test']);

/** Discord's own limit, in characters. */
const LONGEST_DISCORD = 2_000;
/** Telegram's own limit, in characters. */
const LONGEST_TELEGRAM = 4_096;
/** ntfy makes an attachment of what is longer, in bytes. */
const LONGEST_NTFY_BYTES = 4_096;

const JSON_TYPE = { 'content-type': 'application/json' } as const;
const TEXT_TYPE = { 'content-type': 'text/plain; charset=utf-8' } as const;

const asJson = (content: object): NoticeMessage => ({ body: JSON.stringify(content), headers: JSON_TYPE });

/** One line for people, in the language of this process: what it is about, and who says it. */
const lineOf = ({ text, host }: NoticeBody): string =>
  tell('regrant on {host}: {text}', { host, text: told(text) }).replace(/\s+/g, ' ');

/** Escapes the three characters that Slack takes for markup. */
const forSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cut = (text: string, most: number): string => {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
};

function cutBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let kept = '';
  let bytes = Buffer.byteLength('…');
  for (const letter of text) {
    bytes += Buffer.byteLength(letter);
    if (bytes > most) break;
    kept += letter;
  }
  return `${kept}…`;
}

const messages: Readonly<Record<NoticeFormat, (notice: NoticeBody, chatId: string) => NoticeMessage>> = {
  json: (notice) => asJson(notice),
  text: (notice) => ({ body: `${lineOf(notice)}\n`, headers: TEXT_TYPE }),
  slack: (notice) => asJson({ text: forSlack(lineOf(notice)) }),
  // an account's name must not notify anybody on Discord
  discord: (notice) => asJson({ content: cut(lineOf(notice), LONGEST_DISCORD), allowed_mentions: { parse: [] } }),
  telegram: (notice, chatId) => asJson({ chat_id: chatId, text: cut(lineOf(notice), LONGEST_TELEGRAM) }),
  ntfy: (notice) => ({
    body: cutBytes(lineOf(notice), LONGEST_NTFY_BYTES),
    headers: {
      ...TEXT_TYPE,
      title: `regrant: ${notice.event}`,
      priority: urgent.has(notice.event) ? 'high' : 'default',
      tags: good.has(notice.event) ? 'white_check_mark' : 'warning',
    },
  }),
  feishu: (notice) => asJson({ msg_type: 'text', content: { text: lineOf(notice) } }),
};

/** A notice as this format sends it. @param chatId - `notify.chatId`, which Telegram needs */
export const messageFor = (format: NoticeFormat, notice: NoticeBody, chatId: string): NoticeMessage =>
  messages[format](notice, chatId);

/** The failure that a service reports in an answer with a good status; null: it accepted the notice. */
export function refusalIn(format: NoticeFormat, answer: string): string | null {
  if (format !== 'feishu' && format !== 'telegram') return null;
  const said = jsonOf(answer);
  if (!isJsonObject(said)) return null;
  const { code, msg, ok, description } = said;
  if (format === 'telegram')
    return ok !== false ? null : typeof description === 'string' ? description : 'it was refused';
  return typeof code === 'number' && code !== 0 ? `${code} ${typeof msg === 'string' ? msg : ''}`.trim() : null;
}
