import { readFileSync } from 'node:fs';

/** What tells one process from another of the same number, as far as the system says. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in ticks since the machine did. */
  readonly started?: string;
  /** Another one after each start of the machine. */
  readonly boot?: string;
}

/** null: the system does not say. Empty: it has ended. */
function startOf(pid: number): string | null {
  try {
    // the second field is the program's name, which may have anything in it
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // a zombie has ended, and its number is only kept for who started it
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

/** Whether a process that wrote this down lives still. One that the system says nothing about counts as living. */
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
