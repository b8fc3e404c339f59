import { spawn } from 'node:child_process';
import type { Clock } from '../../store/ground/clock.js';
import { reasonOf, systemCode } from '../../store/ground/errors.js';
import { SpareDescriptors } from './spare-descriptors.js';

/** A sign of life is sent after this part of the time that the service manager waits for one. */
const SHARE = 3;

/** What starting a process without pipes takes: two of a pipe that tells whether it started, and one that it opens. */
const DESCRIPTORS = 4;
const LONGEST_MS = 5_000;

/**
 * Reports the service's state to systemd (sd_notify(3)), where that asks for it with NOTIFY_SOCKET: that it listens,
 * that it lives, that it ends. The socket takes datagrams, which Node cannot send to a path, so systemd's own
 * `systemd-notify` sends them; the unit has to allow that with `NotifyAccess=all`.
 */
export class ServiceManager {
  private readonly isAsked: boolean;
  private cancel: () => void = () => undefined;
  private said = Promise.resolve();
  private hasComplained = false;
  /** So that the watchdog is fed whatever else has none. */
  private readonly spare: SpareDescriptors | null;

  /** @param complain - called once if reporting fails, with the reason */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly clock: Clock,
    private readonly complain: (text: string) => void,
  ) {
    this.isAsked = (env.NOTIFY_SOCKET ?? '') !== '';
    this.spare = this.isAsked ? new SpareDescriptors(DESCRIPTORS) : null;
  }

  /** The proxy listens: reports that, and from now on that it lives, if a watchdog waits for that. Resolves when told. */
  ready(status: string): Promise<void> {
    this.tell('READY=1', `STATUS=${status}`, `MAINPID=${process.pid}`);
    const told = this.said;
    const patienceMs = this.watchdogMs();
    this.cancel();
    if (patienceMs !== null) this.feed(patienceMs / SHARE);
    return told;
  }

  /**
   * Another process is about to take over. systemd wants the time with it, so that it can tell this from an older
   * report (sd_notify(3)): Node's high resolution clock is the system's CLOCK_MONOTONIC.
   */
  reloading(status: string): void {
    const micros = process.hrtime.bigint() / 1_000n;
    this.tell('RELOADING=1', `MONOTONIC_USEC=${micros}`, `STATUS=${status}`);
  }

  stopping(status: string): void {
    this.tell('STOPPING=1', `STATUS=${status}`);
  }

  close(): void {
    this.cancel();
    this.spare?.close();
  }

  /** How long the watchdog waits for a sign of life; null: there is none. */
  private watchdogMs(): number | null {
    const { WATCHDOG_USEC = '', WATCHDOG_PID } = this.env;
    const ms = Number(WATCHDOG_USEC) / 1000;
    const isForUs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
    return this.isAsked && isForUs && Number.isFinite(ms) && ms > 0 ? ms : null;
  }

  /**
   * Reports regularly that it lives. The timer runs only while the event loop does, which is what the watchdog checks.
   */
  private feed(everyMs: number): void {
    this.tell('WATCHDOG=1');
    this.cancel = this.clock.after(everyMs, () => this.feed(everyMs));
  }

  /** Sends reports one after the other, so that `STOPPING` never comes before `READY`. */
  private tell(...assignments: readonly string[]): void {
    if (!this.isAsked) return;
    this.said = this.said.then(() => this.send(assignments));
  }

  private send(assignments: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const { env } = this;
      const start = () => spawn('systemd-notify', assignments, { env, stdio: 'ignore', timeout: LONGEST_MS });
      const child = this.spare?.lend(start) ?? start();
      child.once('error', (error) => {
        this.complainOnce(systemCode(error) === 'ENOENT' ? 'there is no systemd-notify' : reasonOf(error));
        resolve();
      });
      child.once('exit', (status) => {
        if (status !== 0) this.complainOnce(`systemd-notify ended with ${status ?? 'a signal'}`);
        resolve();
      });
    });
  }

  private complainOnce(why: string): void {
    if (this.hasComplained) return;
    this.hasComplained = true;
    this.complain(`The service manager cannot be told how this service is: ${why}`);
  }
}
