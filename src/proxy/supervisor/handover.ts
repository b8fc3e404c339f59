import type { Socket } from 'node:net';
import type { Clock } from '../../store/ground/clock.js';
import type { Saying } from '../../store/ground/errors.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import { english, joinedSayings, read, reason, saying } from '../../store/words/saying.js';
import { lossText, type Store } from '../../store/open.js';
import { within } from '../../store/ground/within.js';
import {
  RestartFailed,
  type EndedRequest,
  type Inheritance,
  type PredecessorNews,
  type RestElsewhere,
  type Succession,
  type Successor,
} from '../contract/succession/handover.js';
import type { Restarted } from '../contract/operations.js';
import type { Exchanges } from '../grants/exchanges.js';
import type { HeldOperations } from './lock-watch.js';
import { NotAsked } from '../oauth/errors.js';
import type { ProxyServer } from '../server/server.js';
import { LeftBehind, type StillServed } from '../handover/left-behind.js';
import { Predecessors, type PredecessorParts } from '../handover/predecessors.js';

/** How long exchanges and operations under way are waited for before the directory is let go. */
const LAST_ANSWERS_MS = 60_000;
/** How long the successor may take to load its program. */
const LOAD_MS = 30_000;
/** How long the successor may take to serve once it has the directory. */
const TAKE_OVER_MS = 15_000;

export interface HandoverParts extends PredecessorParts {
  readonly store: Pick<
    Store,
    'accounts' | 'state' | 'exchanges' | 'events' | 'index' | 'lock' | 'log' | 'notices' | 'shared'
  >;
  readonly clock: Clock;
  readonly exchanges: Exchanges;
  readonly operations: HeldOperations;
  readonly server: ProxyServer;
  /** What is served here at this moment. */
  readonly served: () => StillServed;
  /** The accounts that came back and have not served since, by id: ms since 1970. */
  readonly awaited: () => PredecessorNews['awaited'];
  /** Begins nothing more by itself, and saves what it knows. */
  readonly pause: () => Promise<void>;
  /** Undoes `pause`, and reads the accounts again. */
  readonly resume: () => Promise<void>;
}

/**
 * Gives the data directory and the port to a successor, so that at every moment exactly one process may write there,
 * and no connection is refused. Until the successor serves, nothing is final: if it fails, everything is taken back.
 */
export class Handover implements Succession {
  /** Whether a successor serves: this process writes nothing any more, and ends with its last request. */
  isDone = false;
  /** That a restart is under way and what it waits for; null: none is. */
  waiting: string | null = null;
  private successor: Successor | null = null;
  private asked: (() => Promise<Restarted>) | null = null;
  private readonly left: LeftBehind;
  private readonly predecessors: Predecessors;

  constructor(private readonly parts: HandoverParts) {
    this.left = new LeftBehind(parts.served);
    this.predecessors = new Predecessors({
      ...parts,
      ended: (request) => {
        parts.ended(request);
        // a predecessor may not know yet that this process is followed too
        this.ended(request);
      },
    });
  }

  get inheritance(): Inheritance {
    const { server, store } = this.parts;
    return { listening: server.listener.descriptors, lock: store.lock.descriptor };
  }

  /** How many requests predecessors still serve. */
  get inFlightElsewhere(): number {
    return this.predecessors.inFlight;
  }

  get inFlight(): number {
    return this.parts.server.inFlight();
  }

  cut(): Promise<void> {
    return this.parts.server.close();
  }

  onAsked(restart: () => Promise<Restarted>): void {
    this.asked = restart;
  }

  restart(): Promise<Restarted> {
    if (this.asked !== null) return this.asked();
    return Promise.resolve({
      ok: false,
      text: 'this one cannot be restarted: it ends with its terminal',
      pid: process.pid,
    });
  }

  async handOver(start: (inheritance: Inheritance) => Successor): Promise<void> {
    const { store, exchanges } = this.parts;
    if (this.waiting !== null || this.isDone) throw new RestartFailed(saying('a restart is under way already'));
    if (!store.lock.isOurs)
      throw new RestartFailed(saying('another regrant has the data directory: end one of the two first'));
    this.waits(english('a new process takes over: waiting for the new process to start'));
    exchanges.hold(new NotAsked('unknown', 'restarting', english('regrant restarts: its successor asks for it')));
    try {
      this.successor = start(this.inheritance);
      await Promise.all([this.loaded(this.successor), this.quiet()]);
      await this.letGo();
      await this.takenOver(this.successor);
      this.isDone = true;
    } catch (error) {
      await this.successor?.kill();
      await this.takeBack();
      throw error instanceof RestartFailed ? error : new RestartFailed(reason(error));
    } finally {
      this.waits(null);
    }
  }

  async drained(): Promise<void> {
    const { successor } = this;
    if (successor !== null) await this.parts.server.handOver((socket) => successor.pass(socket));
  }

  news(): PredecessorNews | null {
    // this process may end with what it tells now
    this.parts.store.log.flush();
    return this.left.take();
  }

  tellAnew(): void {
    this.left.tellAnew();
  }

  /** A request has ended here, or in a predecessor. */
  ended(request: EndedRequest): void {
    if (!this.parts.store.lock.isOurs) this.left.request(request);
  }

  /**
   * An account has begun to rest here.
   *
   * @param tellHere - tells it in this process, should this go on after all
   * @returns whether the successor tells it
   */
  rested(rest: () => RestElsewhere | null, tellHere: () => void): boolean {
    const told = this.parts.store.lock.isOurs ? null : rest();
    if (told !== null) this.left.rested(told, tellHere);
    return told !== null;
  }

  take(socket: Socket): void {
    this.parts.server.listener.take(socket);
  }

  heard(news: PredecessorNews): void {
    this.predecessors.heard(news);
  }

  gone(pid: number): void {
    this.predecessors.gone(pid);
  }

  private async loaded(successor: Successor): Promise<void> {
    await within(successor.loaded, LOAD_MS, this.parts.clock, () => {
      throw new RestartFailed(saying('the new process did not start within {n} s', { n: LOAD_MS / 1000 }));
    });
  }

  private async takenOver(successor: Successor): Promise<void> {
    this.waits(english('a new process takes over: waiting for the new process to serve'));
    await within(successor.takeOver(), TAKE_OVER_MS, this.parts.clock, () => {
      throw new RestartFailed(saying('the new process did not serve within {n} s', { n: TAKE_OVER_MS / 1000 }));
    });
  }

  /** Resolves when no exchange and no operation that writes is under way, or has gone on for too long. */
  private async quiet(): Promise<void> {
    const { exchanges, operations, clock } = this.parts;
    const waits = (): void => {
      if (this.waiting !== null) this.waits(waitingText(exchanges.count, operations.underWay));
    };
    waits();
    await within(
      Promise.all([exchanges.settled().then(waits), operations.settled().then(waits)]),
      LAST_ANSWERS_MS,
      clock,
      nothing,
    );
  }

  /** Everything is on disk, and from then on this process writes nothing there. */
  private async letGo(): Promise<void> {
    const { store, pause } = this.parts;
    await pause();
    await store.exchanges.settled();
    const unsaved = await store.accounts.flush();
    if (unsaved.length > 0) throw new RestartFailed(notOnDisk(unsaved));
    await store.index?.settled();
    await store.state.flush();
    await store.events.flush();
    await store.log.divert((lines) => this.left.line(lines));
    this.left.awaits(this.parts.awaited());
    store.shared?.leave();
    store.lock.lend();
  }

  private async takeBack(): Promise<void> {
    const { store, exchanges, resume } = this.parts;
    this.successor = null;
    if (!store.lock.isOurs) await store.lock.takeBack();
    store.shared?.stay();
    store.log.writeAgain(this.left.takeAllLines());
    this.left.forget();
    exchanges.resume();
    await resume();
  }

  private waits(text: string | null): void {
    this.waiting = text;
    this.parts.changed();
  }
}

/** What a restart waits for before the directory is let go: so many answers, and so many operations. */
function waitingText(answers: number, operations: number): string {
  const first =
    answers === 1
      ? english('{n} answer of the token endpoint', { n: answers })
      : english('{n} answers of the token endpoint', { n: answers });
  const last =
    operations === 1 ? english('{n} operation', { n: operations }) : english('{n} operations', { n: operations });
  if (answers === 0 && operations === 0)
    return english('a new process takes over: waiting for the new process to start');
  if (answers > 0 && operations > 0)
    return english('a new process takes over: waiting for {first} and {last}', { first, last });
  return english('a new process takes over: waiting for {what}', { what: answers > 0 ? first : last });
}

const notOnDisk = (unsaved: readonly StoredAccount[]): Saying =>
  saying('not everything is on disk: {what}', {
    what: joinedSayings(
      unsaved.map((account) => read(lossText(account))),
      '; ',
    ),
  });

const nothing = (): void => undefined;
