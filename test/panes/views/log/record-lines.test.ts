import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recordText } from '../../../../src/panes/views/log/record-lines.js';
import { AccessEntry } from '../../../../src/store/records/access-log.js';
import type { AccessRecord } from '../../../../src/store/records/access-record.js';

const served: AccessRecord = {
  ...{ id: 'a-1', method: 'POST', path: '/v1beta/models/m:generateContent', model: 'm', stream: false, status: 200 },
  ...{ account: 'kim@example.com', ms: 120, ttfbMs: 100, bytes: 1_023, tokens: 42, tries: 1, left: [] },
};
const line = (more: Partial<AccessRecord>): string => recordText(new AccessEntry(1, 1, 30, { ...served, ...more }));

test('a request says that it waited, that its stream had an error, and how many it stands for', () => {
  const plain = line({});
  assert.is(line({ waitedMs: 0, streamError: null, count: 1 }), plain);
  assert.ok(line({ waitedMs: 1_400 }).includes('waited 1.4 s'), line({ waitedMs: 1_400 }));
  assert.ok(line({ streamError: 503 }).includes('error 503 in the stream'));
  assert.ok(line({ count: 12, status: 401, account: null }).includes('12 times'));
});

test.run();
