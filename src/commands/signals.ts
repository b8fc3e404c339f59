export type StopSignal = 'SIGTERM' | 'SIGINT';

/**
 * The signals that ask a running supervisor to do something; Node's own reactions to them are off (`debugger-signals`).
 */
export type WorkSignal = (typeof workSignals)[number];
const workSignals = ['SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const;

/** Listens for the signals that concern a running supervisor or its screen, until `release`. */
export class Signals {
  /** Resolves with the first signal that asks this process to end. */
  readonly stop: Promise<StopSignal>;
  private askStop: (signal: StopSignal) => void = () => undefined;
  private readonly hangUps = new Set<() => void>();
  private readonly work = new Map<string, (() => void)[]>();
  /** Work signals that came while nobody listened yet, during the start. */
  private readonly early = new Set<string>();
  private readonly onStop = (signal: NodeJS.Signals): void => this.askStop(signal as StopSignal);
  private readonly onHangUp = (): void => {
    const tellAll = [...this.hangUps];
    this.hangUps.clear();
    for (const tell of tellAll) tell();
  };

  private readonly onWork = (signal: NodeJS.Signals): void => {
    const listeners = this.work.get(signal);
    if (listeners === undefined) this.early.add(signal);
    else for (const listener of listeners) listener();
  };

  constructor() {
    this.stop = new Promise((resolve) => (this.askStop = resolve));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, this.onStop);
    process.on('SIGHUP', this.onHangUp);
    for (const signal of workSignals) process.on(signal, this.onWork);
  }

  /**
   * Calls `listener` when the terminal hangs up (SIGHUP), once: conf's when-exit sends the first of each signal to its
   * own process again, so that one hang-up would count twice.
   */
  onTerminalGone(listener: () => void): () => void {
    this.hangUps.add(listener);
    return () => this.hangUps.delete(listener);
  }

  /** Calls `listener` at each of these signals, and at once if one came while nobody listened. */
  on(signal: WorkSignal, listener: () => void): void {
    this.work.set(signal, [...(this.work.get(signal) ?? []), listener]);
    if (this.early.delete(signal)) listener();
  }

  release(): void {
    for (const signal of workSignals) process.off(signal, this.onWork);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, this.onStop);
    process.off('SIGHUP', this.onHangUp);
  }
}

/**
 * Exit statuses after a signal: as shells report Ctrl-C; 0 for SIGTERM, with which a service manager ends a service
 * regularly.
 */
export const exitAfter: Record<StopSignal, number> = { SIGTERM: 0, SIGINT: 130 };
