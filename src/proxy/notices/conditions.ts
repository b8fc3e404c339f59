import { english } from '../../store/words/saying.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import { spoken } from '../contract/durations.js';
import type { KeyDesk } from '../clients/key-desk.js';
import type { LimitReached } from '../clients/key-limits.js';
import type { Pool } from '../pool/pool.js';
import type { Sharing } from '../../store/shared/sharing.js';
import type { Condition } from './notice.js';

export interface ConditionParts {
  readonly store: Pick<Store, 'accounts' | 'settings' | 'liveSettings' | 'shared'>;
  readonly pool: Pick<Pool, 'list' | 'counts' | 'unsaved'>;
  readonly keys: Pick<KeyDesk, 'ends'>;
  readonly clock: Pick<Clock, 'now'>;
}

const about = { account: null, client: null, cause: null };

/** How long before a key ends a notice is sent. */
const KEY_ENDS_WITHIN_SECONDS = 48 * 3_600;

/** The present conditions that are worth a notice, besides the pool's health. */
export function conditionsNow(parts: ConditionParts): readonly Condition[] {
  const { sharing } = parts.store.shared ?? {};
  return [
    ...[...blocked(parts), ...low(parts), ...unsaved(parts), ...wrongSettings(parts), ...endingKeys(parts)],
    ...(sharing === undefined ? [] : ofBoxes(sharing)),
  ];
}

/** Of a pool on several machines. Of those that are there the first tells of one that is gone, and no other. */
export function ofBoxes({ name, cutOff, boxes }: Pick<Sharing, 'name' | 'cutOff' | 'boxes'>): readonly Condition[] {
  if (cutOff !== null) {
    const text = english(
      'the database is cut off ({why}): accounts serve on while their access tokens last, none is renewed',
      { why: cutOff },
    );
    return [{ key: 'database_cut', event: 'database_cut', ...about, text }];
  }
  if (boxes.find(({ isGone }) => !isGone)?.name !== name) return [];
  return boxes.flatMap(({ name: box, isGone, openLeases }): readonly Condition[] => {
    if (!isGone) return [];
    const text =
      openLeases === 0
        ? english('box {name} is gone: start it again', { name: box })
        : english('box {name} is gone and never told what came back for {n} of its tokens: start it again', {
            name: box,
            n: openLeases,
          });
    return [{ key: `box_gone/${box}`, event: 'box_gone', ...about, text }];
  });
}

function blocked({ pool, store }: ConditionParts): readonly Condition[] {
  return pool.list().flatMap(({ id, email, standing: { state, cause, reason } }): readonly Condition[] => {
    if (state !== 'blocked') return [];
    const url = store.accounts.get(id)?.account?.validationBlocked?.url ?? null;
    const text =
      url === null
        ? english('{email} is blocked ({why})', { email, why: reason })
        : english('{email} is blocked ({why}): {url}', { email, why: reason, url });
    return [{ key: `blocked/${id}`, event: 'blocked', account: email, client: null, cause, text }];
  });
}

function low({ pool, store }: ConditionParts): readonly Condition[] {
  const { poolBelow } = store.settings.notify;
  const { ready, cooling } = pool.counts();
  const left = ready + cooling;
  if (left >= poolBelow) return [];
  const few = { n: left, least: poolBelow };
  const text =
    left === 1
      ? english('{n} account left that can serve, fewer than {least} (notify.poolBelow)', few)
      : english('{n} accounts left that can serve, fewer than {least} (notify.poolBelow)', few);
  return [{ key: 'pool_low', event: 'pool_low', ...about, text }];
}

function unsaved({ pool }: ConditionParts): readonly Condition[] {
  const count = pool.unsaved;
  if (count === 0) return [];
  const text =
    count === 1
      ? english(
          "one account's newest credential or flag is in memory only, and lost if regrant ends: see `regrant doctor`",
        )
      : english('what is new of {n} accounts is in memory only, and lost if regrant ends: see `regrant doctor`', {
          n: count,
        });
  return [{ key: 'not_saved', event: 'not_saved', ...about, text }];
}

function wrongSettings({ store }: ConditionParts): readonly Condition[] {
  const { trouble } = store.liveSettings;
  if (trouble === null) return [];
  return [
    { key: 'settings_wrong', event: 'settings_wrong', ...about, text: `the settings stay as they were: ${trouble}` },
  ];
}

function endingKeys({ keys, clock }: ConditionParts): readonly Condition[] {
  const now = Math.floor(clock.now() / 1000);
  return keys.ends().flatMap(({ name, expires }): readonly Condition[] => {
    const left = expires - now;
    if (left <= 0 || left > KEY_ENDS_WITHIN_SECONDS) return [];
    const text = english('the client key {name} ends in {left}; `regrant key set {key} --expires` gives it longer', {
      name,
      key: name,
      left: spoken(left),
    });
    return [{ key: `key_ending/${name}/${expires}`, event: 'key_ending', ...about, text }];
  });
}

/** A key has reached a limit: told once in the period that the limit is for. */
export const limitReached = ({ key, kind, period, text }: LimitReached): Condition => ({
  key: `key_limit/${key}/${kind}/${period}`,
  event: 'key_limit',
  ...about,
  text,
});
