import type { JsonObject } from '../ground/json.js';

/** Something in the trash: an account that was removed, or what an account said before a re-add. */
export interface Trashed {
  readonly kind: 'removed' | 'replaced';
  /** The account's id. */
  readonly id: string;
  /** Where it lies; its last part, by which people name it, is its own. */
  readonly file: string;
  /** ms since 1970. */
  readonly at: number;
}

/** The same, for who only looks. */
export interface TrashedSeen extends Trashed {
  /** The last part of where it lies. */
  readonly name: string;
  /** null: not known. */
  readonly email: string | null;
}

/**
 * What may be wanted back: accounts that were removed, and the credentials that re-adds replaced, each until its
 * successor has served a request; for thirty days.
 */
export interface Trash {
  /** Where an account that is removed now will lie. */
  placeForRemoved(id: string): string;

  /** Keeps what an account said before a re-add. @throws why it cannot */
  keepReplaced(id: string, json: JsonObject): Promise<Trashed>;

  /** Whether some account's new credential has not served yet. Asked with every request. */
  readonly isAwaiting: boolean;

  /** Accounts whose new credential has not served yet. */
  readonly awaited: readonly string[];

  /** When this account's credential was last replaced, ms since 1970; null: never, or the new one has served. */
  replacedAt(id: string): number | null;

  /** What lies there; null where it cannot be read. */
  read(trashed: Trashed): Promise<JsonObject | null>;

  /** The account's new credential has served a request: the one that it replaced is deleted. */
  proven(id: string): Promise<void>;

  /** Takes something out that is in use again. */
  discard(trashed: Trashed): Promise<void>;

  /** Everything, the oldest first. @throws why it cannot be listed */
  list(): Promise<readonly Trashed[]>;

  /**
   * Deletes what is too old, again and again until `stop`.
   *
   * @param serverTime - ms since 1970 by a server's clock; null: not known
   */
  keepClear(serverTime: () => number | null): void;

  stop(): void;
}
