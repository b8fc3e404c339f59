import { execFile } from 'node:child_process';
import type { Clock } from '../../store/ground/clock.js';
import { reasonOf, systemCode } from '../../store/ground/errors.js';

/** A service manager that hears nothing for this part of its patience is told. */
const SHARE = 3;

/**
 * Tells systemd how the service is (sd_notify(3)), where it asks for it with NOTIFY_SOCKET: that it listens, that it
 * lives, that it ends. That socket takes datagrams, which Node cannot send on a path, so systemd's own
 * `systemd-notify` sends them; the unit has to allow that with `NotifyAccess=all`.
 */
export class ServiceManager {
  private readonly isAsked: boolean;
  private cancel: () => void = () => undefined;
  private said = Promise.resolve();
  private hasComplained = false;

  /** @param complain - hears why it cannot be told, once */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly clock: Clock,
    private readonly complain: (text: string) => void,
  ) {
    this.isAsked = (env.NOTIFY_SOCKET ?? '') !== '';
  }

  /** The proxy listens. From now on the watchdog is fed, where there is one. */
  ready(status: string): void {
    this.tell('READY=1', `STATUS=${status}`, `MAINPID=${process.pid}`);
    const patienceMs = this.watchdogMs();
    if (patienceMs !== null) this.feed(patienceMs / SHARE);
  }

  stopping(status: string): void {
    this.tell('STOPPING=1', `STATUS=${status}`);
  }

  close(): void {
    this.cancel();
  }

  /** How long it waits for a sign of life; null: it does not. */
  private watchdogMs(): number | null {
    const { WATCHDOG_USEC = '', WATCHDOG_PID } = this.env;
    const ms = Number(WATCHDOG_USEC) / 1000;
    const isForUs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
    return this.isAsked && isForUs && Number.isFinite(ms) && ms > 0 ? ms : null;
  }

  /** The timer runs only as long as the event loop turns: that is what the watchdog watches. */
  private feed(everyMs: number): void {
    this.tell('WATCHDOG=1');
    this.cancel = this.clock.after(everyMs, () => this.feed(everyMs));
  }

  /** One after the other, so that `STOPPING` never comes before `READY`. */
  private tell(...assignments: readonly string[]): void {
    if (!this.isAsked) return;
    this.said = this.said.then(() => this.send(assignments));
  }

  private send(assignments: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      execFile('systemd-notify', assignments, { env: this.env, timeout: 5_000 }, (error) => {
        if (error !== null && !this.hasComplained) {
          this.hasComplained = true;
          const why = systemCode(error) === 'ENOENT' ? 'there is no systemd-notify' : reasonOf(error);
          this.complain(`The service manager cannot be told how this service is: ${why}`);
        }
        resolve();
      });
    });
  }
}
