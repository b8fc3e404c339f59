import { networkInterfaces } from 'node:os';
import type { Clock } from '../../../store/ground/clock.js';

/** Why connections that were open before may be dead. */
export type NetworkChange = 'slept' | 'interfaces';

/** How often the network interfaces are read. */
const LOOK_EVERY_MS = 5_000;
/** So much more time than that has passed only where the machine, or this program, was asleep. */
const ASLEEP_MS = 5_000;

export interface NetworkWatchParts {
  readonly clock: Clock;
  readonly onChange: (change: NetworkChange) => void;
  /** The machine's addresses, as `addressesNow`. */
  readonly addresses?: (() => string) | undefined;
}

/** Notices that the machine slept, or that an address came or went, a few seconds late at most. */
export class NetworkWatch {
  private lookedAt = 0;
  private known = '';
  private cancel: (() => void) | null = null;

  constructor(private readonly parts: NetworkWatchParts) {}

  start(): void {
    this.lookedAt = this.parts.clock.monotonic();
    this.known = this.addresses();
    this.lookLater();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  /**
   * Called before something is sent, with the monotonic time: after a sleep that may be before the next look is due,
   * as timers stand still in it.
   */
  note(now: number): void {
    if (now - this.lookedAt > LOOK_EVERY_MS + ASLEEP_MS && this.cancel !== null) this.look();
  }

  private lookLater(): void {
    this.cancel = this.parts.clock.after(LOOK_EVERY_MS, () => {
      this.look();
      this.lookLater();
    });
  }

  private look(): void {
    const { clock, onChange } = this.parts;
    const now = clock.monotonic();
    const hasSlept = now - this.lookedAt > LOOK_EVERY_MS + ASLEEP_MS;
    const addresses = this.addresses();
    const isOther = addresses !== this.known;
    this.lookedAt = now;
    this.known = addresses;
    if (hasSlept || isOther) onChange(hasSlept ? 'slept' : 'interfaces');
  }

  private addresses(): string {
    return (this.parts.addresses ?? addressesNow)();
  }
}

/** The addresses that packets to other machines may come from; empty where the system does not tell. */
export function addressesNow(): string {
  let all: ReturnType<typeof networkInterfaces>;
  try {
    all = networkInterfaces();
  } catch {
    return '';
  }
  return Object.entries(all)
    .flatMap(([name, infos = []]) => infos.filter(reachesOut).map(({ address }) => `${name} ${address}`))
    .sort()
    .join('\n');
}

/** Loopback and link-local addresses come and go with every container, and nothing goes out over them. */
const reachesOut = ({ internal, address }: { readonly internal: boolean; readonly address: string }): boolean =>
  !internal && !/^(?:fe[89ab].:|169\.254\.)/i.test(address);
