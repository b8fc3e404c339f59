import { reason, saying } from '../words/saying.js';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { isLoopback } from '../settings/schema.js';
import { SettingsError } from '../settings/settings-error.js';

/** One server of `database.url`. */
export interface DatabaseHost {
  /** A host name, an address, or the folder of a socket, which begins with a slash. */
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  /** undefined: PGPASSWORD or ~/.pgpass. */
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** false: not encrypted. */
  readonly ssl: ConnectionOptions | false;
  /** How people are told of it, without user and password. */
  readonly name: string;
}

const MODES = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'] as const;

/**
 * The servers of `database.url` in their order. What leaves this machine is encrypted, and the server's certificate and
 * name are verified, unless `sslmode` says otherwise.
 *
 * @throws {SettingsError} an `sslmode` that is not known, or a certificate that cannot be read
 */
export const databaseHosts = (urls: string): readonly DatabaseHost[] =>
  urls.split(',').map((url) => hostOf(url.trim()));

function hostOf(text: string): DatabaseHost {
  const url = new URL(text);
  const host = url.searchParams.get('host') ?? plain(url.hostname.replace(/^\[|\]$/g, ''));
  const place = host === '' ? 'localhost' : host;
  const port = Number(url.searchParams.get('port') ?? (url.port === '' ? 5432 : url.port));
  return {
    ...{ host: place, port },
    user: plain(url.username) || undefined,
    password: plain(url.password) || undefined,
    database: plain(url.pathname.slice(1)) || undefined,
    ssl: encryption(place, url.searchParams),
    name: place.includes(':') ? `[${place}]:${port}` : `${place}:${port}`,
  };
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SettingsError(saying('database.url has a % that begins no character: write it as %25'));
  }
}

/** https://www.postgresql.org/docs/current/libpq-ssl.html; `no-verify` is node-postgres's own. */
function encryption(host: string, asked: URLSearchParams): ConnectionOptions | false {
  const isHere = host.startsWith('/') || isLoopback(host);
  const mode = asked.get('sslmode') ?? (isHere ? 'disable' : 'verify-full');
  if (!(MODES as readonly string[]).includes(mode))
    throw new SettingsError(
      saying('sslmode={mode} in database.url is not known; allowed: {allowed}', { mode, allowed: MODES.join(', ') }),
    );
  if (mode === 'disable') return false;
  const certificates = {
    ca: contentOf(asked, 'sslrootcert'),
    cert: contentOf(asked, 'sslcert'),
    key: contentOf(asked, 'sslkey'),
  };
  const isVerified = mode.startsWith('verify') || (mode === 'require' && certificates.ca !== undefined);
  const anyName = mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined };
  return { ...certificates, ...anyName, rejectUnauthorized: isVerified };
}

function contentOf(asked: URLSearchParams, name: string): string | undefined {
  const file = asked.get(name);
  if (file === null || file === 'system') return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SettingsError(
      saying('{name} in database.url names {file}, which cannot be read: {why}', { name, file, why: reason(error) }),
    );
  }
}
