import * as v from 'valibot';
import type { TokenReply } from '../../accounts/landing.js';
import { enable, rotate, type Patch } from '../../accounts/patches.js';
import { BoundedMap } from '../../ground/bounded-map.js';
import { fingerprint } from '../../ground/fingerprint.js';
import { isJsonObject, jsonOf } from '../../ground/json.js';
import { saying } from '../../words/saying.js';
import { StatementFailed } from '../database-errors.js';
import type { Sealing } from '../sealing.js';
import type { Statements } from '../statements.js';

/** An answer that brought another refresh token. */
export type Replacement = TokenReply & { readonly rotated: string };

export const ReplacementSchema = v.object({
  sent: v.string(),
  rotated: v.string(),
  answer: v.object({
    accessToken: v.string(),
    expiresIn: v.number(),
    expiresAt: v.number(),
    tokenType: v.string(),
    idToken: v.nullable(v.string()),
  }),
  issuer: v.nullable(v.string()),
});

const FingerprintRow = v.object({ fp: v.string() });
const SecretRow = v.object({ token_fp: v.string(), secret: v.instance(Buffer) });

/** A token was replaced, and nobody here can read by what: it is not sent. */
export class SuccessorUnreadable extends StatementFailed {
  constructor() {
    super(
      '',
      saying(
        'what took the place of its refresh token does not open with database.key: give the key that sealed it in database.oldKeys, or re-add the account',
      ),
    );
  }
}

/** So many are remembered; the database keeps them for thirty days. */
const MOST_KNOWN = 10_000;
/** A statement has a second. */
const A_PAGE = 2_000;
/** A chain of so many replacements is no chain of real ones. */
const MOST_LINKS = 1_000;

const placeOf = (tokenFp: string) => ({ table: 'successor', row: tokenFp, column: 'secret' }) as const;

/**
 * What took the place of which refresh token, as this box was told. It is remembered beside the table: a database that
 * lost its last second may have forgotten it, and a replaced token that is sent may cost the whole grant.
 */
export class Successors {
  /** By the fingerprint of the token that was replaced. */
  private readonly known = new BoundedMap<string, Replacement>(MOST_KNOWN);

  constructor(
    private readonly sealing: Sealing,
    private readonly box: string,
  ) {}

  /** This box was told. */
  learn(rotation: Replacement): void {
    this.known.set(fingerprint(rotation.sent), rotation);
  }

  /** The last token that is known to stand for this one, with its answer; null: the token was not replaced. */
  lastKnown(token: string): Replacement | null {
    let last: Replacement | null = null;
    for (let links = 0; links < MOST_LINKS; links++) {
      const next = this.known.get(fingerprint(last?.rotated ?? token));
      if (next === undefined) return last;
      last = next;
    }
    return last;
  }

  /** The same, also by what other boxes were told. @throws {SuccessorUnreadable} */
  async last(token: string, statements: Statements): Promise<Replacement | null> {
    for (let links = 0; links < MOST_LINKS; links++) {
      const last = this.lastKnown(token);
      const end = fingerprint(last?.rotated ?? token);
      const [row] = await statements.rows(SecretRow, 'select token_fp, secret from {successor} where token_fp = $1', [
        end,
      ]);
      if (row === undefined) return last;
      this.learn(this.opened(row));
    }
    return this.lastKnown(token);
  }

  /** Saves it for all boxes. */
  async save(rotation: Replacement, statements: Statements): Promise<void> {
    const tokenFp = fingerprint(rotation.sent);
    const secret = this.sealing.seal(placeOf(tokenFp), JSON.stringify(rotation));
    await statements.run(
      'insert into {successor} (token_fp, secret, box) values ($1, $2, $3) on conflict (token_fp) do nothing',
      [tokenFp, secret, this.box],
    );
  }

  /** Saves what a database that lost its last writes does not know any more. @returns how many */
  async saveMissing(statements: Statements): Promise<number> {
    const all = [...this.known.keys()];
    let saved = 0;
    for (let at = 0; at < all.length; at += A_PAGE) {
      const missing = await statements.rows(
        FingerprintRow,
        'select fp from unnest($1::text[]) as fp where not exists (select from {successor} where token_fp = fp)',
        [all.slice(at, at + A_PAGE)],
      );
      for (const { fp } of missing) {
        const rotation = this.known.get(fp);
        if (rotation !== undefined) await this.save(rotation, statements);
      }
      saved += missing.length;
    }
    return saved;
  }

  private opened({ token_fp: tokenFp, secret }: v.InferOutput<typeof SecretRow>): Replacement {
    const text = this.sealing.open(placeOf(tokenFp), secret);
    const read = v.safeParse(ReplacementSchema, text === null ? null : jsonOf(text));
    if (!read.success || fingerprint(read.output.sent) !== tokenFp) throw new SuccessorUnreadable();
    return read.output;
  }
}

/**
 * Puts the token at the end of a chain in the place of any token of that chain. A verdict about the one that was replaced
 * does not count for the account any more.
 */
export const succeed = (held: string, { rotated, answer }: Replacement): Patch => ({
  name: 'rotate',
  apply(json) {
    if (!isJsonObject(json.token) || json.token.refresh_token !== held) return;
    rotate(held, rotated, answer).apply(json);
    enable(rotated).apply(json);
  },
});
