import { readFileSync } from 'node:fs';

/** What tells a process from another one that has the same process id, as far as the system says. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in clock ticks since the machine did. */
  readonly started?: string;
  /** The id of the machine's boot: another one after each start. */
  readonly boot?: string;
}

/** When a process started; null: the system does not say. Empty: it has ended. */
function startOf(pid: number): string | null {
  try {
    // the second field is the program's name in brackets, which may hold spaces
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // a zombie has ended; only its number is kept, for its parent
    return fields[0] === 'Z' ? '' : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

export function identityOfThis(): ProcessIdentity {
  const [started, boot] = [startOf(process.pid), bootId()];
  return { pid: process.pid, ...(started !== null && { started }), ...(boot !== null && { boot }) };
}

/**
 * Whether the process that wrote this down is still alive. Where the system says nothing about it, it counts as alive.
 */
export function isAlive({ pid, started, boot }: ProcessIdentity): boolean {
  const bootNow = bootId();
  if (boot !== undefined && bootNow !== null && boot !== bootNow) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const startedNow = startOf(pid);
  return startedNow === null || (startedNow !== '' && (started === undefined || started === startedNow));
}
