/** What clients make up: names of models, and keys in places where none belongs. */
import { statSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, type HouseOptions, withHouse } from '../../support/house.js';

const accounts = ['a1', 'b1', 'c1'].map((id) => ({ id, email: `${id}@example.com`, refreshToken: `1//0of-${id}` }));
const gone = { throwIfNoEntry: false } as const;
const prepare: HouseOptions['prepare'] = (google) => {
  for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
};

test('hundreds of invented models with endless names make neither the state nor the log large', () =>
  withHouse({ accounts, prepare }, async (house) => {
    const asked = Array.from({ length: 400 }, (_, at) => `m${at}-${'x'.repeat(12_000)}`);
    for (let at = 0; at < asked.length; at += 20) {
      await Promise.all(asked.slice(at, at + 20).map((model) => house.ask(model)));
    }
    assert.ok(house.log.every((line) => line.length < 2_000));
    await house.stop();
    const sizes = ['accounts.json', 'accounts.jsonl'].map(
      (name) => statSync(house.dir.at('state', name), gone)?.size ?? 0,
    );
    const size = Math.max(...sizes);
    assert.ok(size < 400_000, `${size} bytes of state`);
    await house.start();
    assert.is((await house.ask()).status, 200);
  }));

test('a key in an odd place of a URL is in no log', () =>
  withHouse({ accounts, prepare }, async (house) => {
    const origin = `http://${house.supervisor.address}`;
    const odd = [
      `/v1beta/models/m:generateContent?a=1;key=${API_KEY}`,
      `/v1beta;key=${API_KEY}/models/m:generateContent`,
      `/${API_KEY}/v1beta/models`,
      `/v1beta/models?redirect=http%3A%2F%2Fh%2F%3Fkey%3D${API_KEY}`,
      `/v1beta/models?%6bey=${API_KEY}`,
      `/v1beta/models?KEY=${API_KEY}&key=${API_KEY}`,
    ];
    for (const path of odd) await fetch(origin + path).then((answer) => answer.arrayBuffer());
    await house.stop();
    const texts = await house.dir.everything(/^settings\.json$|^keys\.json$/);
    for (const [file, text] of texts) assert.not.ok(text.includes(API_KEY), file);
    await house.start();
  }));

test.run();
