import * as v from 'valibot';
import { accountOf, UnreadableAccount, type Account } from '../../accounts/account.js';
import { parseExactly, printExactly } from '../../ground/exact-json.js';
import { fingerprint } from '../../ground/fingerprint.js';
import { isJsonObject, NotJson, type JsonObject } from '../../ground/json.js';
import type { Sealing } from '../sealing.js';

/** What a row says. */
export type RowContent =
  | { readonly kind: 'account'; readonly json: JsonObject; readonly account: Account }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** One account as the database has it. */
export interface StoredRow {
  readonly id: string;
  /** Counts the writes of the row. */
  readonly version: number;
  /** It lies in the trash. */
  readonly removed: boolean;
  readonly content: RowContent;
}

/** The columns that a reading asks for. */
export const ROW_COLUMNS = 'id, doc, secret, grant_fp, version, removed_at is not null as removed';

export const RawRowSchema = v.object({
  id: v.string(),
  doc: v.unknown(),
  secret: v.nullable(v.instance(Buffer)),
  grant_fp: v.nullable(v.string()),
  version: v.number(),
  removed: v.boolean(),
});

type RawRow = v.InferOutput<typeof RawRowSchema>;

/** Keys of an account that are nobody's to see; what another program keeps below them is sealed as well. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['token', 'device_profile', 'device_history']);

const placeOf = (id: string) => ({ table: 'account', row: id, column: 'secret' }) as const;

/** What the database is told of an account. */
export interface WrittenColumns {
  readonly email: string;
  readonly doc: string;
  readonly secret: Buffer;
  readonly grantFp: string;
}

/** @throws {UnreadableAccount} it could not be read back */
export function columnsOf(id: string, json: JsonObject, sealing: Pick<Sealing, 'seal'>): WrittenColumns {
  const { email, refreshToken } = accountOf(json, id);
  const part = (isSecret: boolean): string =>
    printExactly(Object.fromEntries(Object.entries(json).filter(([key]) => SECRET_KEYS.has(key) === isSecret)));
  return {
    email,
    doc: part(false),
    secret: sealing.seal(placeOf(id), part(true)),
    grantFp: fingerprint(refreshToken),
  };
}

export const rowOf = (raw: RawRow, sealing: Pick<Sealing, 'open'>): StoredRow => ({
  id: raw.id,
  version: raw.version,
  removed: raw.removed,
  content: contentOf(raw, sealing),
});

function contentOf({ id, doc, secret, grant_fp: grantFp }: RawRow, sealing: Pick<Sealing, 'open'>): RowContent {
  if (!isJsonObject(doc)) return unreadable('its document is not an object in braces');
  const text = secret === null ? null : sealing.open(placeOf(id), secret);
  if (text === null) return unreadable('its secret does not open with database.key');
  try {
    const json = { ...doc, ...parseExactly(text) };
    const account = accountOf(json, id);
    if (fingerprint(account.refreshToken) !== grantFp) return unreadable('its grant_fp is of another token');
    return { kind: 'account', json, account };
  } catch (error) {
    if (error instanceof UnreadableAccount || error instanceof NotJson) return unreadable(error.message);
    throw error;
  }
}

const unreadable = (reason: string): RowContent => ({ kind: 'unreadable', reason });
