/** The store beside a simple model of it: any sequence of what can happen ends the same in both. Arguments: sequences, seed. */
import fc from 'fast-check';
import { commands, play, type Command } from '../test/support/store-model.js';

const runs = Number(process.argv[2] ?? 3_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const counts = new Map<Command['do'], number>();
const started = performance.now();
const counted = async (all: Command[]): Promise<void> => {
  for (const { do: name } of all) counts.set(name, (counts.get(name) ?? 0) + 1);
  await play(all);
};
const { failed, counterexample, errorInstance } = await fc.check(fc.asyncProperty(commands, counted), {
  numRuns: runs,
  seed,
});
const figures = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
console.log(
  `store-model: ${runs} sequences (${figures}), ${failed ? 'one ended otherwise than the model' : 'all ended as the model says'}; seed ${seed}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
if (failed) console.log(`  ${JSON.stringify(counterexample)}\n  ${String(errorInstance)}`);
process.exitCode = failed ? 1 : 0;
