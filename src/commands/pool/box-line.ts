import type { BoxRow } from '../../proxy/contract/snapshot.js';
import { age, pad } from '../../panes/text/text.js';
import type { Spoken } from '../../store/ground/errors.js';
import { sideBySide, tell } from '../../store/words/tongue.js';

/** A machine of the pool, for people. @param now - ms since 1970 */
export function boxLine(box: Omit<BoxRow, 'spooled'>, now: number): Spoken {
  const { name, address, version, isGone, seenAt, startedAt, openLeases } = box;
  const state = isGone
    ? tell('gone for {span}', { span: age(Math.max(0, now - seenAt)) })
    : tell('up {time}', { time: age(Math.max(0, now - startedAt)) });
  const owes = isGone && openLeases > 0 ? `, ${tell('{n} of its tokens in doubt', { n: openLeases })}` : '';
  return sideBySide`${pad(name, 24)}  ${pad(address, 22)}  ${pad(version, 9)}  ${state}${owes}`;
}
