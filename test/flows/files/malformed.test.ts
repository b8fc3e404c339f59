/** Malformed account files of every kind beside good ones. `npm run soak -- malformed` does it with 10,000. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withHouse } from '../../support/house.js';
import { malformedKinds, putGood, putMalformed } from '../../support/malformed.js';

test('each malformed file is a row with its reason and stays as it is; the good ones serve, change and are saved', async () => {
  let reasons: ReadonlyMap<string, RegExp> = new Map();
  let good: readonly string[] = [];
  await withHouse(
    {
      prepare: (google, dir) => {
        reasons = putMalformed(dir.at('accounts'), 2 * malformedKinds);
        good = putGood(dir.at('accounts'), 6);
        for (const [index, id] of good.entries())
          google.grant(`1//0token-of-${id}`, { email: `user${index >> 1}@example.com` });
      },
    },
    async (house) => {
      const torn = readFileSync(house.dir.at('accounts', 'bad-0.json'), 'utf8');
      const rows = new Map(house.supervisor.snapshot().accounts.map((row) => [row.id, row]));
      for (const [id, reason] of reasons) {
        assert.is(rows.get(id)?.state, 'unreadable', id);
        assert.match(rows.get(id)?.reason ?? '', reason);
      }
      assert.is(house.supervisor.snapshot().counts.unreadable, reasons.size);
      for (const id of good) assert.is(rows.get(id)?.state, 'ready', id);
      for (let request = 0; request < 2 * good.length; request++) assert.is((await house.ask()).status, 200);
      const { operations } = house.supervisor;
      assert.ok((await operations.setProxyDisabled(good, true)).ok);
      assert.ok((await operations.reload()).ok);
      for (const id of good) {
        assert.is((await house.dir.read(id)).proxy_disabled, true);
        assert.is(house.google.generated(`user${good.indexOf(id) >> 1}@example.com`).length, 4, `${id} has served`);
      }
      assert.is(readFileSync(house.dir.at('accounts', 'bad-0.json'), 'utf8'), torn);
      assert.not.ok((await operations.setProxyDisabled(['bad-0'], true)).ok);
    },
  );
});

test.run();
