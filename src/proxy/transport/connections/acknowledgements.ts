import { systemCode } from '../../../store/ground/errors.js';
import { byItself } from '../../../store/ground/faults.js';
import type { KeptConnection } from './kept-connection.js';
import { type Ends, endsOf, readSendQueues, type SendQueue } from './send-queues.js';

/** A request that has heard nothing yet, and could be sent again. */
export interface Unheard {
  /** Since when, ms ago: since it was sent, or since more of it was. */
  readonly quietMs: number;
  /** Whether all of it was handed to its connection. */
  readonly isSent: boolean;
  readonly carrier: KeptConnection | null;
  /** The other end has all of it, or nobody can say: it is not looked at any more. */
  isTaken: boolean;
  /** Ends it: nobody has acknowledged its bytes. */
  unacknowledged(): void;
}

/** What a connection had still to send when it was looked at. */
export interface Unsent {
  readonly queue: SendQueue;
  /** Bytes that were handed to the connection since it was opened. */
  readonly written: number;
  /** Whether some of these wait in this program. */
  readonly isPending: boolean;
}

/** A look at an unheard request, kept until the next. */
export interface Look {
  readonly unsent: Unsent;
  /** Since when these same bytes have been waiting, as `quietMs` of the request. */
  readonly stuckAtMs: number;
}

/** The part of the setting after which a silent request is looked at for the first time. */
const FIRST_LOOK = 0.2;
/** An end that said it is full answers each question whether it has room; the answer to the last may be on its way. */
const FEWEST_QUESTIONS = 2;
/** Errors of a system that does not tell at all. */
const NEVER_TOLD: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'EPERM']);

/**
 * Judges a request by the bytes that its connection has still to send.
 *
 * @param before - the look before; null: there was none
 * @param checkMs - so long nobody may acknowledge anything
 * @returns `taken`: the other end has all of it; `dead`: nobody has acknowledged anything for too long
 */
export function judge(
  request: Pick<Unheard, 'quietMs' | 'isSent'>,
  unsent: Unsent,
  before: Look | null,
  checkMs: number,
): 'taken' | 'dead' | Look {
  const { quietMs, isSent } = request;
  const { queue, isPending } = unsent;
  if (queue.bytes === 0 && !isPending && isSent) return 'taken';
  const stuckAtMs = before !== null && isSame(before.unsent, unsent) ? before.stuckAtMs : sinceWhen(request, before);
  const isUnanswered = queue.repeats >= (queue.isFull ? FEWEST_QUESTIONS : 1);
  // "More than", because the first period that is counted began before the silence did.
  return isUnanswered && quietMs - stuckAtMs > checkMs ? 'dead' : { unsent, stuckAtMs };
}

/** At the first look, what was sent whole has been waiting since then; of an upload that goes on this is not known. */
const sinceWhen = ({ quietMs, isSent }: Pick<Unheard, 'quietMs' | 'isSent'>, before: Look | null): number =>
  before === null && isSent ? 0 : quietMs;

const isSame = (one: Unsent, other: Unsent): boolean =>
  one.queue.bytes > 0 && one.queue.bytes === other.queue.bytes && one.written === other.written;

/** The requests under way. */
interface UnderWay {
  forEach(act: (one: { readonly unheard: Unheard | null }) => void): void;
}

export interface AcknowledgementParts {
  /** Read at each look. */
  readonly rules: { readonly connectionCheckSeconds: number };
  /** Called before requests are ended because nobody acknowledged them. */
  readonly onDead: (requests: number) => void;
  /** The system's send queues, as `readSendQueues`. */
  readonly read?: typeof readSendQueues;
}

/**
 * Finds connections that died without a word, as behind a NAT that forgot them: nobody acknowledges what was sent on
 * them, and the system would go on sending it again for a quarter of an hour. Only requests that have heard nothing
 * for a while are looked at, all at once, and none again once the other end has it.
 */
export class Acknowledgements {
  private looks = new Map<Unheard, Look>();
  private isLooking = false;
  /** This system does not tell. */
  private isBlind = false;

  constructor(private readonly parts: AcknowledgementParts) {}

  /** Looks at what is silent; called about once a second. */
  look(underWay: UnderWay): void {
    if (this.isLooking || this.isBlind) return;
    const checkMs = this.parts.rules.connectionCheckSeconds * 1000;
    const silent: Unheard[] = [];
    underWay.forEach(({ unheard }) => {
      if (unheard !== null && unheard.quietMs >= checkMs * FIRST_LOOK) silent.push(unheard);
    });
    if (silent.length === 0) {
      this.looks.clear();
      return;
    }
    this.isLooking = true;
    byItself('a look at silent connections', this.lookAt(silent, checkMs));
  }

  private async lookAt(silent: readonly Unheard[], checkMs: number): Promise<void> {
    const { read = readSendQueues } = this.parts;
    try {
      const ends = new Map(silent.map((request) => [request, endsOfCarrier(request)]));
      const queues = await read([...ends.values()].filter((one) => one !== null));
      this.judgeAll(ends, queues, checkMs);
    } catch (error) {
      this.isBlind = NEVER_TOLD.has(systemCode(error));
    } finally {
      this.isLooking = false;
    }
  }

  private judgeAll(
    ends: ReadonlyMap<Unheard, Ends | null>,
    queues: ReadonlyMap<string, SendQueue>,
    checkMs: number,
  ): void {
    const looks = new Map<Unheard, Look>();
    const dead: Unheard[] = [];
    for (const [request, end] of ends) {
      const queue = end === null ? undefined : queues.get(end.key);
      const socket = request.carrier?.socket ?? null;
      if (queue === undefined || socket === null) {
        request.isTaken = true;
        continue;
      }
      const unsent = { queue, written: socket.bytesWritten, isPending: socket.writableLength > 0 };
      const found = judge(request, unsent, this.looks.get(request) ?? null, checkMs);
      if (found === 'taken') request.isTaken = true;
      else if (found === 'dead') dead.push(request);
      else looks.set(request, found);
    }
    this.looks = looks;
    if (dead.length === 0) return;
    this.parts.onDead(dead.length);
    for (const request of dead) request.unacknowledged();
  }
}

const endsOfCarrier = ({ carrier }: Unheard): Ends | null => {
  const socket = carrier?.socket ?? null;
  return socket === null ? null : endsOf(socket);
};
