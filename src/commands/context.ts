import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../store/ground/clock.js';

/** What a command line verb has to work with. */
export interface Context {
  /** As given with `--data-dir`. */
  readonly dataDir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export const exit = { done: 0, failed: 1, usage: 2, cannotRun: 3, bug: 70 } as const;

export const say = (stream: Writable, text: string): void => void stream.write(`${text}\n`);
