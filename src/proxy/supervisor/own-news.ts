import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import type { GrantEventKind } from '../../store/records/grant-event.js';
import type { LiveSettings, SettingsRead } from '../../store/settings/live-settings.js';
import type { Sharing } from '../../store/shared/sharing.js';
import { english } from '../../store/words/saying.js';
import type { OperationReply } from '../contract/operations.js';
import type { ClientSide } from './client-side.js';

export interface OwnNewsParts {
  readonly store: Store;
  readonly parts: { readonly clientSide: Pick<ClientSide, 'onLimit' | 'onTrouble'> };
  readonly clock: Clock;
}

type Happened = (kind: GrantEventKind, text: string, detail?: string) => void;

/** The most names in a line. */
const NAMED = 6;

const list = (keys: readonly string[]): string =>
  keys.length <= NAMED ? keys.join(', ') : `${keys.slice(0, NAMED).join(', ')} and ${keys.length - NAMED} more`;

/** The result of a reading, in one line and without any value. Empty: nothing changed. */
export function readWords({ fault, changed, forNextStart }: SettingsRead): string {
  if (fault !== null) return `the settings stay as they were: ${fault}`;
  const words = [
    changed.length === 0 ? '' : `settings changed: ${list(changed)}`,
    forNextStart.length === 0 ? '' : `from the next start on: ${list(forNextStart)}`,
  ];
  return words.filter((word) => word !== '').join('; ');
}

/** What happens to this regrant itself is told as events about no account: settings, limits of client keys, boxes. */
export function tellOwnNews({ store, parts, clock }: OwnNewsParts): void {
  const happened = telling(store, clock);
  tellSettings(store, happened);
  parts.clientSide.onLimit(({ text }) => happened('key_limit', text));
  let keysAreWrong = false;
  parts.clientSide.onTrouble((trouble) => {
    if (keysAreWrong !== (trouble !== null)) happened('settings', trouble ?? 'the client keys are good again');
    keysAreWrong = trouble !== null;
  });
  if (store.shared !== null) tellBoxes(store.shared.sharing, clock, happened);
}

/** Tells that this process serves in place of another one. */
export function tellRestart(store: Store, { before, address }: { before: number; address: string }): void {
  const parts = { pid: process.pid, address, before };
  telling(store, store.clock)('restarted', english('pid {pid} serves on {address} in place of pid {before}', parts));
}

const telling =
  ({ events }: Pick<Store, 'events'>, clock: Clock): Happened =>
  (kind, text, detail = '') =>
    void events.add({
      ...{ at: clock.now(), kind, accountId: '', email: '', cause: null, tookMs: null, nextAt: null },
      ...{ text, detail },
    });

/** Logs each reading that changed something, and tells it; a fault once, until it is mended. */
function tellSettings({ liveSettings, log }: Store, happened: Happened): void {
  let isWrong = false;
  liveSettings.onRead((read) => {
    const words = readWords(read);
    const wasWrong = isWrong;
    isWrong = read.fault !== null;
    if (isWrong) log.logger.error(`Settings: ${words}`);
    else log.logger.info(`Settings: ${words === '' ? 'good again, and as they were' : words}`);
    if (isWrong && !wasWrong) happened('settings', words, 'regrant config check says what');
    else if (!isWrong && wasWrong) happened('settings', 'the settings are good again', words);
    else if (!isWrong) happened('settings', words);
  });
}

/** So long a box has to look gone: after a cut all do, until the next sign of each of them. */
const SURELY_GONE_MS = 3_000;

/** Tells of the way to the database, and of boxes that are gone and come back, which the first that is there does. */
export function tellBoxes(
  sharing: Pick<Sharing, 'name' | 'boxes' | 'cutOff' | 'onChange'>,
  clock: Pick<Clock, 'after'>,
  happened: Happened,
): void {
  /** Boxes that are known to be gone; null: there was no look yet, and what is so then is no news. */
  let gone: Set<string> | null = null;
  let wasCut: string | null = null;
  const isTeller = (): boolean => sharing.boxes.find(({ isGone }) => !isGone)?.name === sharing.name;
  const settled = (box: string, known: Set<string>): void => {
    const isGone = sharing.boxes.some(({ name, isGone }) => isGone && name === box);
    if (!isGone || sharing.cutOff !== null || known.has(box) || !isTeller()) return;
    known.add(box);
    happened('box', english('box {name} is gone: start it again', { name: box }));
  };
  sharing.onChange(() => {
    const { boxes, cutOff } = sharing;
    if (cutOff !== null && wasCut === null)
      happened('box', english('the database is cut off ({why})', { why: cutOff }));
    if (cutOff === null && wasCut !== null) happened('box', english('the database is there again'));
    wasCut = cutOff;
    if (cutOff !== null || boxes.length === 0) return;
    gone ??= new Set(boxes.flatMap(({ name, isGone }) => (isGone ? [name] : [])));
    const known = gone;
    for (const { name, isGone } of boxes) {
      if (isGone && !known.has(name)) clock.after(SURELY_GONE_MS, () => settled(name, known));
      if (isGone || !known.delete(name)) continue;
      happened('box', english('box {name} is there again', { name }));
    }
  });
}

/** Reads settings and client keys again, as asked for. @returns the line to show; null: nothing */
export function rereadSettings(settings: LiveSettings, clientSide: Pick<ClientSide, 'reload'>): OperationReply | null {
  const read = settings.reload();
  const keysFault = clientSide.reload();
  const words = [readWords(read), keysFault ?? ''].filter((word) => word !== '');
  if (words.length === 0) return null;
  return { ok: read.fault === null && keysFault === null, text: words.join('; ') };
}
