/** 10,000 malformed account files of every kind beside 50 good ones: loaded, reloaded, watched; the good ones serve. Argument: files. */
import { withHouse } from '../test/support/house.js';
import { putGood, putMalformed } from '../test/support/malformed.js';

const files = Number(process.argv[2] ?? 10_000);
const requests = 500;
const reasons = new Map<string, RegExp>();
let good: readonly string[] = [];
let before = 0;
await withHouse(
  {
    prepare: (google, dir) => {
      for (const [id, reason] of putMalformed(dir.at('accounts'), files)) reasons.set(id, reason);
      good = putGood(dir.at('accounts'), 50);
      for (const [index, id] of good.entries())
        google.grant(`1//0token-of-${id}`, { email: `user${index >> 1}@example.com` });
      before = performance.now();
    },
  },
  async (house) => {
    const startMs = performance.now() - before;
    const rows = house.supervisor.snapshot().accounts;
    const named = rows.filter(
      ({ id, reason, state }) => state === 'unreadable' && reasons.get(id)?.test(reason),
    ).length;
    const ready = rows.filter(({ state }) => state === 'ready').length;
    let failed = 0;
    for (let request = 0; request < requests; request++) if ((await house.ask()).status !== 200) failed++;
    const reloading = performance.now();
    const said = await house.supervisor.operations.reload();
    const reloadMs = performance.now() - reloading;
    const { unreadable } = house.supervisor.snapshot().counts;
    console.log(
      `malformed: ${named} of ${files} with their reason, ${ready} of ${good.length} good ones ready; started in ${startMs.toFixed(0)} ms, reloaded in ${reloadMs.toFixed(0)} ms (${unreadable} unreadable still); ${failed} of ${requests} requests failed`,
    );
    process.exitCode =
      named === files && unreadable === files && ready === good.length && failed === 0 && said.ok ? 0 : 1;
  },
);
