import * as v from 'valibot';
import { accountOf, UnreadableAccount } from '../../accounts/account.js';
import { restore } from '../../accounts/patches.js';
import type { Trash } from '../../accounts/trash.js';
import type { Disk } from '../../disk/disk.js';
import { systemCode } from '../../ground/errors.js';
import { parseExactly, printExactly } from '../../ground/exact-json.js';
import { fingerprint } from '../../ground/fingerprint.js';
import { NotJson, type JsonObject } from '../../ground/json.js';
import type { Sealing } from '../sealing.js';
import type { CredentialSpool, WaitingCredential } from './credential-spool.js';
import { SealedFolder } from './sealed-folder.js';
import type { StoredRow } from './stored-row.js';
import type { StoredRows } from './stored-rows.js';

const SpooledSchema = v.object({ id: v.string(), text: v.string(), replaces: v.nullable(v.string()) });

const NAME = /^account-[0-9a-f]{64}$/;
const nameOf = (id: string): string => `account-${fingerprint(id)}`;

/** What a credential is delivered to. */
export interface CredentialReceiver {
  readonly rows: Pick<StoredRows, 'read' | 'change' | 'stand'>;
  /** What stands for a refresh token now: itself, or what is known to have taken its place. */
  readonly lastOf: (refreshToken: string) => Promise<string>;
  /** Gets a credential that is not needed: the operator can bring it back. */
  readonly trash: Pick<Trash, 'keepReplaced'>;
}

/**
 * Credentials of the operator's that the database could not take, in `state/spool/`: each sealed in a file by its
 * account, from before it is told to be saved nowhere until the database has it.
 */
export class SpooledCredentials implements CredentialSpool {
  /** Account → fingerprint of its refresh token. */
  private readonly tokens = new Map<string, string>();

  private constructor(private readonly files: SealedFolder) {}

  static async open(folder: string, sealing: Sealing, disk: Disk): Promise<SpooledCredentials> {
    const spooled = new SpooledCredentials(await SealedFolder.open(folder, NAME, sealing, disk));
    for (const { id, json } of spooled.list()) spooled.tokens.set(id, fingerprint(accountOf(json, id).refreshToken));
    return spooled;
  }

  get size(): number {
    return this.files.size;
  }

  holds(tokenFp: string): boolean {
    return this.tokens.size > 0 && [...this.tokens.values()].includes(tokenFp);
  }

  async keep({ id, json, replaces }: WaitingCredential): Promise<void> {
    const tokenFp = fingerprint(accountOf(json, id).refreshToken);
    try {
      await this.files.put(nameOf(id), { id, text: printExactly(json), replaces });
      this.tokens.set(id, tokenFp);
    } catch (error) {
      // then it is in memory alone, which its row says
      if (systemCode(error) === '') throw error;
    }
  }

  async drop(id: string): Promise<void> {
    if (this.tokens.delete(id)) await this.files.remove(nameOf(id));
  }

  /** Those that can be read; what cannot stays where it is. */
  list(): readonly WaitingCredential[] {
    return this.files.list().flatMap(([name, content]) => {
      const read = v.safeParse(SpooledSchema, content);
      if (!read.success || nameOf(read.output.id) !== name) return [];
      const { id, text, replaces } = read.output;
      const json = accountIn(text, id);
      return json === null ? [] : [{ id, json, replaces }];
    });
  }

  /**
   * Tells the database what an earlier process of this box could not. An account that another box gave a newer
   * credential meanwhile keeps that.
   *
   * @throws {DatabaseAway | StatementFailed}
   */
  async deliver(waiting: WaitingCredential, to: CredentialReceiver): Promise<void> {
    if (await delivered(waiting, to)) await this.drop(waiting.id);
  }
}

/** @returns false: its row cannot be read, and is never written */
async function delivered({ id, json, replaces }: WaitingCredential, to: CredentialReceiver): Promise<boolean> {
  const { email, refreshToken } = accountOf(json, id);
  const row = rowFor(id, email, await to.rows.read(null));
  if (row === undefined || row.removed) {
    await to.rows.stand(id, json);
    return true;
  }
  if (row.content.kind === 'unreadable') return false;
  const { refreshToken: held, disabled } = row.content.account;
  if (held === (await to.lastOf(refreshToken))) return true;
  const isWanted = disabled !== null || fingerprint(held) === replaces;
  await (isWanted ? to.rows.change(row.id, [restore(held, json)]) : to.trash.keepReplaced(row.id, json));
  return true;
}

/** The row of an account; else the living one of the same person. */
function rowFor(id: string, email: string, rows: readonly StoredRow[]): StoredRow | undefined {
  const isTheirs = ({ removed, content }: StoredRow): boolean =>
    !removed && content.kind === 'account' && content.account.email.toLowerCase() === email.toLowerCase();
  const own = rows.find((row) => row.id === id);
  return own === undefined || own.removed ? (rows.find(isTheirs) ?? own) : own;
}

function accountIn(text: string, id: string): JsonObject | null {
  try {
    const json = parseExactly(text);
    accountOf(json, id);
    return json;
  } catch (error) {
    if (error instanceof UnreadableAccount || error instanceof NotJson) return null;
    throw error;
  }
}
