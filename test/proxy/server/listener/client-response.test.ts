import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClientResponse } from '../../../../src/proxy/server/listener/client-response.js';

interface Sent {
  /** All that the client got. */
  readonly text: string;
  /** What was written to the connection, call by call. */
  readonly writes: readonly string[];
  /** How many answers said that they were sent. */
  readonly finished: number;
}

/** Answers the requests of one connection, and tells what that came to. */
async function sent(requests: string, answer: (response: ClientResponse, url: string) => void): Promise<Sent> {
  const writes: string[] = [];
  let finished = 0;
  const server = http.createServer({ ServerResponse: ClientResponse }, (request, response) => {
    response.on('finish', () => finished++);
    answer(response, request.url ?? '');
  });
  server.on('connection', (socket) => {
    const write = socket._write.bind(socket);
    const writev = socket._writev?.bind(socket);
    socket._write = (chunk: Buffer | string, encoding, done) => {
      writes.push(Buffer.from(chunk as string, encoding).toString('latin1'));
      write(chunk, encoding, done);
    };
    socket._writev = (chunks, done) => {
      writes.push(`${chunks.length} pieces`);
      writev?.(chunks, done);
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(requests);
  let text = '';
  for await (const bytes of client) text += (bytes as Buffer).toString('latin1');
  await new Promise((resolve) => server.close(resolve));
  return { text, writes, finished };
}

const asks = (url: string, method = 'GET', more = ''): string => `${method} ${url} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const last = (url: string, method = 'GET'): string => asks(url, method, 'Connection: close\r\n');

test('an answer that ends with its whole body is one write of one piece, with the headers that are added', async () => {
  const { text, writes, finished } = await sent(last('/'), (response) => {
    response.added = ['x-one', '1'];
    response.writeHead(200, 'Fine', ['Content-Length', '4']);
    response.endWith('h\xe9l\xff');
  });
  assert.match(text, /^HTTP\/1\.1 200 Fine\r\nContent-Length: 4\r\nx-one: 1\r\n[^]*\r\n\r\nh\xe9l\xff$/);
  assert.equal(writes, [text]);
  assert.is(finished, 1);
});

test('answers to requests that come together are whole and in order, where the first ends last', async () => {
  let slow: ClientResponse | null = null;
  const { text, finished } = await sent(asks('/1') + asks('/2') + last('/3'), (response, url) => {
    response.writeHead(200, ['Content-Length', '2']);
    if (url === '/1') slow = response;
    else response.endWith(url);
    if (url === '/3') slow?.endWith('/1');
  });
  const bodies = text
    .split('HTTP/1.1 200 OK')
    .slice(1)
    .map((one) => one.slice(-2));
  assert.equal(bodies, ['/1', '/2', '/3']);
  assert.is(finished, 3);
});

test('the answer to a HEAD ends without its body', async () => {
  const { text, finished } = await sent(last('/', 'HEAD'), (response) => {
    response.writeHead(200, ['Content-Length', '4']);
    response.endWith('body');
  });
  assert.match(text, /^HTTP\/1\.1 200 OK\r\nContent-Length: 4\r\n[^]*\r\n\r\n$/);
  assert.is(finished, 1);
});

test.run();
