import type { UsageSum } from '../../proxy/contract/operations.js';
import type { Desk } from './desk.js';
import { date, plural } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import { tell } from '../../store/words/tongue.js';

const LOOK_EVERY_MS = 5_000;
/** How many keys are named; the others are counted. */
const NAMED = 6;

/** Which keys use which account today; asked for now and then while it is shown. */
export class Users {
  private sums: readonly UsageSum[] = [];
  private lookedAt = -Infinity;

  /** The keys in words, the one with most requests first; empty: none, as far as is known. */
  of(email: string): string {
    return usersText(this.sums.filter(({ account }) => account === email));
  }

  /** Asks again, where the last answer may no longer hold. */
  look(desk: Desk): void {
    if (desk.now - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = desk.now;
    const today = date(desk.now);
    desk.supervisor.operations.usage(today, today, ['account', 'key']).then(
      (sums) => {
        this.sums = sums;
        desk.changed();
      },
      // an attached screen may have lost its supervisor, which is reported elsewhere
      () => undefined,
    );
  }
}

/** `editor 61 requests, ci 22 today`. @param sums - of one account, by key */
export function usersText(sums: readonly UsageSum[]): string {
  const most = [...sums].sort((a, b) => b.requests - a.requests);
  const named = most.slice(0, NAMED).map(({ key = '-', requests }, at) => {
    const name = key === '-' ? tell('clients without a key') : key;
    return `${name} ${at === 0 ? plural(requests, 'request') : grouped(requests)}`;
  });
  if (named.length === 0) return '';
  const more = most.length > NAMED ? ` ${tell('and {n} more', { n: most.length - NAMED })}` : '';
  return tell('{names} today', { names: `${named.join(', ')}${more}` });
}
