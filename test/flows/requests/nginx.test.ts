/** nginx with a path prefix in front, where it is installed: an upload of 20 MB, a stream, and a Live session through it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, reply, withProxy, type Proxied } from '../../support/proxy.js';

const NGINX = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0);
const SIZE = 20_000_000;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

const configuration = (port: number, proxied: Proxied, folder: string): string => `
daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
events {}
http {
  access_log off; client_max_body_size 100m; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port};
    location /gemini/ {
      proxy_pass http://${proxied.host}:${proxied.port}/;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Prefix /gemini/;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;

async function withNginx(proxied: Proxied, use: (url: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'regrant-nginx-'));
  const port = await freePort();
  writeFileSync(join(folder, 'conf'), configuration(port, proxied, folder));
  const nginx = spawn(NGINX ?? '', ['-c', join(folder, 'conf'), '-p', folder], { stdio: 'ignore' });
  const ended = new Promise((resolve) => nginx.once('close', resolve));
  try {
    for (let tries = 0; tries < 100; tries++) {
      if (await fetch(`http://127.0.0.1:${port}/`).catch(() => null)) break;
      await new Promise((then) => setTimeout(then, 50));
    }
    await use(`http://127.0.0.1:${port}/gemini`);
  } finally {
    nginx.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

if (NGINX === undefined) {
  test.skip('nginx is not installed here: nothing is tried through it', () => undefined);
} else {
  test('a resumable upload of 20 MB and a stream come through nginx with a prefix', async () => {
    let stored = 0;
    await withProxy(
      { proxy: { trustedProxies: ['127.0.0.1'] } },
      (call, response) => {
        if (call.url.startsWith('/upload/v1beta/files') && !call.url.includes('upload_id')) {
          const here = `http://${call.headers.host ?? ''}/upload/v1beta/files?upload_id=u1`;
          reply(response, 200, {}, { 'x-goog-upload-url': here, 'x-goog-upload-status': 'active' });
        } else if (call.url.includes('upload_id')) {
          stored = call.body.length;
          reply(response, 200, { file: { name: 'files/f1' } }, { 'x-goog-upload-status': 'final' });
        } else {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('data: {"n":1}\n\n');
          setTimeout(() => response.end('data: {"n":2}\n\n'), 400);
        }
      },
      (proxied) =>
        withNginx(proxied, async (url) => {
          const begun = await fetch(`${url}/upload/v1beta/files`, {
            method: 'POST',
            headers: {
              'x-goog-api-key': API_KEY,
              'x-goog-upload-protocol': 'resumable',
              'x-goog-upload-command': 'start',
            },
          });
          const address = begun.headers.get('x-goog-upload-url') ?? '';
          assert.ok(address.startsWith(`${url}/upload/v1beta/files?`), address);
          const done = await fetch(address, {
            method: 'POST',
            headers: { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' },
            body: new Uint8Array(SIZE),
          });
          assert.is(done.status, 200, await done.text());
          assert.is(stored, SIZE);
          const stream = await fetch(`${url}/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse`, {
            method: 'POST',
            headers: { 'x-goog-api-key': API_KEY, 'content-type': 'application/json' },
            body: '{}',
          });
          const began = performance.now();
          const reader = (stream.body as ReadableStream<Uint8Array> | null)?.getReader();
          const first = new TextDecoder().decode((await reader?.read())?.value);
          assert.match(first, /"n":1/);
          assert.not.match(first, /"n":2/, 'nginx gathers nothing');
          while ((await reader?.read())?.done === false);
          assert.ok(performance.now() - began > 200);
        }),
    );
  });
}

test.run();
