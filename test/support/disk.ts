import { systemDisk, type Disk } from '../../src/store/disk/disk.js';

export type DiskCall = keyof Disk;

/** Stands for the end of the process: nothing that happens after it reaches a disk. */
export class Crash extends Error {
  readonly code = 'CRASH';
}

/** A disk of one test: the real one, recorded, and broken where the test wants it. */
export interface TestDisk extends Disk {
  /** Every call that was made, in order: `create`, `write`, … */
  readonly calls: DiskCall[];
  /** Ends everything before or after the call of this number (from 0, counted from now). */
  crash(at: number, when: 'before' | 'after'): void;
  /** Makes each of these calls fail with this error code until `mend`. */
  fail(code: string, ...calls: readonly DiskCall[]): void;
  mend(): void;
  /** Files among the accounts that were created, in order. */
  readonly created: string[];
  /** Runs `act` before each call of that name, with what it is called for first: another program in between. */
  before(call: DiskCall, act: (file: string) => void): void;
}

export function testDisk(): TestDisk {
  const calls: DiskCall[] = [];
  const failing = new Map<DiskCall, string>();
  const meddlers = new Map<DiskCall, (file: string) => void>();
  const created: string[] = [];
  let crash: { readonly at: number; readonly when: 'before' | 'after' } | null = null;
  let isOver = false;
  const wrap = <N extends DiskCall>(name: N): Disk[N] => {
    const real = systemDisk[name] as (...given: unknown[]) => Promise<unknown>;
    const wrapped = async (...given: unknown[]): Promise<unknown> => {
      if (isOver) throw new Crash('the process has ended');
      const number = calls.length;
      calls.push(name);
      if (crash?.at === number && crash.when === 'before') {
        isOver = true;
        throw new Crash(`before ${name}`);
      }
      const code = failing.get(name);
      if (code !== undefined) throw Object.assign(new Error(`${code}: ${name}`), { code });
      const file = String(given[0]);
      if (name === 'create' && file.includes('/accounts/')) created.push(file);
      meddlers.get(name)?.(file);
      const result = await real(...given);
      if (crash?.at === number) {
        isOver = true;
        throw new Crash(`after ${name}`);
      }
      return result;
    };
    return wrapped as Disk[N];
  };
  return {
    create: wrap('create'),
    chown: wrap('chown'),
    write: wrap('write'),
    sync: wrap('sync'),
    close: wrap('close'),
    rename: wrap('rename'),
    exchange: wrap('exchange'),
    link: wrap('link'),
    remove: wrap('remove'),
    makeFolder: wrap('makeFolder'),
    append: wrap('append'),
    overwrite: wrap('overwrite'),
    syncFolder: wrap('syncFolder'),
    calls,
    created,
    crash: (at, when) => (crash = { at: calls.length + at, when }),
    fail: (code, ...names) => names.forEach((name) => failing.set(name, code)),
    mend: () => failing.clear(),
    before: (name, act) => meddlers.set(name, act),
  };
}

/** The real disk, where each account file is a mount point: nothing can take its place. @param code - what the system says */
export function mountPoints(code = 'EBUSY'): Disk {
  const busy = (target: string): void => {
    if (target.includes('/accounts/')) throw Object.assign(new Error(`${code}: rename`), { code });
  };
  return {
    ...systemDisk,
    rename: async (from, to) => {
      busy(to);
      await systemDisk.rename(from, to);
    },
    exchange: async (one, other) => {
      busy(other);
      await systemDisk.exchange(one, other);
    },
  };
}
