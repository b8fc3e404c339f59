/** A server whose certificate Node does not know, or whose dates are not those of the clock. */
import { mkdirSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { authorityFiles } from '../../../src/proxy/transport/own-authorities.js';
import { withApp } from '../../support/app.js';
import { canMakeCertificates, makeCertificates } from '../../support/certificates.js';
import { withDirectory } from '../../support/directory.js';
import { testClient } from '../../support/google.js';

const SERVERS = ['good', 'expired', 'early'] as const;

interface Finding {
  readonly mark: string;
  readonly what: string;
  readonly text: string;
}

const withCertificates = (name: string, body: () => Promise<void>): void =>
  canMakeCertificates ? test(name, body) : test.skip(`${name} (openssl is not installed)`, body);

withCertificates(
  'an authority of SSL_CERT_FILE or NODE_EXTRA_CA_CERTS is trusted; without, and where the clock is off, doctor says what helps',
  () =>
    withApp({}, async (app) => {
      const folder = app.dir.at('certificates');
      mkdirSync(folder);
      const { authority, key, ...certificates } = makeCertificates(folder);
      const servers = SERVERS.map((name) =>
        https.createServer({ key, cert: certificates[name] }, (_request, response) => response.writeHead(404).end()),
      );
      try {
        await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))));
        const [good = '', expired = '', early = ''] = servers.map(
          (server) => `https://localhost:${(server.address() as AddressInfo).port}`,
        );
        await app.dir.settings({
          oauth: { clients: { default: testClient }, tokenUrl: `${good}/token`, userInfoUrl: `${expired}/userinfo` },
          upstream: { baseUrls: [early] },
        });
        const findings = async (env: NodeJS.ProcessEnv): Promise<(what: string) => Finding> => {
          const { stdout } = await app.run(['doctor', '--json'], { env });
          const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
          return (what) => findings.find((one) => one.what === what) ?? { mark: '', what, text: '' };
        };
        const [bare, byNode, byOpenSsl] = await Promise.all([
          findings({}),
          findings({ NODE_EXTRA_CA_CERTS: authority }),
          findings({ SSL_CERT_FILE: authority }),
        ]);
        assert.is(bare(good).mark, 'bad');
        assert.match(bare(good).text, /name its certificate in NODE_EXTRA_CA_CERTS/);
        for (const [found, variable] of [
          [byNode, 'NODE_EXTRA_CA_CERTS'],
          [byOpenSsl, 'SSL_CERT_FILE'],
        ] as const) {
          assert.equal([found(good).mark, found(good).text.split(',')[0]], ['ok', 'answers 404'], variable);
          assert.equal([found(variable).mark, found(variable).text], ['ok', `${authority}, 1 certificate`]);
          assert.match(found(expired).text, /has expired, or this machine's clock is ahead; set this machine's clock/);
          assert.match(found(early).text, /not valid yet: this machine's clock is behind; set this machine's clock/);
        }
      } finally {
        for (const server of servers) server.close();
      }
    }),
);

test('a file of authorities that cannot be used is named with why, and the others are still used', () =>
  withDirectory((dir) => {
    const empty = dir.at('empty.pem');
    writeFileSync(empty, '');
    const missing = dir.at('missing.pem');
    assert.equal(
      authorityFiles({ SSL_CERT_FILE: empty, NODE_EXTRA_CA_CERTS: missing }).map(({ variable, fault }) => [
        variable,
        fault,
      ]),
      [
        ['NODE_EXTRA_CA_CERTS', 'no such file or directory (ENOENT)'],
        ['SSL_CERT_FILE', 'there is no certificate in it'],
      ],
    );
    assert.equal(authorityFiles({ SSL_CERT_FILE: '' }), []);
  }));

test.run();
