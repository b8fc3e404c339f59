import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Certificates of one authority for `localhost` and 127.0.0.1, as files in PEM. */
export interface Certificates {
  readonly authority: string;
  readonly key: string;
  /** Valid now. */
  readonly good: string;
  readonly expired: string;
  readonly early: string;
}

export const canMakeCertificates = spawnSync('openssl', ['version']).status === 0;

const CONFIGURATION = `
[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[names]
subjectAltName = DNS:localhost,IP:127.0.0.1
[req]
distinguished_name = subject
[subject]
`;
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority and its certificates in an empty folder; `openssl` does the work. */
export function makeCertificates(folder: string): Certificates {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at('openssl.cnf'), CONFIGURATION);
  writeFileSync(at('index'), '');
  writeFileSync(at('serial'), '01');
  openssl(
    'req',
    '-x509',
    ...EC,
    '-keyout',
    'authority.key',
    '-out',
    'authority.pem',
    '-subj',
    '/CN=own',
    '-days',
    '30',
  );
  openssl('req', '-new', ...EC, '-keyout', 'key.pem', '-out', 'asked.pem', '-subj', '/CN=localhost');
  const sign = (name: string, from: number, to: number): string => {
    const dates = ['-startdate', `${from}0101000000Z`, '-enddate', `${to}0101000000Z`];
    const by = ['-batch', '-config', 'openssl.cnf', '-cert', 'authority.pem', '-keyfile', 'authority.key'];
    openssl('ca', ...by, '-in', 'asked.pem', '-out', `${name}.pem`, ...dates, '-extensions', 'names', '-notext');
    return readFileSync(at(`${name}.pem`), 'utf8');
  };
  return {
    authority: at('authority.pem'),
    key: readFileSync(at('key.pem'), 'utf8'),
    good: sign('good', 2020, 2099),
    expired: sign('expired', 2020, 2021),
    early: sign('early', 2090, 2099),
  };
}
