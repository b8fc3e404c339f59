import { english, read, saying } from '../words/saying.js';
import { RegrantError, type Saying } from '../ground/errors.js';

/** The database cannot be reached, or stopped answering: what was asked may have happened or not. */
export class DatabaseAway extends RegrantError {
  readonly code = 'DATABASE_AWAY';
}

/** The server answered that it cannot do what was asked: nothing of it has happened. */
export class StatementFailed extends RegrantError {
  readonly code = 'STATEMENT_FAILED';

  /** @param sqlState - https://www.postgresql.org/docs/current/errcodes-appendix.html */
  constructor(
    readonly sqlState: string,
    text: Saying,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

/** Why a server is of no use, and whether waiting may help. */
export interface HostRefusal {
  /** Names the server and what to do. */
  readonly text: string;
  /** Nothing changes by itself: a person has to mend something. */
  readonly isFinal: boolean;
}

const passing = (text: string): HostRefusal => ({ text, isFinal: false });
const final = (text: string): HostRefusal => ({ text, isFinal: true });

type Named = (name: string) => HostRefusal;

/** By the code of the server's or the system's error. */
const refusals: ReadonlyMap<string, Named> = new Map<string, Named>([
  ['28P01', (name) => final(english('{name} refuses the password of database.url; correct it there', { name }))],
  [
    '28000',
    (name) =>
      final(
        english('{name} lets this user in from here in no way; allow it in its pg_hba.conf, or correct database.url', {
          name,
        }),
      ),
  ],
  [
    '3D000',
    (name) => final(english('{name} has no database of that name; create it, or correct database.url', { name })),
  ],
  [
    '42501',
    (name) =>
      final(
        english(
          'the role of database.url may not do that at {name}; give it the rights that docs/several-machines.md names',
          { name },
        ),
      ),
  ],
  ['53300', (name) => passing(english('{host} has no connection left; raise its max_connections', { host: name }))],
  ['57P03', (name) => passing(english('{host} is starting up or shutting down', { host: name }))],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    (name) =>
      final(
        english(
          'the certificate of {name} is for another name; name it in database.url as its certificate does, or say sslmode=verify-ca',
          { name },
        ),
      ),
  ],
  ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'].map(
    (code) =>
      [
        code,
        (name: string) =>
          final(
            english(
              "the certificate of {name} is not valid now ({code}); renew it there, or set this machine's clock",
              { name, code },
            ),
          ),
      ] as const,
  ),
  ['ECONNREFUSED', (name) => passing(english('nothing listens at {host}', { host: name }))],
  ['ENOTFOUND', (name) => passing(english('the name of {host} is not known', { host: name }))],
  ['EAI_AGAIN', (name) => passing(english('the name of {host} cannot be looked up now', { host: name }))],
  ['ENOENT', (name) => passing(english('there is no socket of a server at {name}', { name }))],
  ['ECONNRESET', (name) => passing(english('{host} breaks the connection', { host: name }))],
]);

/** Texts that say more than their code. */
const closerByText: readonly (readonly [pattern: RegExp, named: Named])[] = [
  [
    /pg_hba.*(?:no encryption|SSL off)/,
    (name) =>
      final(
        english(
          '{name} wants an encrypted connection; say sslmode=verify-full in database.url, or allow it in its pg_hba.conf',
          { name },
        ),
      ),
  ],
];

/** Texts of node-postgres that have no code. */
const byText: readonly (readonly [pattern: RegExp, named: Named])[] = [
  [
    /does not support SSL/,
    (name) =>
      final(
        english(
          '{name} offers no TLS; switch it on there, or say sslmode=disable in database.url where the network is to be trusted',
          { name },
        ),
      ),
  ],
  [
    /client password must be a/,
    (name) => final(english('{name} asks for a password, and database.url has none', { name })),
  ],
  [/timeout|terminated/i, (name) => passing(english('{host} does not answer', { host: name }))],
];

const UNVERIFIED = /^(?:DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS)/;

/** What a failed connection to `name` means. */
export function refusalOf(name: string, error: unknown): HostRefusal {
  const { code, text } = codeAndText(error);
  const said = (texts: typeof byText): Named | undefined => texts.find(([pattern]) => pattern.test(text))?.[1];
  const known = said(closerByText) ?? refusals.get(code) ?? said(byText);
  if (known !== undefined) return known(name);
  if (UNVERIFIED.test(code))
    return final(
      english(
        'the certificate of {name} cannot be verified ({code}); name its authority by sslrootcert=/path in database.url',
        { name, code },
      ),
    );
  return passing(english('{name} cannot be used: {why}', { name, why: text === '' ? code : text }));
}

const disk = new Set(['53100', '58030']);

/** What the server says that it cannot do, in a line. */
export function statementFailed(name: string, error: unknown): StatementFailed {
  const { code, text } = codeAndText(error);
  const known = code === '42501' ? refusals.get(code)?.(name).text : undefined;
  const words = disk.has(code)
    ? saying('the disk of {name} is full or failing ({code}); make room there', { name, code })
    : saying('{name} says: {text} ({code})', { name, text, code });
  return new StatementFailed(code, known === undefined ? words : read(known), { cause: error });
}

export function codeAndText(error: unknown): { readonly code: string; readonly text: string } {
  // several addresses of one name failed, each with its own error
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  if (!(first instanceof Error)) return { code: '', text: String(first) };
  const code = 'code' in first && typeof first.code === 'string' ? first.code : '';
  return { code, text: first.message };
}

/** Whether this is the server's own answer to a statement, after which the connection goes on. */
export function isAnswer(error: unknown): boolean {
  const { code } = codeAndText(error);
  // the second is a server that became a replica, or is read-only: another one has to be found
  return /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57P|25006)/.test(code);
}

/** Not serializable, deadlock, a lock that was waited for too long. */
const collisions = new Set(['40001', '40P01', '55P03']);

/** Whether a transaction failed only because of another one at the same time. */
export const isCollision = (error: unknown): boolean =>
  error instanceof StatementFailed && collisions.has(error.sqlState);

/** Whether the database could not be reached, or could not do what it was asked. */
export const isDatabaseFault = (error: unknown): error is DatabaseAway | StatementFailed =>
  error instanceof DatabaseAway || error instanceof StatementFailed;

/** Goes on where the database was lost meanwhile, or cannot do something: it is asked again soon. @throws what else went wrong */
export async function unlessAway(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isDatabaseFault(error)) throw error;
  }
}
