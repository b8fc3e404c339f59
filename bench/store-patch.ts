/**
 * What a durable patch costs (read, merge, write beside, fsync, exchange, fsync of the folder), beside a bare loop of open,
 * write, fsync, rename and fsync of the folder with the same calls of node:fs, one after the other. One of each in turn, so
 * that whatever else the machine does falls on both alike. Arguments: patches a round, rounds.
 */
import * as fs from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AccountFiles } from '../src/store/files/account-files.js';
import { systemClock } from '../src/store/ground/clock.js';
import { setProject } from '../src/store/accounts/patches.js';
import { account } from '../test/support/directory.js';

const PATCHES = Number(process.argv[2] ?? 200);
const ROUNDS = Number(process.argv[3] ?? 15);
const [GATE, GOAL] = [2.0, 1.5];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

const open = promisify(fs.open);
const write = promisify(fs.write);
const fsync = promisify(fs.fsync);
const close = promisify(fs.close);
const rename = promisify(fs.rename);

async function bare(folder: string, text: string): Promise<void> {
  const fd = await open(join(folder, 'bare.tmp'), 'w', 0o600);
  await write(fd, text);
  await fsync(fd);
  await close(fd);
  await rename(join(folder, 'bare.tmp'), join(folder, 'bare.json'));
  const at = await open(folder, 'r');
  await fsync(at);
  await close(at);
}

async function timed(act: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

// a file as large as one with its quota in it
const text = JSON.stringify(account({ id: 'a1', x_filling: 'x'.repeat(2_200) }), null, 2);
const root = await mkdtemp(join(tmpdir(), 'regrant-bench-'));
try {
  const [ours, theirs] = [join(root, 'accounts'), join(root, 'bare')];
  await Promise.all([mkdir(ours), mkdir(theirs)]);
  fs.writeFileSync(join(ours, 'a1.json'), text);
  const store = await AccountFiles.open(ours, systemClock);
  const times = { bare: [] as number[], patch: [] as number[] };
  let project = 0;
  for (let round = -1; round < ROUNDS; round++) {
    let [bareMs, patchMs] = [0, 0];
    for (let index = 0; index < PATCHES; index++) {
      bareMs += await timed(() => bare(theirs, text));
      patchMs += await timed(() => store.patch('a1', setProject(`p-${project++}`)));
    }
    // the first round only warms up
    if (round < 0) continue;
    times.bare.push(bareMs / PATCHES);
    times.patch.push(patchMs / PATCHES);
  }
  await store.flush();
  store.close();
  const ratio = median(times.patch.map((took, round) => took / (times.bare[round] ?? NaN)));
  console.log(
    `store-patch: bare ${median(times.bare).toFixed(2)} ms, patch ${median(times.patch).toFixed(2)} ms; patch ÷ bare ${ratio.toFixed(2)} (gate ${GATE}, goal ${GOAL}), ${ROUNDS} rounds of ${PATCHES}`,
  );
  process.exitCode = ratio <= GATE ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}
