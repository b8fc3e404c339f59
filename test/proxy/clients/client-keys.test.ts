import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NamedKeys } from '../../../src/proxy/clients/client-keys.js';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { newKey, type StoredKey } from '../../../src/store/keys/key-file.js';

const test = suite('who a key belongs to');

const rules = (over: Partial<StoredKey>): StoredKey => ({
  ...{ sha256: '', created: null, expires: null, models: [], note: '', old: null, pin: false, off: false },
  ...{ tokensPerDay: 0, tokensPerMonth: 0, requestsPerMinute: 0, maxInFlight: 0, ...over },
});

const some = (count: number): readonly (readonly [name: string, key: string])[] =>
  Array.from({ length: count }, (_, i) => [`k${i}`, newKey()] as const);

const keysOf = (named: readonly (readonly [string, string])[], apiKey = 'sk-own'): NamedKeys =>
  new NamedKeys(apiKey, new Map(named.map(([name, key]) => [name, rules({ sha256: fingerprint(key) })])), () => 0);

/** µs of CPU of each, the least of several rounds. */
function cost(run: () => unknown): number {
  let least = Infinity;
  for (let round = 0; round < 15; round++) {
    // time of the processor: other work on the machine does not count
    const from = process.cpuUsage();
    for (let i = 0; i < 4_000; i++) run();
    least = Math.min(least, process.cpuUsage(from).user / 4_000);
  }
  return least;
}

test('ten thousand keys: each is found, and nothing that is near one', () => {
  const named = some(10_000);
  const keys = keysOf(named);
  for (const [name, key] of named.slice(0, 500)) {
    assert.is(keys.find(key)?.name, name);
    assert.is(keys.find(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`), null);
    assert.is(keys.find(` ${key}`), null);
  }
  assert.is(keys.find('sk-own')?.name, 'default');
});

test('a check costs as much with ten thousand keys as with one, and as much for a wrong key as for a right one', () => {
  const [few, many] = [some(1), some(10_000)];
  const [one, all] = [keysOf(few), keysOf(many)];
  const [right, wrong] = [many[5_000]?.[1] ?? '', newKey()];
  // Whatever a client could see drowns in a microsecond: what is compared is a hash, whose bits say nothing of a key.
  const [withOne, withAll, ofWrong] = [
    cost(() => one.find(few[0]?.[1] ?? '')),
    cost(() => all.find(right)),
    cost(() => all.find(wrong)),
  ];
  assert.ok(withAll - withOne < 1, `${withOne} µs with one, ${withAll} with 10,000`);
  assert.ok(Math.abs(withAll - ofWrong) < 1, `${withAll} µs right, ${ofWrong} wrong`);
});

test.run();
