/** Accounts that just died flash, accounts that just came back are green: both derived from the clock, never counted in frames. */
import type { AccountRow, AccountState } from '../proxy/snapshot.js';
import type { Highlight } from './accounts.js';

const PHASE_MS = 200;
/** Six phases: three times reverse, three times plain. 2.5 flashes a second stays under the 3 that can harm. */
const FLASH_MS = 6 * PHASE_MS;
const RECOVERED_MS = 3000;

const wasOut: readonly AccountState[] = ['disabled', 'refused', 'no_client', 'unreadable', 'blocked'];

export class Flash {
  #states = new Map<string, AccountState>();
  #dead = new Set<string>();
  #start = -Infinity;
  #until = -Infinity;
  #recovered = new Map<string, number>();
  #seen = false;

  /**
   * Compares with the states seen before.
   *
   * @returns the accounts that died since; deaths while a flash runs join it, so that many are one
   */
  observe(accounts: readonly AccountRow[], now: number): AccountRow[] {
    const died: AccountRow[] = [];
    const states = new Map<string, AccountState>();
    for (const account of accounts) {
      const before = this.#states.get(account.id);
      states.set(account.id, account.state);
      if (before === undefined || before === account.state) continue;
      if (account.state === 'disabled') died.push(account);
      if (account.state === 'ready' && wasOut.includes(before)) this.#recovered.set(account.id, now + RECOVERED_MS);
    }
    this.#states = states;
    if (!this.#seen) {
      this.#seen = true;
      return [];
    }
    if (died.length > 0) this.#begin(died, now);
    return died;
  }

  #begin(died: readonly AccountRow[], now: number): void {
    if (now >= this.#until) {
      this.#start = now;
      this.#dead.clear();
    }
    // Whole phases on from the running flash, so that its rhythm stays.
    this.#until = this.#start + Math.ceil((now - this.#start) / (2 * PHASE_MS)) * 2 * PHASE_MS + FLASH_MS;
    for (const { id } of died) this.#dead.add(id);
  }

  running(now: number): boolean {
    return now < this.#until;
  }

  /** The half of the rhythm in which things stand in reverse. With `ui.flash` off it is one long one. */
  lit(now: number, isSteady: boolean): boolean {
    return this.running(now) && (isSteady || Math.floor((now - this.#start) / PHASE_MS) % 2 === 0);
  }

  highlight(id: string, now: number, isSteady: boolean): Highlight {
    if (this.#dead.has(id) && this.lit(now, isSteady)) return 'flash';
    return now < (this.#recovered.get(id) ?? -Infinity) ? 'recovered' : null;
  }

  /** When it will look different without anything happening, ms since 1970; null: not by itself. */
  nextChange(now: number): number | null {
    const times: number[] = [];
    if (this.running(now)) times.push(this.#start + (Math.floor((now - this.#start) / PHASE_MS) + 1) * PHASE_MS);
    for (const [id, until] of this.#recovered) {
      if (until > now) times.push(until);
      else this.#recovered.delete(id);
    }
    return times.length === 0 ? null : Math.min(...times);
  }
}
