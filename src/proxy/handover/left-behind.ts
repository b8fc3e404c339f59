import type { PredecessorNews, EndedRequest, RestElsewhere } from '../contract/succession/handover.js';

/** So much is told at a time. */
const MOST_ENDED = 200;
const MOST_LINE_CHARACTERS = 100_000;

/** What this process serves at this moment. */
export type StillServed = Pick<PredecessorNews, 'inFlight' | 'accounts' | 'keys' | 'wanted'>;

/**
 * What ends in this process after it has given its data directory away: it is written nowhere here, but kept until the
 * successor has been told.
 */
export class LeftBehind {
  private lines: string[] = [];
  private ended: EndedRequest[] = [];
  private last = '';
  private rests: { readonly rest: RestElsewhere; readonly tellHere: () => void }[] = [];
  private awaited: PredecessorNews['awaited'] = {};

  constructor(private readonly served: () => StillServed) {}

  line(lines: string): void {
    this.lines.push(lines);
  }

  request(ended: EndedRequest): void {
    this.ended.push(ended);
  }

  /** An account began to rest. @param tellHere - tells it in this process, called if this goes on after all */
  rested(rest: RestElsewhere, tellHere: () => void): void {
    this.rests.push({ rest, tellHere });
  }

  /** The accounts that came back and had not served when the directory was given away. */
  awaits(awaited: PredecessorNews['awaited']): void {
    this.awaited = awaited;
  }

  /** Another process is told from now on, which knows nothing of what is served here. */
  tellAnew(): void {
    this.last = '';
  }

  /** The next news; null: there is nothing new. */
  take(): PredecessorNews | null {
    const served = this.served();
    const ended = this.ended.splice(0, MOST_ENDED);
    const lines = this.takeLines();
    const now = JSON.stringify(served);
    const rests = this.rests.splice(0, MOST_ENDED).map(({ rest }) => rest);
    const isNothingNew = ended.length === 0 && rests.length === 0 && lines === '' && now === this.last;
    if (isNothingNew) return null;
    this.last = now;
    const { awaited } = this;
    this.awaited = {};
    return { pid: process.pid, lines, ended, rests, awaited, ...served };
  }

  /** Nobody needs to be told: this process goes on. */
  forget(): void {
    this.ended = [];
    this.awaited = {};
    this.last = '';
    for (const { tellHere } of this.rests.splice(0)) tellHere();
  }

  /** All lines that were not told yet. */
  takeAllLines(): string {
    return this.lines.splice(0).join('');
  }

  private takeLines(): string {
    let lines = '';
    while (lines.length < MOST_LINE_CHARACTERS) {
      const next = this.lines.shift();
      if (next === undefined) break;
      lines += next;
    }
    return lines;
  }
}
