/** What an attacker knows of the running supervisor. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** A key of a client: stolen, or of a client with bad intentions. */
  readonly key: string;
  readonly pid: number;
  /** The control socket. */
  readonly socket: string;
  /** The folder of account files, as another program of the same user writes them. */
  readonly accounts: string;
  /** A log of another program that the supervisor follows. */
  readonly followed: string;
  /** Scales what makes an attack large: 1 in the long run. */
  readonly size: number;
}

/** One kind of attack. It ends by itself, and what it opened is closed when it does. */
export interface Attack {
  readonly name: string;
  /** How long it rests between two rounds, ms. */
  readonly everyMs: number;
  /** @param round - counts from 0 */
  round(target: Target, round: number): Promise<void>;
}
