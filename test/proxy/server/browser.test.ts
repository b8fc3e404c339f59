/** Pages in a real browser: what a listed one may do, and that no other reaches an account, by fetch or by stream. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, GENERATE, listening, reply, withProxy } from '../../support/proxy.js';

const chromium = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((file) => existsSync(file));

/** What a page did, and what came of it. */
interface Tried {
  readonly who: string;
  readonly fetched: string;
  readonly streamed: string;
  readonly sneaked: string;
}

/** Runs in a frame: asks with a key, reads a stream, and sends what needs no preflight; tells the page around it. */
const probe = `<script>
const { to, who, path } = Object.fromEntries(new URLSearchParams(location.search));
const base = to || location.origin;
const headers = { 'content-type': 'application/json', 'x-goog-api-key': '${API_KEY}' };
const tried = (act) => act().catch((error) => error.name);
const post = (call, more) => fetch(base + path.replace('generateContent', call), { method: 'POST', body: '{}', ...more });
(async () => parent.postMessage({
  who,
  fetched: await tried(async () => { const got = await post('generateContent', { headers }); return got.status + ' ' + await got.text(); }),
  streamed: await tried(async () => {
    const got = await post('streamGenerateContent', { headers });
    let text = '';
    for (const reader = got.body.getReader(), decoder = new TextDecoder(); ;) {
      const { done, value } = await reader.read();
      if (done) return got.status + ' ' + text;
      text += decoder.decode(value, { stream: true });
    }
  }),
  sneaked: await tried(async () => (await post('countTokens', { mode: 'no-cors', body: 'plain' })).type),
}, '*'))();
</script>`;

const around = (frames: readonly string[]): string => `${frames.join('')}<script>
const all = [];
onmessage = ({ data }) => {
  all.push(data);
  if (all.length === ${frames.length}) fetch('/told', { method: 'POST', body: JSON.stringify(all) });
};
</script>`;

/** Has a browser show a page until `told` resolves. @param meant - names with ports, each with what it means */
async function showing<T>(url: string, meant: readonly string[], told: Promise<T>): Promise<T> {
  const profile = mkdtempSync(path.join(tmpdir(), 'regrant-browser-'));
  const words = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
  const more = [
    `--user-data-dir=${profile}`,
    `--host-resolver-rules=${meant.map((one) => `MAP ${one}`).join(', ')}`,
    url,
  ];
  const browser = spawn(chromium ?? '', [...words, ...more], { stdio: 'ignore' });
  const ended = once(browser, 'exit');
  try {
    return await Promise.race([
      told,
      ended.then(() => {
        throw new Error('the browser ended by itself');
      }),
    ]);
  } finally {
    browser.kill('SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A server whose name comes to mean the proxy once its page was read: it answers the page, and hands on all else. */
function rebinding(port: () => number, relayed: Set<net.Socket>): net.Server {
  return net.createServer((socket) => {
    relayed.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (first: Buffer) => {
      if (first.toString('latin1').startsWith('GET /probe')) {
        socket.end(
          `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: ${probe.length}\r\n\r\n${probe}`,
        );
        return;
      }
      const proxy = net.connect(port(), '127.0.0.1').on('error', () => socket.destroy());
      proxy.write(first);
      socket.pipe(proxy).pipe(socket);
    });
  });
}

const NAME =
  'a listed page fetches and reads streams; an unlisted one, one without an origin and a rebound name reach no account';
/** Skipped, and counted so, where there is none. */
const inBrowser = (name: string, act: () => Promise<void>): void =>
  chromium === undefined ? test.skip(name, act) : test(name, act);
inBrowser(NAME, async () => {
  let frames: readonly string[] = [];
  let tell = (_all: readonly Tried[]): void => undefined;
  const told = new Promise<readonly Tried[]>((resolve) => (tell = resolve));
  const pages = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(request.url === '/all' ? around(frames) : probe);
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => request.url === '/told' && tell(JSON.parse(text) as Tried[]));
  });
  const pagePort = await listening(pages);
  let proxyPort = 0;
  const relayed = new Set<net.Socket>();
  const relay = rebinding(() => proxyPort, relayed);
  const relayPort = await listening(relay);
  const listed = `http://127.0.0.1:${pagePort}`;
  const stop = (): void => {
    for (const socket of relayed) socket.destroy();
    relay.close();
    pages.closeAllConnections();
    pages.close();
  };
  await withProxy(
    { proxy: { authMode: 'off', corsOrigins: [listed] } },
    ({ url }, response) => {
      if (!url.includes('stream')) reply(response, 200, { ok: true });
      else {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"n":1}\n\n', () => setTimeout(() => response.end('data: {"n":2}\n\n'), 50));
      }
    },
    async (proxied) => {
      proxyPort = proxied.port;
      const frame = (who: string, origin: string, to: string, sandbox = ''): string =>
        `<iframe ${sandbox} src="${origin}/probe?${new URLSearchParams({ who, to, path: GENERATE }).toString()}"></iframe>`;
      const rebound = `rebound.example:${proxied.port}`;
      const unlisted = `other.example:${pagePort}`;
      frames = [
        frame('listed', listed, proxied.url),
        frame('unlisted', `http://${unlisted}`, proxied.url),
        frame('null', listed, proxied.url, 'sandbox="allow-scripts"'),
        frame('rebound', `http://${rebound}`, ''),
      ];
      const all = await showing(
        `${listed}/all`,
        [`${rebound} 127.0.0.1:${relayPort}`, `${unlisted} 127.0.0.1:${pagePort}`],
        told,
      );
      const by = (who: string): Tried | undefined => all.find((tried) => tried.who === who);
      assert.equal(by('listed')?.fetched, '200 {"ok":true}');
      assert.equal(by('listed')?.streamed, '200 data: {"n":1}\n\ndata: {"n":2}\n\n');
      for (const who of ['unlisted', 'null']) {
        assert.equal(
          [by(who)?.fetched, by(who)?.streamed, by(who)?.sneaked],
          ['TypeError', 'TypeError', 'opaque'],
          who,
        );
      }
      assert.match(by('rebound')?.fetched ?? '', /^403 .*rebound\.example|^403 .*Host/s);
      assert.match(by('rebound')?.streamed ?? '', /^403 /);
      const calls = proxied.upstream.calls.map(
        ({ url, headers }) => `${url.replace(/.*:/, '')} ${headers.origin ?? ''}`,
      );
      assert.equal(
        calls.sort(),
        ['countTokens', 'generateContent', 'streamGenerateContent'].map((call) => `${call} ${listed}`),
      );
    },
  ).finally(stop);
});

test.run();
