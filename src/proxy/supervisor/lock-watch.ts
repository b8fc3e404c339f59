import type { Clock } from '../../store/ground/clock.js';
import { HandedOver } from '../../store/disk/lock-owner.js';
import type { Store } from '../../store/open.js';
import type { OperationName, Operations } from '../contract/operations.js';
import type { Exchanges } from '../grants/exchanges.js';
import { NotAsked } from '../oauth/errors.js';
import { english } from '../../store/words/saying.js';

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
      exchanges.hold(
        new NotAsked('unknown', 'lock_lost', english('another regrant refreshes the accounts of this directory')),
      );
      log.logger.error(
        `${lock.lost.message} and refreshes nothing; it serves on with what it holds: end one of the two`,
      );
    }
    changed();
  });
}

/** The operations that write, or send a refresh token. */
const writing: ReadonlySet<OperationName> = new Set([
  ...(['readd', 'resume', 'importToken', 'setUpClient', 'startLogin', 'pasteLogin', 'testNow', 'checkNow'] as const),
  ...(['setProxyDisabled', 'remove', 'undo', 'redo', 'restoreTrashed'] as const),
  ...(['addKey', 'setKey', 'rotateKey', 'revokeKey'] as const),
]);

/** Operations that write only while the directory is this process's, and how many of those are under way. */
export interface HeldOperations {
  readonly operations: Operations;
  readonly underWay: number;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
}

/**
 * The same operations, where each that writes fails while another process has the data directory, or is about to.
 *
 * @throws {LockLost | HandedOver} through the promise of an operation
 */
export function whileHeld(
  all: Operations,
  lock: Pick<Store['lock'], 'prove'>,
  isRestarting: () => boolean,
): HeldOperations {
  const underWay = new Set<Promise<unknown>>();
  const proven = [...writing].map((name) => {
    const act = all[name].bind(all) as (...given: readonly unknown[]) => Promise<unknown>;
    const held = async (...given: readonly unknown[]): Promise<unknown> => {
      if (isRestarting()) throw new HandedOver();
      await lock.prove();
      const acting = act(...given).finally(() => underWay.delete(acting));
      underWay.add(acting);
      return acting;
    };
    return [name, held] as const;
  });
  return {
    // a class's methods are on its prototype, where operations called by name have to be found
    operations: Object.assign(Object.create(all) as Operations, Object.fromEntries(proven)),
    get underWay() {
      return underWay.size;
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}
