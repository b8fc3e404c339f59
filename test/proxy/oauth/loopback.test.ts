import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listenOnLoopback } from '../../../src/proxy/oauth/loopback.js';
import { RawClient } from '../../support/proxy.js';

/** The status of the answer to a request target as it stands in the request line. */
async function statusOf(target: string, taken: string[]): Promise<string> {
  const loopback = await listenOnLoopback((parameters) => {
    taken.push(parameters.toString());
    return { status: 200, text: 'taken' };
  });
  try {
    const client = new RawClient({ host: '127.0.0.1', port: loopback.port });
    client.write(`GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    return /^HTTP\/1\.1 (\d+)/.exec(await client.closed())?.[1] ?? 'none';
  } finally {
    loopback.close();
  }
}

test('the answer of the consent page is taken as it comes', async () => {
  const taken: string[] = [];
  assert.is(await statusOf('/?state=s%20t&code=4/0a+b', taken), '200');
  assert.equal(taken, ['state=s+t&code=4%2F0a+b']);
});

test('whatever else is asked for is not there, and brings nobody down', async () => {
  const taken: string[] = [];
  for (const target of [
    '//',
    '/',
    '/favicon.ico',
    '//?code=1',
    '/x?code=1',
    '/?',
    'http://[',
    'http://x/?code=1',
    '*',
  ]) {
    assert.is(await statusOf(target, taken), '404', target);
  }
  assert.equal(taken, []);
});

test.run();
