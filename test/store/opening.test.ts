/** What goes wrong by itself while a data directory is being opened. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { soon, systemClock, type Clock } from '../../src/store/ground/clock.js';
import { closeStore, openStore } from '../../src/store/open.js';
import { withDirectory } from '../support/directory.js';

test('a timer that fails before all is open is told in the log, and ends nothing', () =>
  withDirectory(async (dir) => {
    await dir.putRaw('../accounts.json', '{"version":"2.0","accounts":[]}');
    let failed = 0;
    const after: Clock['after'] = (ms, act) => {
      if ((failed += 1) > 1) return systemClock.after(ms, act);
      const timer = soon(() => {
        throw new Error('the first timer fails');
      });
      return () => clearImmediate(timer);
    };
    const store = await openStore({ dataDir: dir.path, env: {}, clock: { ...systemClock, after } });
    await closeStore(store);
    const told = [...(await dir.everything())].filter(([, text]) => text.includes('the first timer fails'));
    assert.is(told.length, 1);
  }));

test.run();
