import { setProxyDisabled } from '../../store/accounts/patches.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import type { Logger } from '../../store/records/log.js';
import { fewNames } from '../recovery/words.js';
import type { OperationReply } from '../contract/operations.js';
import type { MassActed, MassActs } from '../recovery/mass-acts.js';
import type { Lifting } from './lifting.js';

export interface AccountActParts {
  readonly store: AccountStore;
  readonly lifting: Lifting;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly acts: MassActs;
}

/** What an operator does to accounts, one or thousands: takes them out of the proxy, ends what they wait for. */
export class AccountActs {
  constructor(private readonly parts: AccountActParts) {}

  /** Takes accounts out of the proxy, or puts them back. */
  async putOff(accountIds: readonly string[], disabled: boolean): Promise<OperationReply> {
    const { store, clock, logger, acts, lifting } = this.parts;
    const mark = disabled ? { at: unixSeconds(clock), reason: 'by hand' } : null;
    const known = accountIds.filter((id) => store.get(id) !== undefined);
    const acted = await acts.run(disabled ? 'off' : 'on', known, async (id) => {
      const stored = store.get(id);
      if (stored === undefined) return null;
      const { unreadable, file } = stored;
      if (unreadable !== null) return `${file} cannot be read (${unreadable}), so it is not changed`;
      try {
        await store.patch(id, setProxyDisabled(mark));
      } catch (error) {
        if (!(error instanceof NotSaved)) throw error;
        return error.message;
      }
      return disabled ? null : lifting.clear(id).saved;
    });
    const done = disabled ? 'taken out of the proxy; e puts it back' : 'back in the proxy';
    const text = actedText(acted, this.names(acted.done), done);
    if (acted.done.length > 0) logger.info(text);
    return { ok: acted.faults.length === 0, text };
  }

  /** Ends whatever accounts wait for. */
  async clear(accountIds: readonly string[]): Promise<OperationReply> {
    const { lifting, logger, acts } = this.parts;
    const cleared: string[] = [];
    const acted = await acts.run('clear', accountIds, (id) => {
      const { waited, saved } = lifting.clear(id);
      if (waited) cleared.push(id);
      return saved;
    });
    if (cleared.length === 0 && acted.left === 0) {
      const who = accountIds.length === 1 ? this.names(accountIds) : 'none of them';
      return { ok: true, text: `${who} waits for nothing that can be ended` };
    }

    const done = 'waits for nothing any more; the next answer decides';
    const text = actedText({ ...acted, done: cleared }, this.names(cleared), done);
    logger.info(text);
    return { ok: acted.faults.length === 0, text };
  }

  private names(ids: readonly string[]): string {
    const { store } = this.parts;
    return fewNames(ids.map((id) => store.get(id)?.account?.email ?? id));
  }
}

/** How an act ended, in a line: to whom it was done, how many it was not come to, and why some could not be. */
function actedText({ done, faults, left }: MassActed<unknown>, names: string, words: string): string {
  const parts = [
    done.length === 0 ? '' : `${names}: ${words}`,
    left === 0 ? '' : `stopped: ${left} not come to`,
    fewNames(faults),
  ];
  return parts.filter((part) => part !== '').join('; ');
}
