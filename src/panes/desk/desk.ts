/** What the operator has before him: the latest snapshot, where he stands in each pane, and what lies open on top. */
import type { AccountRow, Snapshot } from '../../proxy/contract/snapshot.js';
import type { Clock, Supervisor } from '../../proxy/contract/supervisor.js';
import { AccountList } from './account-list.js';
import { changedRows } from '../../proxy/contract/changed-rows.js';
import { Flash } from './flash.js';
import type { Key, Paste } from '../terminal/keys.js';
import { LogView } from '../views/log.js';
import type { OpenPage, Page } from '../terminal/page.js';
import type { Tone } from '../forms/form-host.js';
import type { ReaddForm } from '../forms/readd-form.js';
import { RefreshesView } from '../views/refreshes.js';
import { age, sanitise, timeOfDay } from '../text/text.js';
import type { Theme } from '../text/theme.js';

export const paneNames = ['accounts', 'log', 'refreshes'] as const;
export type PaneName = (typeof paneNames)[number];

/** Something that lies on top of the panes and takes the keys: a dialog, the help, an account's detail. */
export interface Layer {
  /** `dialog` in the middle, `panes` over all of them, `accounts` in place of the accounts pane, `foot` in the last line. */
  readonly place: 'dialog' | 'panes' | 'accounts' | 'foot';
  /** In a field every letter is text. */
  readonly takesText: boolean;
  /** Drawn for keys and once a second only, since it costs more than all the rest. */
  readonly pace?: 'second';
  /** Ids of the actions that it leaves their keys: those that can act now stand first in the foot. */
  readonly acts?: readonly string[];
  /** What the foot of the screen says while it is open: keys parted by ` · `, the way out last. */
  readonly foot: string;
  /** Rows that it would like to have. */
  height(desk: Desk, width: number, theme: Theme): number;
  /** Its painted rows. */
  rows(desk: Desk, width: number, height: number, theme: Theme): string[];
  /** Does what the key says; `pass` leaves it to the actions. */
  key(key: Key, desk: Desk): 'taken' | 'pass';
  paste?(paste: Paste, desk: Desk): void;
  /** What lay there before it, and does again after it. */
  readonly under?: Layer | null;
}

/** What the screen can do to the terminal and the program, which panes only ask for. */
export interface Reach {
  readonly attached: boolean;
  quit(how: 'stop' | 'close'): void;
  /** Leaves the screen and goes on serving. */
  detach(): void;
  suspend(): void;
  /** Shows a text in the terminal itself; the screen is away while it stands. */
  page(page: Page): OpenPage;
  /** Of this screen's own process. */
  readonly env: NodeJS.ProcessEnv;
  repaint(): void;
  copy(text: string): void;
  bell(): void;
}

export interface Notice {
  readonly text: string;
  readonly tone: Tone;
  /** ms since 1970. */
  readonly until: number;
}

const NOTICE_MS = 6000;

/** What happened while nobody looked stays in sight until a key, or this long. */
const REPLAY_MS = 10 * 60_000;
const LOOK_EVERY_MS = 60_000;

/** After this long without a key a death may move the selection: nobody is about to act on another row. */
const IDLE_MS = 30_000;

export class Desk {
  readonly accounts = new AccountList();
  readonly log = new LogView();
  readonly refreshes = new RefreshesView();
  readonly flash = new Flash();
  focus: PaneName = 'accounts';
  zoomed = false;
  layer: Layer | null = null;
  form: ReaddForm | null = null;
  /** The last filter of each pane, as it was typed. */
  readonly recalled: Record<PaneName, string> = { accounts: '', log: '', refreshes: '' };
  private said: Notice | null = null;
  private latest: Snapshot;
  private lastKeyAt = -Infinity;
  private lookedAt = -Infinity;
  private emailCells = 0;

  /** @param changed - something that is shown is different now */
  constructor(
    readonly supervisor: Supervisor,
    readonly clock: Clock,
    readonly reach: Reach,
    readonly changed: () => void,
  ) {
    this.latest = supervisor.snapshot();
    this.take(this.latest);
  }

  get snapshot(): Snapshot {
    return this.latest;
  }
  get now(): number {
    return this.clock.now();
  }
  get longestEmail(): number {
    return this.emailCells;
  }

  /** Takes in a newer snapshot. */
  take(snapshot: Snapshot): void {
    this.measureEmails(this.latest.accounts, snapshot.accounts);
    this.latest = snapshot;
    const { now } = this;
    const died = this.flash.observe(snapshot.accounts, now);
    this.arrange();
    if (died.length === 0) return;
    if (snapshot.ui.bell) this.reach.bell();
    const isIdle = now - this.lastKeyAt >= IDLE_MS && this.form === null && this.layer === null;
    if (isIdle) this.accounts.select(died[0]?.id ?? '');
  }

  private measureEmails(before: readonly AccountRow[], after: readonly AccountRow[]): void {
    const changes = this.emailCells === 0 ? null : changedRows(before, after);
    if (changes?.every((row) => row.before.email === row.after.email) === true) return;
    this.emailCells = after.reduce((longest, { email }) => Math.max(longest, sanitise(email).length), 0);
  }

  /** Says and flashes what died since somebody last looked, where it is still dead; from now on somebody looks. */
  replay(): void {
    const { accounts, lastLooked } = this.latest;
    const missed =
      lastLooked === null ? [] : accounts.filter((row) => row.state === 'disabled' && (row.since ?? 0) > lastLooked);
    this.look();
    if (missed.length === 0) return;
    this.flash.replay(missed, this.now);
    this.accounts.select(missed[0]?.id ?? '');
    if (this.latest.ui.bell) this.reach.bell();
    const names = missed.slice(0, 3).map(({ email, since }) => `${email} ${timeOfDay(since ?? 0).slice(0, 5)}`);
    const more = missed.length > names.length ? ` and ${missed.length - names.length} more` : '';
    const away = age(this.now - (lastLooked ?? 0));
    this.said = {
      text: `since the last look (${away}): ${names.join(', ')}${more} disabled; Enter says why`,
      tone: 'warn',
      until: this.now + REPLAY_MS,
    };
  }

  /** Flashes what died while the screen was away, which nobody saw flash. */
  returned(since: number): void {
    const { accounts } = this.latest;
    const died = accounts.filter((row) => row.state === 'disabled' && (row.since ?? 0) > since);
    this.flash.replay(died, this.now);
  }

  /** Tells the supervisor now and then that somebody is here. */
  private look(): void {
    if (this.now - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = this.now;
    // an attached screen may have lost its supervisor: that is said elsewhere
    this.supervisor.operations.looked().catch(() => undefined);
  }

  /** Puts the list in order again, after a change of sort or filter too. */
  arrange(): void {
    this.accounts.arrange(this.latest.accounts, this.form === null ? 'free' : 'frozen', this.now);
  }

  /** Does what is due by the clock. */
  tick(): void {
    const { now } = this;
    this.form?.tick(now);
    this.dropClosedForm();
    if (this.said !== null && now >= this.said.until) this.said = null;
  }

  /** A key was pressed, whatever it does. */
  touched(): void {
    this.lastKeyAt = this.now;
    this.said = null;
    this.look();
  }

  get notice(): Notice | null {
    return this.said;
  }

  say(text: string, tone: Tone = 'plain'): void {
    this.said = { text, tone, until: this.now + NOTICE_MS };
    this.changed();
  }

  /** Says how an operation ended, or why it could not be done. */
  answer(asked: Promise<{ readonly ok: boolean; readonly text: string }>): void {
    asked.then(
      ({ ok, text }) => this.say(text, ok ? 'good' : 'warn'),
      (error: unknown) => this.say(error instanceof Error ? error.message : String(error), 'warn'),
    );
  }

  /** What has the keys before the panes: a sheet in place of the accounts leaves the other panes theirs. */
  get active(): Layer | null {
    return this.layer?.place === 'accounts' && this.focus !== 'accounts' ? null : this.layer;
  }

  /** Shows a pane to whoever acts on it. */
  focusOn(pane: PaneName): void {
    this.focus = pane;
  }

  /** Selects an account in its pane, without the filter where that hides it; false, and said, where it is gone. */
  goTo(id: string): boolean {
    this.focusOn('accounts');
    if (this.accounts.select(id)) return true;
    this.accounts.pattern = null;
    this.arrange();
    const isThere = this.accounts.select(id);
    if (!isThere) this.say('that account is gone', 'warn');
    return isThere;
  }

  /** A form that has ended leaves its row. */
  dropClosedForm(): void {
    if (this.form?.closed !== true) return;
    this.form = null;
    this.arrange();
  }

  /** When something changes by the clock alone, ms since 1970. */
  get nextChange(): number {
    const times = [this.flash.nextChange(this.now), this.said?.until, this.form?.nextChange];
    return Math.min(...times.map((time) => time ?? Infinity));
  }
}
