/** Two programs on the same account files, 10,000 edits each: nothing is lost on either side. Argument: edits. */
import { seeded } from '../test/support/random.js';
import { twoEditors, type TwoEditors } from '../test/support/two-editors.js';

const edits = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const runs: readonly (Pick<TwoEditors, 'how' | 'pauseMs' | 'exchange'> & { readonly tight?: boolean })[] = [
  { how: 'in-place', pauseMs: 1, exchange: 'yes' },
  { how: 'in-place', pauseMs: 0, exchange: 'yes' },
  { how: 'in-place', pauseMs: 1, exchange: 'no' },
  { how: 'rename', pauseMs: 5, exchange: 'yes' },
  { how: 'rename', pauseMs: 0, exchange: 'yes' },
  { how: 'rename', pauseMs: 5, exchange: 'no', tight: true },
  { how: 'rename', pauseMs: 0, exchange: 'no', tight: true },
];
let isGood = true;
for (const { tight = false, ...run } of runs) {
  const started = performance.now();
  const { lostTheirs, lostTheirsApart, lostOurs, applied } = await twoEditors(
    { ...run, edits, files: 20 },
    seeded(seed),
  );
  // without an exchange of names, a rename that falls between our look and our own rename is lost: counted, not hidden
  const good = lostOurs.length === 0 && (tight || lostTheirs === 0);
  isGood &&= good;
  console.log(
    `editors: ${run.how}, pause ${run.pauseMs} ms, exchange ${run.exchange}: ${applied} of ours, ${lostOurs.length} lost; ${edits} of theirs, ${lostTheirs} lost (${lostTheirsApart} with nothing of ours within 5 ms), seed ${seed}, ${((performance.now() - started) / 1000).toFixed(0)} s${good ? '' : ' BAD'}`,
  );
  for (const line of lostOurs.slice(0, 3)) console.log(`  ${line}`);
}
process.exitCode = isGood ? 0 : 1;
