import { saying } from '../../../store/words/saying.js';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import * as v from 'valibot';
import { HANDOVER } from '../../../proxy/contract/succession/handover.js';
import { isAlive } from '../../../store/disk/process-identity.js';
import { systemClock } from '../../../store/ground/clock.js';
import { CannotRun, messageOf } from '../../../store/ground/errors.js';
import { version } from '../../../store/ground/version.js';
import type { Handed } from './listening-sockets.js';
import { FIRST_INHERITED, ToSuccessorSchema, type FromSuccessor, type ToSuccessor } from './handover-messages.js';

type Hello = Extract<ToSuccessor, { step: 'hello' }>;

/** A process that was killed is still there for so long at most, after its channel has ended. */
const DYING_MS = 1_000;
const LOOK_EVERY_MS = 20;

/** Whether the process that started this one is there, and not just about to be gone. */
async function staysAlive(pid: number): Promise<boolean> {
  const isThere = (): boolean => process.ppid === pid && isAlive({ pid });
  for (let waited = 0; waited < DYING_MS && isThere(); waited += LOOK_EVERY_MS) await systemClock.wait(LOOK_EVERY_MS);
  return isThere();
}

/** The process that this one is to follow, as it speaks over the channel that this one was started with. */
export class Predecessor {
  private readonly hello: Promise<Hello>;
  /** Resolves when the data directory was given away, or the predecessor has ended. */
  private readonly yours: Promise<unknown>;
  private readonly waiting: Socket[] = [];
  private takeIn: ((socket: Socket) => void) | null = null;

  constructor() {
    if (process.send === undefined)
      throw new CannotRun('NO_PREDECESSOR', saying('--successor is only for `regrant restart`'));
    let [greet, give]: [(hello: Hello) => void, () => void] = [() => undefined, () => undefined];
    this.hello = new Promise((resolve) => (greet = resolve));
    this.yours = Promise.race([new Promise<void>((resolve) => (give = resolve)), once(process, 'disconnect')]);
    process.on('message', (message, handle) => {
      const parsed = v.safeParse(ToSuccessorSchema, message);
      if (!parsed.success) return;
      if (parsed.output.step === 'hello') greet(parsed.output);
      else if (parsed.output.step === 'yours') give();
      else this.takes(handle);
    });
  }

  /**
   * Says that this program could start, and waits until the data directory is its own.
   *
   * @throws {CannotRun} the predecessor wants it no more
   */
  async directory(): Promise<Handed> {
    this.tell({ step: 'loaded', handover: HANDOVER, version });
    const { listening, port, pid } = await this.hello;
    await this.yours;
    // one that was killed has let everything go as well: then this process goes on in its place
    if (!process.connected && (await staysAlive(pid))) {
      throw new CannotRun('NOT_WANTED', saying('the process that was to be followed goes on by itself'));
    }
    const descriptors = Array.from({ length: listening }, (_, index) => FIRST_INHERITED + index);
    return { listening: descriptors, lock: FIRST_INHERITED + listening, port, pid };
  }

  /** Says that this process serves; connections that are passed on come to `take`. */
  serves(address: string, take: (socket: Socket) => void): void {
    this.tell({ step: 'ready', address });
    this.takeIn = take;
    for (const socket of this.waiting.splice(0)) take(socket);
  }

  /** Says that the service manager knows of this process. */
  settled(): void {
    this.tell({ step: 'settled' });
  }

  /** Says why this process cannot serve, and resolves when that is said. */
  async failed(error: unknown): Promise<void> {
    await new Promise<void>((resolve) => {
      if (process.send === undefined || !process.connected) resolve();
      else process.send({ step: 'failed', text: messageOf(error) } satisfies FromSuccessor, () => resolve());
    });
  }

  private takes(handle: unknown): void {
    // a handle is all that comes over the channel: the connection is made of it here
    const options = { handle, readable: true, writable: true, allowHalfOpen: true };
    const socket = new net.Socket(options);
    if (this.takeIn === null) this.waiting.push(socket);
    else this.takeIn(socket);
  }

  private tell(message: FromSuccessor): void {
    if (process.connected) process.send?.(message, () => undefined);
  }
}
