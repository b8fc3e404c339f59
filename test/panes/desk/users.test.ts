import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { UsageSum } from '../../../src/proxy/contract/operations.js';
import { usersText } from '../../../src/panes/desk/users.js';

const sum = (key: string, requests: number): UsageSum => ({
  ...{ account: 'anna', key, requests, failed: 0, held: 0, in: 0, cached: 0, out: 0, thoughts: 0, bytes: 0, unread: 0 },
});

test('who uses an account is told by its keys, the most first', () => {
  assert.is(usersText([]), '');
  assert.is(usersText([sum('-', 1)]), 'clients without a key 1 request today');
  assert.is(usersText([sum('ci', 22), sum('editor', 1_061)]), 'editor 1,061 requests, ci 22 today');
  const many = Array.from({ length: 9 }, (_, i) => sum(`k${i}`, 9 - i));
  assert.match(usersText(many), /^k0 9 requests, k1 8, .* and 3 more today$/);
});

test.run();
