/** Certificate authorities beside those that Node knows, as the environment names them. */
import { readFileSync } from 'node:fs';
import tls, { type SecureContext, type SecureContextOptions } from 'node:tls';
import { reasonOf } from '../../store/ground/errors.js';

/** A file of authorities that the environment names. */
export interface AuthorityFile {
  readonly variable: 'NODE_EXTRA_CA_CERTS' | 'SSL_CERT_FILE';
  readonly file: string;
  /** In PEM; none where the file cannot be used. */
  readonly certificates: readonly string[];
  /** Why it cannot be used; null: it can. */
  readonly fault: string | null;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The files that are named, whether they can be used or not. */
export function authorityFiles(env: NodeJS.ProcessEnv): readonly AuthorityFile[] {
  return (['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'] as const).flatMap((variable) => {
    const file = env[variable] ?? '';
    return file === '' ? [] : [{ variable, file, ...read(file) }];
  });
}

function read(file: string): Pick<AuthorityFile, 'certificates' | 'fault'> {
  try {
    const certificates = readFileSync(file, 'latin1').match(CERTIFICATE) ?? [];
    return { certificates, fault: certificates.length === 0 ? 'there is no certificate in it' : null };
  } catch (error) {
    return { certificates: [], fault: reasonOf(error) };
  }
}

/** What a TLS connection is made with, which Node's types leave open. */
interface OwnContext {
  addCACert(certificate: string): void;
}

let isDone = false;

/**
 * Lets every TLS connection of this process trust the authorities of `SSL_CERT_FILE` too, as curl, Go and Python do;
 * Node reads `NODE_EXTRA_CA_CERTS` by itself. A file that cannot be used changes nothing: `regrant doctor` names it.
 * Done once; it is to come before the first connection.
 */
export function trustOwnAuthorities(env: NodeJS.ProcessEnv): void {
  if (isDone || (env.SSL_CERT_FILE ?? '') === '') return;
  isDone = true;
  const certificates = authorityFiles(env)
    .filter(({ variable }) => variable === 'SSL_CERT_FILE')
    .flatMap((file) => file.certificates);
  if (certificates.length === 0) return;
  const create = tls.createSecureContext.bind(tls);
  /** One for all connections: each of its own would read all authorities anew. */
  let shared: SecureContext | null = null;
  const withThese = (): SecureContext => {
    const made = create();
    const context = made.context as OwnContext;
    for (const certificate of certificates) context.addCACert(certificate);
    return made;
  };
  const isOwn = ({ ca, cert, key, pfx }: SecureContextOptions): boolean => (ca ?? cert ?? key ?? pfx) !== undefined;
  tls.createSecureContext = (options = {}) => (isOwn(options) ? create(options) : (shared ??= withThese()));
}
