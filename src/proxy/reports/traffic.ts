import type { Clock } from '../../store/ground/clock.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { Traffic } from '../contract/snapshot.js';

const SECONDS = 60;

/** Counts requests and errors as they end: in all, and for each of the last seconds. */
export class TrafficMeter {
  private requests = 0;
  private errors = 0;
  private second: number;
  private readonly perSecond: number[] = [];
  private readonly errorsPerSecond: number[] = [];
  private running = { requests: 0, errors: 0 };

  constructor(private readonly clock: Clock) {
    this.second = Math.floor(clock.monotonic() / 1000);
  }

  count(record: AccessRecord): void {
    this.advance();
    const failed = hasFailed(record) ? 1 : 0;
    this.requests++;
    this.errors += failed;
    this.running.requests++;
    this.running.errors += failed;
  }

  read(inFlight: number, waiting: number): Traffic {
    this.advance();
    return {
      requests: this.requests,
      errors: this.errors,
      inFlight,
      waiting,
      perSecond: [...this.perSecond],
      errorsPerSecond: [...this.errorsPerSecond],
    };
  }

  /** Closes every second that has passed since the last call. */
  private advance(): void {
    const now = Math.floor(this.clock.monotonic() / 1000);
    const passed = Math.min(now - this.second, SECONDS);
    for (let i = 0; i < passed; i++) {
      push(this.perSecond, this.running.requests);
      push(this.errorsPerSecond, this.running.errors);
      this.running = { requests: 0, errors: 0 };
    }
    this.second = now;
  }
}

/** Whether a request counts as failed: a 429 that names no account is the proxy's own, so no account served it. */
const hasFailed = ({ status, account, streamError }: AccessRecord): boolean =>
  status === 0 || status >= 500 || (status === 429 && account === null) || (streamError ?? null) !== null;

function push(seconds: number[], value: number): void {
  seconds.push(value);
  if (seconds.length > SECONDS) seconds.shift();
}
