import type { Account } from '../../store/accounts/account.js';
import { AccountsUnlistable, type AccountStore, type Noticed } from '../../store/accounts/account-store.js';
import { KeptAccounts } from '../../store/accounts/kept-accounts.js';
import type { StoredAccount, View } from '../../store/accounts/stored-account.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Logger } from '../../store/records/log.js';
import type { AccountChanges } from '../grants/account-changes.js';
import type { LeftOut } from '../reports/left-out.js';
import { fewNames } from '../recovery/words.js';
import { keptOutByFile } from '../pool/standing.js';
import { ownValue } from '../../store/ground/json.js';

export interface ReloaderParts {
  readonly store: AccountStore;
  readonly changes: AccountChanges;
  readonly leftOut: LeftOut;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Forgets what was known of this account's refresh token beyond its file. */
  readonly forget: (account: Account) => void;
}

type Change = Pick<Noticed, 'file' | 'before' | 'after'>;

/** While another program writes one file after another, the log gets at most one line in this time. */
const LINE_EVERY_MS = 250;

/**
 * Takes in what other programs did to the account files, and tells the log what changed. The pool follows the store:
 * accounts that did not change keep their cool-downs, requests in flight and statistics.
 */
export class Reloader {
  /** Changes that were noticed, but are not in the log yet. */
  private waiting = new Map<string, Change>();
  /** The accounts that cannot be read: every line names them, and an import makes a line for each token. */
  private readonly unreadable = new KeptAccounts<Pick<StoredAccount, 'id' | 'file'>>();
  private lastLineAt = Number.NEGATIVE_INFINITY;
  private isAsked = false;
  private told: string | null = null;

  constructor(private readonly parts: ReloaderParts) {
    const { store } = parts;
    for (const stored of store.list()) this.sort(stored.id);
    store.onChange((ids) => {
      for (const id of ids) this.sort(id);
    });
    store.onNoticed((changes) => this.noticed(changes));
    parts.changes.on('log', () => this.tellHeld());
  }

  /** Why the pool is older than the folder; null: it is not. */
  get held(): string | null {
    return this.parts.store.held;
  }

  /**
   * Accepts the files as they are.
   *
   * @returns what changed, in one line; if nothing could be read, why the pool stays as it was
   */
  async reload(): Promise<string> {
    const { store, leftOut } = this.parts;
    this.isAsked = true;
    try {
      await store.reload();
    } catch (error) {
      if (!(error instanceof AccountsUnlistable)) throw error;
    } finally {
      this.isAsked = false;
    }
    const noticed = this.waiting;
    this.waiting = new Map();
    this.tellHeld();
    if (this.held !== null) return this.held;
    const text = this.tellReloaded([...noticed.values()].filter(isVisible), this.unreadable.list());
    leftOut.tellAll();
    return text;
  }

  /** Takes in one account that regrant itself has just changed, without looking at other files. @returns as `reload` */
  async reloadOne(id: string, before: View | null): Promise<string> {
    const { store } = this.parts;
    this.isAsked = true;
    const reading = store.readNow(id);
    this.isAsked = false;
    await reading;
    this.waiting.delete(id);
    // whatever happened to the other files, this one exists
    this.tellHeld();
    const stored = store.get(id);
    const after = stored === undefined ? null : { account: stored.account, unreadable: stored.unreadable };
    return this.tellReloaded([{ file: stored?.file ?? `${id}.json`, before, after }], this.unreadable.list());
  }

  private sort(id: string): void {
    const known = this.unreadable.get(id);
    const stored = this.parts.store.get(id);
    const isUnreadable = stored !== undefined && stored.unreadable !== null;
    if (isUnreadable && known === undefined) this.unreadable.add({ id, file: stored.file });
    else if (!isUnreadable && known !== undefined) this.unreadable.remove(known);
  }

  /** @param unreadable - what is to be told as that, among the changes or not */
  private tellReloaded(changes: readonly Change[], unreadable: readonly Pick<Change, 'file'>[]): string {
    const { store, logger, clock } = this.parts;
    const text = summary({ changes, unreadable, count: store.list().length }, clock.now());
    logger.info(`Pool reloaded: ${text}`);
    return text;
  }

  private noticed(changes: readonly Noticed[]): void {
    for (const { id, file, before, after } of changes) {
      const first = this.waiting.get(id);
      this.waiting.set(id, { file, before: first === undefined ? before : first.before, after });
      // somebody has dealt with this account: a refused token may be sent again
      if (after?.account !== undefined && after.account !== null) this.parts.forget(after.account);
    }
    if (!this.isAsked) this.logSoon();
  }

  private logSoon(): void {
    const { clock } = this.parts;
    const left = this.lastLineAt + LINE_EVERY_MS - clock.monotonic();
    if (left <= 0) this.logNoticed();
    else if (left < Number.POSITIVE_INFINITY) clock.after(left, () => this.logNoticed());
  }

  private logNoticed(): void {
    const { clock } = this.parts;
    const changes = [...this.waiting.values()].filter(isVisible);
    this.waiting.clear();
    if (changes.length === 0) return;
    this.lastLineAt = clock.monotonic();
    this.tellReloaded(changes, changes.filter(isUnreadable));
  }

  /** Tells once that the pool is held as it was and why, and once that this is over. */
  private tellHeld(): void {
    const { held } = this;
    if (held === this.told) return;
    this.told = held;
    if (held === null) this.parts.logger.info('The account files are back');
    else this.parts.logger.error(held);
  }
}

const isVisible = ({ before, after }: Change): boolean =>
  before?.account !== after?.account || before?.unreadable !== after?.unreadable;

const isUnreadable = ({ after }: Change): boolean => after !== null && after.unreadable !== null;

interface Told {
  readonly changes: readonly Change[];
  readonly unreadable: readonly Pick<Change, 'file'>[];
  /** How many accounts there are now. */
  readonly count: number;
}

/** `+1 re-enabled, 7 unchanged, 1 unreadable (x.json)`. */
function summary({ changes, unreadable, count }: Told, now: number): string {
  const counts = { added: 0, 're-enabled': 0, removed: 0, 'now out': 0, changed: 0, unchanged: 0 };
  const readable = changes.filter((change) => !isUnreadable(change));
  for (const change of readable) counts[kindOf(change, now)]++;
  counts.unchanged += count - unreadable.length - readable.filter(({ after }) => after !== null).length;
  const signs: Record<string, string> = { added: '+', 're-enabled': '+', removed: '-', 'now out': '-' };
  const parts = Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${ownValue(signs, what) ?? ''}${number} ${what}`);
  if (unreadable.length > 0)
    parts.push(`${unreadable.length} unreadable (${fewNames(unreadable.map(({ file }) => file))})`);
  return parts.length === 0 ? 'no accounts' : parts.join(', ');
}

function kindOf(
  { before, after }: Change,
  now: number,
): 'added' | 're-enabled' | 'removed' | 'now out' | 'changed' | 'unchanged' {
  if (after === null) return 'removed';
  if (before === null) return 'added';
  const [was, is] = [mayServe(before, now), mayServe(after, now)];
  if (was !== is) return is ? 're-enabled' : 'now out';
  return before.account === after.account ? 'unchanged' : 'changed';
}

const mayServe = ({ account, unreadable }: View, now: number): boolean =>
  account !== null && unreadable === null && keptOutByFile(account, now) === null;
