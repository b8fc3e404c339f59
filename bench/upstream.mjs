// The upstream of the benchmarks: always the same answer. Prints its port.
//   POST …:generateContent        1,023 bytes of JSON, when the body was read
//   POST …:streamGenerateContent  200 events of 178 bytes, one per 40 ms, the first at once
//   GET  /large                   200 MB, as fast as it is taken
//   POST /token                 an access token for an hour
//   POST …:refuse                 429, before anything of the body is read
import http from 'node:http';
import { setInterval } from 'node:timers';

const EVENTS = 200;
// With 500 of these streams a Node proxy uses half of a core on a present machine.
const EVERY_MS = 40;
const LARGE_CHUNKS = 3_200;

const json = Buffer.from(`{"text":"${'x'.repeat(1_012)}"}`);
const event = Buffer.from(`data: {"candidates":[{"content":{"parts":[{"text":"${'x'.repeat(121)}"}]}}]}\r\n\r\n`);
const chunk = Buffer.alloc(65_536, 'x');
const streams = new Map();
setInterval(() => {
  for (const [response, sent] of streams) {
    response.write(event);
    if (sent + 1 < EVENTS) streams.set(response, sent + 1);
    else {
      streams.delete(response);
      response.end();
    }
  }
}, EVERY_MS);

function large(response) {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': LARGE_CHUNKS * chunk.length,
  });
  let left = LARGE_CHUNKS;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}

const server = http.createServer((request, response) => {
  response.on('close', () => streams.delete(response));
  if (request.url === '/large') return large(response);
  if (request.url.includes(':refuse')) {
    response.writeHead(429, { 'content-type': 'application/json', 'content-length': 2, 'retry-after': '1' });
    return response.end('{}');
  }
  request.resume();
  request.on('end', () => {
    if (request.url === '/token') {
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end('{"access_token":"ya29.bench","expires_in":3599,"token_type":"Bearer","scope":"openid"}');
    }
    if (request.url.includes(':stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event);
      streams.set(response, 1);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': json.length });
    response.end(json);
  });
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
