// An upstream in a network of its own, told by its first arguments what it listens on. `think-N` in the path: it answers after
// N ms; `slow-N`: it reads nothing for N ms. Each request is a line: from which port, and its path.
import http from 'node:http';

const [host = '', port = '0'] = process.argv.slice(2);
const server = http.createServer(async (request, response) => {
  console.log(`${request.socket.remotePort} ${request.url}`);
  const waits = (what) => Number(new RegExp(`${what}-(\\d+)`).exec(request.url)?.[1] ?? 0);
  await new Promise((done) => setTimeout(done, waits('slow')));
  for await (const chunk of request) void chunk;
  await new Promise((done) => setTimeout(done, waits('think')));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"candidates":[{"content":{"parts":[{"text":"hello"}],"role":"model"},"finishReason":"STOP"}]}');
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), host, () => console.log('ready'));
