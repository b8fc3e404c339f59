/**
 * Pools and requests of any kind in front of an upstream that knows which accounts are bad; prints the first result
 * that was not as it should be.
 */
import fc from 'fast-check';
import { anyWorld } from '../test/support/any-world.js';
import { untruths } from '../test/support/truth.js';

const numRuns = Number(process.argv[2] ?? 3_000);
const started = performance.now();
const result = await fc.check(
  fc.asyncProperty(anyWorld, async (world) => (await untruths(world)).length === 0),
  { numRuns },
);
if (result.failed)
  console.log(JSON.stringify({ seed: result.seed, path: result.counterexamplePath, world: result.counterexample }));
console.log(
  `truth: ${result.numRuns} pools, ${result.failed ? 'one went wrong' : 'none went wrong'}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = result.failed ? 1 : 0;
