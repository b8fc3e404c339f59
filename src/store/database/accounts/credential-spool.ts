import type { JsonObject } from '../../ground/json.js';

/** An account with a credential that the database does not have. */
export interface WaitingCredential {
  readonly id: string;
  /** The whole account. */
  readonly json: JsonObject;
  /** Fingerprint of the refresh token that the database has of it; null: it does not have the account. */
  readonly replaces: string | null;
}

/** Where a refresh token is kept that the database does not have, beyond the end of this process. */
export interface CredentialSpool {
  /** @param tokenFp - fingerprint of a refresh token */
  holds(tokenFp: string): boolean;
  /** Keeps it if it can be kept: `holds` tells. */
  keep(waiting: WaitingCredential): Promise<void>;
  /** The database has it. */
  drop(id: string): Promise<void>;
}
