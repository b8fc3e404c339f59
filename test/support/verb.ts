/** A command line verb in this process, with what it prints. */
import { Readable, Writable } from 'node:stream';
import type { Context } from '../../src/commands/context.js';
import { systemClock } from '../../src/store/ground/clock.js';

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs a verb on a data directory to its end. */
export async function runVerb(
  verb: (context: Context) => Promise<number>,
  dataDir: string,
  { input = '' }: { readonly input?: string } = {},
): Promise<Said> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
  const status = await verb({ dataDir, env: {}, clock: systemClock, stdin, stdout, stderr });
  return { status, stdout: stdout.text, stderr: stderr.text };
}
