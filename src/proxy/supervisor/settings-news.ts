import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import type { LiveSettings, SettingsRead } from '../../store/settings/live-settings.js';
import type { OperationReply } from '../contract/operations.js';
import type { ClientSide } from './client-side.js';

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

/** Logs each reading that changed something; a fault becomes one event, until it is mended. */
export function tellSettings({ liveSettings, log, events, clock }: Store & { readonly clock: Clock }): void {
  let isWrong = false;
  liveSettings.onRead((read) => {
    const words = readWords(read);
    if (read.fault !== null) log.logger.error(`Settings: ${words}`);
    else log.logger.info(`Settings: ${words === '' ? 'good again, and as they were' : words}`);
    if (isWrong === (read.fault !== null)) return;
    isWrong = read.fault !== null;
    const text = isWrong ? words : 'the settings are good again';
    events.add({
      ...{ at: clock.now(), kind: 'settings', accountId: '', email: '' },
      ...{ cause: null, tookMs: null, nextAt: null, text, detail: isWrong ? 'regrant config check says what' : '' },
    });
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
