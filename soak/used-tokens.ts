/**
 * What clients used, counted by regrant and by the upstream that said so, over requests of every protocol and packing
 * with failovers, cuts and clients that leave. Arguments: requests, seed.
 */
import { usedTokens } from '../test/support/used-tokens.js';

const requests = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const started = performance.now();
const used = await usedTokens(requests, seed);
console.log(
  `used-tokens: ${used.requests} requests (seed ${seed}), ${used.tokens} tokens, ${used.failovers} failovers, ${used.cut} cut off, ${used.left} left, ${used.empty} empty, ${used.unread} unread; ${used.differences.length} sums differ, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
for (const difference of used.differences) console.log(`  ${difference}`);
process.exitCode = used.differences.length === 0 ? 0 : 1;
