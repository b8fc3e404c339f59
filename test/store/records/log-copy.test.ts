import { Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogCopy } from '../../../src/store/records/log-copy.js';

test('for a reader who stands still lines are left out and counted; when he goes on he hears how many', async () => {
  const taken: string[] = [];
  let go: () => void = () => undefined;
  const stalled = new Writable({
    write(chunk: Buffer, _encoding, done) {
      taken.push(...chunk.toString().split('\n').filter(Boolean));
      go = () => {
        go = () => undefined;
        done();
      };
    },
  });
  const copy = new LogCopy(stalled, (lines) => `${lines} left out`);
  const batch = `${'x'.repeat(1_023)}\n`.repeat(256);
  for (let at = 0; at < 400; at++) copy.write(batch);
  assert.ok(stalled.writableLength < 2 * 1024 * 1024, `${stalled.writableLength}`);
  for (let turn = 0; turn < 20; turn++) {
    go();
    await new Promise(setImmediate);
  }
  copy.write('next\n');
  for (let turn = 0; turn < 5; turn++) {
    go();
    await new Promise(setImmediate);
  }
  const said = taken.filter((line) => !line.startsWith('x'));
  assert.equal(said.slice(1), ['next']);
  assert.is(Number.parseInt(said[0] ?? '', 10) + taken.length - 2, 400 * 256);
});

test.run();
