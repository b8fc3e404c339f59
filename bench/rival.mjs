// Proxies to compare with, each doing the least that a proxy for Gemini does: the API key checked and taken out, a bearer
// put in. `node bench/rival.mjs naive|http-proxy UPSTREAM_PORT`; prints its port.
import http from 'node:http';
import httpProxy from 'http-proxy';

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

const server = http.createServer(kind === 'naive' ? naive : library());
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
