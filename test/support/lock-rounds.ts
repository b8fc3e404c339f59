/** Rounds of processes that contend for one instance lock and are killed at random moments. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withDirectory } from './directory.js';
import type { Random } from './random.js';

export interface LockFigures {
  readonly rounds: number;
  /** Contenders that got the lock, were told that another holds it, were killed. */
  readonly owned: number;
  readonly refused: number;
  readonly killed: number;
  /** How often two held it at once, and after how many rounds nobody could get it. */
  readonly twoOwners: number;
  readonly lockedOut: number;
}

const contender = path.join(import.meta.dirname, 'contender.mjs');

export const lockRounds = (rounds: number, random: Random): Promise<LockFigures> =>
  withDirectory(async (dir) => {
    const lock = dir.at('lock');
    const journal = dir.at('journal');
    const start = (name: string, holdMs: number, at: number): ChildProcess =>
      spawn(process.execPath, [contender, lock, journal, name, String(holdMs), String(at)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    let lockedOut = 0;
    for (let round = 0; round < rounds; round++) {
      const at = Date.now() + 500;
      const two = ['a', 'b'].map((name) => ({
        name: `${name}${round}`,
        child: start(`${name}${round}`, 50 + random(200), at),
      }));
      const ended = two.map(({ child }) => once(child, 'exit'));
      await Promise.all(two.map(({ name, child }) => killSometimes(child, name, journal, random)));
      await Promise.all(ended);
      const [status] = (await once(start(`next${round}`, 0, 0), 'exit')) as [number | null];
      if (status !== 0) lockedOut += 1;
    }
    return { rounds, lockedOut, ...judge(existsSync(journal) ? readFileSync(journal, 'utf8') : '') };
  });

/** The kill is written down before it is done: a reader of the journal knows that the lock may be free from here on. */
async function killSometimes(child: ChildProcess, name: string, journal: string, random: Random): Promise<void> {
  if (random(2) === 0) return;
  await new Promise((done) => setTimeout(done, 400 + random(350)));
  if (child.exitCode !== null) return;
  appendFileSync(journal, `kill ${name}\n`);
  child.kill('SIGKILL');
}

function judge(journal: string): Pick<LockFigures, 'owned' | 'refused' | 'killed' | 'twoOwners'> {
  const figures = { owned: 0, refused: 0, killed: 0, twoOwners: 0 };
  const holders = new Set<string>();
  for (const line of journal.trim().split('\n')) {
    const [word, name = ''] = line.split(' ');
    if (word === 'own') {
      figures.owned += 1;
      if (holders.size > 0) figures.twoOwners += 1;
      holders.add(name);
    } else {
      holders.delete(name);
      if (word === 'refused') figures.refused += 1;
      if (word === 'kill') figures.killed += 1;
    }
  }
  return figures;
}
