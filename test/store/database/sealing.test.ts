/** How secrets lie in the database. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Sealing } from '../../../src/store/database/sealing.js';

const place = { table: 'account', row: 'a1', column: 'secret' };

test('what is sealed opens in its own cell only, and is never the same twice', () => {
  const sealing = new Sealing('pool', randomBytes(32));
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.string(), { minLength: 3, maxLength: 3 }),
      (plain, parts) => {
        const [table = '', row = '', column = ''] = parts;
        const own = { table, row, column };
        const sealed = sealing.seal(own, plain);
        assert.is(sealing.open(own, sealed), plain);
        assert.not.equal(sealing.seal(own, plain), sealed);
        for (const other of [
          { ...own, table: `${table}x` },
          { ...own, row: `${row}x` },
          { ...own, column: `${column}x` },
          // the same letters, cut elsewhere
          { table: `${table}${row}`, row: '', column },
        ])
          if (JSON.stringify(other) !== JSON.stringify(own)) assert.is(sealing.open(other, sealed), null);
      },
    ),
    { numRuns: 50 },
  );
});

test('a changed byte anywhere, a cut, another pool or another key opens nothing', () => {
  const key = randomBytes(32);
  const sealing = new Sealing('pool', key);
  const sealed = sealing.seal(place, '1//0a-refresh-token');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.is(sealing.open(place, changed), null, `byte ${at}`);
    assert.is(sealing.open(place, sealed.subarray(0, at)), null, `${at} bytes`);
  }
  assert.is(new Sealing('pool 2', key).open(place, sealed), null);
  assert.is(new Sealing('pool', randomBytes(32)).open(place, sealed), null);
});

test('a key that the pool had before opens what it sealed, and seals nothing any more', () => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const before = new Sealing('pool', old).seal(place, 'a secret');
  const sealing = new Sealing('pool', next, [old]);
  assert.is(sealing.open(place, before), 'a secret');
  assert.is(sealing.isCurrent(before), false);
  const after = sealing.seal(place, 'a secret');
  assert.is(sealing.isCurrent(after), true);
  assert.is(new Sealing('pool', old).open(place, after), null);
});

test.run();
