// Proxies to compare with, each doing the least that a proxy for Gemini does: the API key checked and taken out, a bearer
// put in. `node bench/rival.mjs naive|http-proxy|bare UPSTREAM_PORT`; prints its port. `naive` is what one writes with
// node:http alone (agent with keep-alive, pipes both ways), `bare` what undici's dispatch with raw headers can do at best.
import http from 'node:http';
import httpProxy from 'http-proxy';
import { Pool } from 'undici';

const [kind, upstreamPort] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });

function naive(request, response) {
  const { 'x-goog-api-key': key, ...headers } = request.headers;
  delete headers.host;
  delete headers.connection;
  if (key !== 'sk-bench') return response.writeHead(401).end();
  const out = http.request(
    {
      ...{ agent, host: '127.0.0.1', port: upstreamPort, method: request.method, path: request.url },
      headers: { ...headers, authorization: 'Bearer ya29.bench' },
    },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  out.on('error', () => response.destroy());
  response.on('close', () => out.destroy());
  request.pipe(out);
}

function library() {
  const proxy = httpProxy.createProxyServer({ agent, target: `http://127.0.0.1:${upstreamPort}` });
  proxy.on('error', (_error, _request, response) => response.destroy());
  return (request, response) => {
    if (request.headers['x-goog-api-key'] !== 'sk-bench') return response.writeHead(401).end();
    delete request.headers['x-goog-api-key'];
    request.headers.authorization = 'Bearer ya29.bench';
    proxy.web(request, response);
  };
}

function bare() {
  const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, { pipelining: 1 });
  const taken = new Set(['x-goog-api-key', 'host', 'connection', 'content-length']);
  return (request, response) => {
    const { rawHeaders } = request;
    const headers = [];
    for (let at = 0; at < rawHeaders.length; at += 2) {
      if (!taken.has(rawHeaders[at].toLowerCase())) headers.push(rawHeaders[at], rawHeaders[at + 1]);
    }
    if (request.headers['x-goog-api-key'] !== 'sk-bench') return response.writeHead(401).end();
    headers.push('Authorization', 'Bearer ya29.bench');
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      pool.dispatch({ method: request.method, path: request.url, headers, body }, answerTo(response));
    });
  };
}

function answerTo(response) {
  response.sendDate = false;
  let abort = null;
  let left = -1;
  response.on('close', () => response.writableFinished || abort?.());
  return {
    onConnect: (given) => (abort = given),
    onError: () => response.destroy(),
    onHeaders(status, raw, resume) {
      const headers = [];
      for (let at = 0; at < raw.length; at += 2) {
        const [name, value] = [raw[at].toString('latin1'), raw[at + 1].toString('latin1')];
        const lower = name.toLowerCase();
        if (lower === 'content-length') left = Number(value);
        if (lower !== 'connection' && lower !== 'keep-alive' && lower !== 'transfer-encoding')
          headers.push(name, value);
      }
      response.writeHead(status, headers);
      response.on('drain', resume);
      return true;
    },
    onData(chunk) {
      left -= chunk.length;
      if (left !== 0) return response.write(chunk);
      response.end(chunk);
      return true;
    },
    onComplete: () => response.writableEnded || response.end(),
  };
}

const kinds = { naive: () => naive, 'http-proxy': library, bare };
const server = http.createServer(kinds[kind]());
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
