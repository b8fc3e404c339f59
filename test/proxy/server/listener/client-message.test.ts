import { Socket } from 'node:net';
import { IncomingMessage } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClientMessage } from '../../../../src/proxy/server/listener/client-message.js';

/** A message as Node's parser leaves it. */
function received<M extends IncomingMessage>(kind: new (socket: Socket) => M, rawHeaders: readonly string[]): M {
  const message = new kind(new Socket());
  const parsed = message as unknown as { _addHeaderLines(headers: readonly string[], count: number): void };
  parsed._addHeaderLines(rawHeaders, rawHeaders.length);
  return message;
}

for (const [what, raw] of Object.entries({
  'none of them': ['Accept', '*/*', 'date', 'x', 'TE2', 'y'],
  'one of each': ['Host', 'a', 'EXPECT', '100-continue', 'te', 'trailers', 'Cookie', 'b'],
  'each twice': ['HOST', 'a', 'host', 'b', 'Expect', 'x', 'expect', '100-continue', 'TE', 'a', 'Te', 'b'],
  'empty ones': ['Host', '', 'Expect', '', 'TE', ''],
})) {
  test(`what Node's server reads of the headers is what Node makes of them: ${what}`, () => {
    const { host, expect, te } = received(ClientMessage, raw).headers;
    const nodes = received(IncomingMessage, raw).headers;
    assert.equal({ host, expect, te }, { host: nodes.host, expect: nodes.expect, te: nodes.te });
  });
}

test.run();
