import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccessEntry, accessLine, commonOf } from '../../../src/store/records/access-log.js';
import { type AccessRecord } from '../../../src/store/records/access-record.js';
import { AccessRing } from '../../../src/store/records/access-ring.js';

const served: AccessRecord = {
  ...{ id: 'a-1', method: 'POST', path: '/v1beta/models/m:generateContent', model: 'm', stream: true, status: 200 },
  ...{ account: 'kim@example.com', ms: 12.34, ttfbMs: 11.5, bytes: 1_023, tokens: 42, tries: 2, left: ['bob: 429'] },
  ...{ key: 'team', ip: '10.1.2.3', protocol: 'gemini', asked: 'fast', group: 'generate' },
  ...{ waitedMs: 1.5, streamError: 503, count: 3 },
};
const unanswered: AccessRecord = {
  ...{ id: 'a-2', method: 'GET', path: '/', model: null, stream: false, status: 0 },
  ...{ account: null, ms: 0, ttfbMs: null, bytes: 0, tokens: null, tries: 0, left: [] },
  ...{ key: null, ip: null, protocol: null, asked: null, group: null, waitedMs: 0, streamError: null, count: 1 },
};

const put = (ring: AccessRing, seq: number, time: number, level: number, access: AccessRecord): void =>
  ring.put(seq, { time, level, access, alike: commonOf(access).of });

test('an entry comes back as it was put, with what is null', () => {
  const ring = new AccessRing(2);
  put(ring, 6, 1_795_396_444_569, 30, served);
  put(ring, 7, 1_795_396_444_570, 20, unanswered);
  assert.equal(ring.at(6), new AccessEntry(6, 1_795_396_444_569, 30, served));
  assert.equal(ring.at(7), new AccessEntry(7, 1_795_396_444_570, 20, unanswered));
});

test('the last entries stay when older ones give way, and who holds an older one keeps what it says', () => {
  const ring = new AccessRing(3);
  const putOne = (seq: number): void => put(ring, seq, seq, 30, { ...served, id: `a-${seq}`, bytes: seq });
  for (const seq of [0, 1, 2]) putOne(seq);
  const oldest = ring.at(0);
  for (const seq of [3, 4]) putOne(seq);
  assert.equal(
    [2, 3, 4].map((seq) => ring.at(seq).access.id),
    ['a-2', 'a-3', 'a-4'],
  );
  assert.equal([oldest.access.id, oldest.access.bytes], ['a-0', 0]);
});

test('whatever an id looks like, it comes back', () => {
  const ids = [
    '9f3a1c-1',
    '9f3a1c-zz9',
    'ab-7',
    'ab-',
    'ab',
    '',
    '-',
    'ab-07',
    'ab-A',
    'ab--7',
    'x-y-1',
    'ab-7',
    'ab-0',
    'ab-zzzzzzzzzz',
    'ab-zzzzzzzzzzz',
    'ab-1{2',
    'ab-9:',
    'ab-_',
    'ab-á1',
  ];
  const ring = new AccessRing(ids.length);
  ids.forEach((id, seq) => put(ring, seq, 0, 30, { ...served, id }));
  assert.equal(
    ids.map((_, seq) => ring.at(seq).access.id),
    ids,
  );
});

test('a line has numbers as JavaScript writes them, with decimals and without', () => {
  for (const ms of [0, 0.01, 0.1, 0.29, 1, 1.1, 12.34, 99.99, 100, 60_000.07, 1.005, 1 / 3, 1e-7, 1e21, -1.25]) {
    const line = accessLine(30, 1, { ...served, ms, ttfbMs: ms }, commonOf(served));
    assert.ok(line.includes(`"ms":${ms},"ttfbMs":${ms},`), line);
  }
});

test.run();
