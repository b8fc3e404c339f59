export type StopSignal = 'SIGTERM' | 'SIGINT';

/** What asks a running supervisor to do something; Node's own answers to them are off (`debugger-signals`). */
export type WorkSignal = 'SIGUSR1' | 'SIGUSR2' | 'SIGHUP';

/** The signals that concern a running supervisor or its screen, from the moment this is made until `release`. */
export class Signals {
  /** Resolves with the first one that asks this process to end. */
  readonly stop: Promise<StopSignal>;
  private askStop: (signal: StopSignal) => void = () => undefined;
  private readonly hangUps = new Set<() => void>();
  private readonly work: (readonly [signal: WorkSignal, listener: () => void])[] = [];
  private readonly onStop = (signal: NodeJS.Signals): void => this.askStop(signal as StopSignal);
  private readonly onHangUp = (): void => {
    const tellAll = [...this.hangUps];
    this.hangUps.clear();
    for (const tell of tellAll) tell();
  };

  constructor() {
    this.stop = new Promise((resolve) => (this.askStop = resolve));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, this.onStop);
    process.on('SIGHUP', this.onHangUp);
  }

  /**
   * Calls `listener` when the terminal hangs up (SIGHUP), once: conf's when-exit sends the first of each signal again to
   * its own process, so that one hang-up is heard twice.
   */
  onTerminalGone(listener: () => void): () => void {
    this.hangUps.add(listener);
    return () => this.hangUps.delete(listener);
  }

  /** Calls `listener` at each of these signals. */
  on(signal: WorkSignal, listener: () => void): void {
    this.work.push([signal, listener]);
    process.on(signal, listener);
  }

  release(): void {
    for (const [signal, listener] of this.work) process.off(signal, listener);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, this.onStop);
    process.off('SIGHUP', this.onHangUp);
  }
}

/** What the shell says of a process that ended by Ctrl-C; SIGTERM is how a service manager ends a good one. */
export const exitAfter: Record<StopSignal, number> = { SIGTERM: 0, SIGINT: 130 };
