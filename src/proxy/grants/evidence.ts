import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { StateStore } from '../../store/state/state-store.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { AccountChanges } from './account-changes.js';
import { firstEndOf, type GrantEnd } from './lifetime.js';
import { diedAtSeven, rankCauses } from './ranking.js';

/** Gathers what is known of a grant, here and among the other accounts: what ended it, or when it will end. */
export class GrantEvidence {
  /** Client → its accounts whose grants died seven days old. */
  private readonly sevenDayDeaths = new Map<string, Set<string>>();
  /** Account → the client that it is counted for. */
  private readonly counted = new Map<string, string>();
  private changes = 0;
  /** Whose deaths are to be counted anew when it is asked for; null: everybody's. */
  private stale: Set<string> | null = null;

  constructor(
    private readonly store: AccountStore,
    private readonly state: StateStore,
    private readonly clients: OAuthClients,
    private readonly clock: Clock,
    changes: AccountChanges,
  ) {
    changes.on('grants', (ids) => this.recount(ids));
  }

  /** The causes of the death of a grant, the likeliest first. The grant dies now, or died when its file says. */
  rank(account: Account, words: string, subtype: string): ReturnType<typeof rankCauses> {
    const known = this.state.grant(grantKey(account));
    const died = account.disabled?.at ?? unixSeconds(this.clock);
    const lastWorked = this.workedAt(account);
    return rankCauses({
      words,
      subtype,
      everWorked: known?.lastOk !== undefined || account.accessToken !== '',
      age: this.ageAt(account, died),
      accountAge: accountAgeAt(account, died),
      idle: lastWorked === null ? null : Math.max(0, died - lastWorked),
      lifetime: known?.lifetime ?? null,
      scopes: known?.scopes ?? '',
      othersDiedAtSeven: this.othersDiedAtSeven(account),
      logins: this.loginsBefore(account, died),
    });
  }

  /**
   * Changes whenever the causes of a death may be ranked otherwise, and neither its account nor the time has changed:
   * with what happened to others.
   */
  get basis(): string {
    this.catchUp();
    const { logins } = this.state;
    return `${this.changes} ${logins.length} ${logins.at(-1)?.token ?? ''}`;
  }

  /** When a living grant will end by itself; null: nothing indicates an end. */
  endOf(account: Account): GrantEnd | null {
    const known = this.state.grant(grantKey(account));
    const life = {
      endsAt: known?.endsAt ?? null,
      lifetime: known?.lifetime ?? null,
      bornAt: known?.firstSeen ?? account.createdAt,
      workedAt: this.workedAt(account),
      othersDiedAtSeven: this.othersDiedAtSeven(account),
    };
    return firstEndOf(life, unixSeconds(this.clock));
  }

  /** When the grant was last in use: an account that served had a fresh access token. Unix seconds; null: not known. */
  private workedAt(account: Account): number | null {
    const at = Math.max(this.state.grant(grantKey(account))?.lastOk ?? 0, account.lastUsed ?? 0);
    return at === 0 ? null : at;
  }

  /** Seconds between other logins of this user with this client and the death, the latest login first. */
  private loginsBefore(account: Account, died: number): number[] {
    const email = account.email.toLowerCase();
    const client = this.clients.nameOf(account);
    const own = grantKey(account);
    return this.state.logins
      .filter((login) => login.email === email && login.client === client && login.token !== own && login.at <= died)
      .map(({ at }) => died - at)
      .reverse();
  }

  /** Seconds that a grant is known to have lived by `died`, perhaps more; null: nothing is known. */
  private ageAt(account: Account, died: number): number | null {
    const seen = this.state.grant(grantKey(account))?.firstSeen ?? null;
    return seen === null || seen > died ? null : died - seen;
  }

  /**
   * How many other accounts of the same client lost their grants seven days old: several together indicate an app in
   * Testing.
   */
  private othersDiedAtSeven(account: Account): number {
    this.catchUp();
    const deaths = this.sevenDayDeaths.get(this.clients.nameOf(account));
    return deaths === undefined ? 0 : deaths.size - (deaths.has(account.id) ? 1 : 0);
  }

  private catchUp(): void {
    if (this.stale === null) for (const { id } of this.store.list()) this.count(id);
    else for (const id of this.stale) this.count(id);
    if (this.stale === null || this.stale.size > 0) this.stale = new Set();
  }

  private recount(ids: readonly string[]): void {
    for (const id of ids) this.stale?.add(id);
  }

  private count(id: string): void {
    const before = this.counted.get(id);
    const account = this.store.get(id)?.account ?? null;
    const now = account !== null && this.diedAtSeven(account) ? this.clients.nameOf(account) : undefined;
    if (before === now) return;
    this.changes++;
    if (before !== undefined) this.sevenDayDeaths.get(before)?.delete(id);
    this.counted.delete(id);
    if (now === undefined) return;
    this.counted.set(id, now);
    this.sevenDayDeaths.set(now, (this.sevenDayDeaths.get(now) ?? new Set()).add(id));
  }

  private diedAtSeven(account: Account): boolean {
    const died = account.disabled?.at ?? null;
    if (died === null) return false;
    const ages = [this.ageAt(account, died), accountAgeAt(account, died)];
    return ages.some((age) => age !== null && diedAtSeven(age));
  }
}

const accountAgeAt = ({ createdAt }: Account, died: number): number | null =>
  createdAt === null || createdAt > died ? null : died - createdAt;
