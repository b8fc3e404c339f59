import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClientStream } from '../../../../src/proxy/forward/translated/client-stream.js';
import { setClock } from '../../../support/clock.js';

/** A response that notes what is sent. */
class Noted extends EventEmitter {
  headersSent = false;
  status = 0;
  text = '';
  takes = true;
  socket = { setTimeout: () => undefined };
  writeHead(status: number) {
    this.status = status;
    this.headersSent = true;
  }
  write(text: string) {
    this.text += text;
    return this.takes;
  }
  end(text: string) {
    this.text += text;
  }
}

function streamOf() {
  const clock = setClock();
  const response = new Noted();
  const stream = new ClientStream(response as unknown as ServerResponse, clock, [], () => '<ping>');
  return { clock, response, stream };
}
const nothing = () => undefined;

test('a client that hears nothing gets a ping from the 15th second on, and the status is 200 from then on', () => {
  const { clock, response, stream } = streamOf();
  clock.advance(14_999);
  assert.equal([response.headersSent, response.text], [false, '']);
  clock.advance(1);
  assert.equal([response.status, response.text, stream.isOpen], [200, '<ping>', true]);
  clock.advance(30_000);
  assert.is(response.text, '<ping><ping><ping>');
});

test('whoever has heard something gets its ping fifteen seconds after that', () => {
  const { clock, response, stream } = streamOf();
  clock.advance(10_000);
  stream.write('a', nothing);
  clock.advance(14_999);
  assert.is(response.text, 'a');
  clock.advance(1);
  assert.is(response.text, 'a<ping>');
});

test('a stream that has ended is left alone', () => {
  const { clock, response, stream } = streamOf();
  stream.end('z');
  stream.end('more');
  clock.advance(60_000);
  assert.equal([response.status, response.text, stream.bytes], [200, 'z', 1]);
  assert.equal(clock.due, []);
});

test('a client that takes no more gets no pings, and what waits for it goes on when it does', () => {
  const { clock, response, stream } = streamOf();
  let went = 0;
  response.takes = false;
  assert.not.ok(stream.write('a', () => went++));
  clock.advance(60_000);
  assert.equal([response.text, went], ['a', 0]);
  response.takes = true;
  response.emit('drain');
  assert.is(went, 1);
  clock.advance(15_000);
  assert.is(response.text, 'a<ping>');
});

test('bytes are counted, not characters', () => {
  const { stream } = streamOf();
  stream.write('ü', nothing);
  stream.end('€');
  assert.is(stream.bytes, 5);
});

test.run();
