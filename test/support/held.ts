/** What a process uses, as Linux tells it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Held {
  /** Open file descriptors. */
  readonly descriptors: number;
  /** Resident memory, bytes. */
  readonly resident: number;
}

export function heldBy(pid: number): Held {
  const statm = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, resident: Number(statm[1]) * 4096 };
}

/** Seconds of one core that it has used since it began. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // of user and system, in hundredths
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** What each descriptor is, for the message when there are too many. */
export const descriptorsOf = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return `${fd} ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`;
    } catch {
      return `${fd} gone`;
    }
  });

export const megabytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
