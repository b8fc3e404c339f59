import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import type { OperationName, Operations } from '../contract/operations.js';
import type { Exchanges } from '../grants/exchanges.js';
import { NotAsked } from '../oauth/errors.js';

/**
 * Watches the lock of the data directory. While another process has it, this one sends no refresh token (a rotated one
 * could not be saved), and serves with the access tokens that it has and finds on disk; when the other process has
 * ended, the lock is taken again and everything goes on.
 */
export function followLock({ lock, log }: Store, clock: Clock, exchanges: Exchanges, changed: () => void): void {
  lock.follow(clock);
  lock.onChange(() => {
    if (lock.lost === null) {
      exchanges.resume();
      log.logger.warn("The data directory is this process's again: it writes and refreshes as before");
    } else {
      exchanges.hold(new NotAsked('unknown', 'lock_lost', 'another regrant refreshes the accounts of this directory'));
      log.logger.error(
        `${lock.lost.message} and refreshes nothing; it serves on with what it holds: end one of the two`,
      );
    }
    changed();
  });
}

/** The operations that write, or send a refresh token. */
const writing: ReadonlySet<OperationName> = new Set([
  ...(['readd', 'resume', 'importToken', 'setUpClient', 'startLogin', 'pasteLogin', 'testNow'] as const),
  ...(['setProxyDisabled', 'remove', 'undo', 'redo', 'restoreTrashed'] as const),
  ...(['addKey', 'setKey', 'rotateKey', 'revokeKey'] as const),
]);

/**
 * The same operations, where each that writes fails with {@link LockLost} while another process has the data directory.
 */
export function whileHeld(all: Operations, lock: Pick<Store['lock'], 'prove'>): Operations {
  const proven = [...writing].map((name) => {
    const act = all[name].bind(all) as (...given: readonly unknown[]) => Promise<unknown>;
    const held = async (...given: readonly unknown[]): Promise<unknown> => {
      await lock.prove();
      return act(...given);
    };
    return [name, held] as const;
  });
  // a class's methods are on its prototype, where operations called by name have to be found
  return Object.assign(Object.create(all) as Operations, Object.fromEntries(proven));
}
