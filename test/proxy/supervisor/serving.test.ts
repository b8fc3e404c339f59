import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sayThatItServes } from '../../../src/proxy/supervisor/serving.js';
import { withHouse } from '../../support/house.js';

test('that it serves is written at once, not with the lines that come after it', () =>
  withHouse({ accounts: [{ id: 'a1' }] }, async ({ store }) => {
    const written: string[] = [];
    await store.log.divert((lines) => written.push(lines));
    sayThatItServes(store, '127.0.0.1:8045');
    assert.match(written.join(''), /serves on 127\.0\.0\.1:8045 with 1 accounts/);
    store.log.writeAgain('');
  }));

test.run();
