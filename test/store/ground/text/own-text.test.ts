/** What is kept of a long foreign text keeps no more of it than itself. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namesInAnswer } from '../../../../src/proxy/protocols/gemini/resource-names.js';
import { StoredResources } from '../../../../src/proxy/protocols/gemini/stored-resources.js';
import { subjectOf } from '../../../../src/proxy/subject/subject.js';
import { systemClock } from '../../../../src/store/ground/clock.js';
import { Log } from '../../../../src/store/records/log.js';
import { withDirectory } from '../../../support/directory.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const TEXTS = 200;

/** Bytes of the heap that are held after `keep` was given texts of this length. */
function heldAfter(letters: number, keep: (text: (head: string) => string) => void): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  // a text as it comes from the network or a file: one string of its own
  for (let at = 0; at < TEXTS; at++) keep((head) => Buffer.from(head.padEnd(letters, `x${at}`)).toString('utf8'));
  collect();
  return process.memoryUsage().heapUsed - before;
}

test('a line of a followed log that is cut', () =>
  withDirectory(async (dir) => {
    const log = new Log({ folder: dir.at('logs'), level: 'info', clock: systemClock });
    const held = heldAfter(65_536, (text) => log.join(text('a line '), 'other.log'));
    assert.ok(held < TEXTS * 24_000, `${held} bytes`);
    await log.close();
  }));

test("a model's name of a long path", () => {
  const kept: string[] = [];
  const held = heldAfter(12_000, (text) => {
    const path = text('/v1beta/models/m');
    kept.push(subjectOf({ method: 'POST', path: `${path}:generateContent`, body: () => null }).model);
  });
  assert.is(kept.length, TEXTS);
  assert.ok(held < TEXTS * 2_000, `${held} bytes`);
});

test('a name of something stored in a long answer', () => {
  const state = { resources: [], setResources: () => undefined, elsewhere: null };
  const resources = new StoredResources(state, systemClock);
  let at = 0;
  const held = heldAfter(100_000, (text) => {
    at += 1;
    resources.learn(namesInAnswer(text(`{"name":"cachedContents/thing-number-${at}","text":"`)), 'p');
  });
  assert.ok(resources.isKnown(`cachedContents/thing-number-${TEXTS}`));
  assert.ok(held < TEXTS * 5_000, `${held} bytes`);
});

test.run();
