/** What the operator sees: the latest snapshot, the position in each pane, and what lies open on top. */
import { accountsIn, type Alarm, type Snapshot } from '../../proxy/contract/snapshot.js';
import type { Clock, Feed, LogRecord, Supervisor } from '../../proxy/contract/supervisor.js';
import { AccountList } from './account-list.js';
import type { DeskHost } from './desk-host.js';
import { Flash } from './flash.js';
import { longestName } from './longest-name.js';
import { missedDeaths, missedWord } from './missed.js';
import { SAID_MS, standingWord, type FootWord } from './foot-word.js';
import type { Key, Paste } from '../terminal/keys.js';
import { LogView } from '../views/log/log-view.js';
import type { Tone } from '../forms/form-host.js';
import { Stack } from './stack.js';
import { RefreshesView } from '../views/refreshes.js';
import { copiedText, wordsOf } from '../text/text.js';
import type { Line } from '../text/lines.js';
import type { Theme } from '../text/theme.js';
import { tell } from '../../store/words/tongue.js';

export const paneNames = ['accounts', 'log', 'refreshes'] as const;
export type PaneName = (typeof paneNames)[number];

interface Opened {
  /** Whether letters go into a text field. */
  readonly takesText: boolean;
  /** What the foot of the screen says while it is open: keys separated by ` · `, the one that leaves last. */
  readonly foot: string;
  /** Does what the key means here; `pass` leaves it to the actions. */
  key(key: Key, desk: Desk): 'taken' | 'pass';
  paste?(paste: Paste, desk: Desk): void;
}

/** Something that lies on top of the panes and takes the keys: a dialog, the help, an account's detail. */
export interface Cover extends Opened {
  /** `dialog` in the middle, `panes` over all of them, `accounts` in place of the accounts pane, `foot` in the last line. */
  readonly place: 'dialog' | 'panes' | 'accounts' | 'foot';
  /** `second`: drawn only for keys and once a second, since it costs more than all the rest. */
  readonly pace?: 'second';
  /** Ids of the actions whose keys still work while it is open; those that can act now stand first in the foot. */
  readonly acts?: (desk: Desk) => readonly string[];
  /** When it closes by itself, ms since 1970. */
  readonly closesAt?: number;
  /** Whether it shows more with the next picture; `tick` has to come to the end of that. */
  readonly busy?: boolean;
  tick?(desk: Desk): void;
  /** How many rows it would like to have. */
  height(desk: Desk, width: number, theme: Theme): number;
  /** All of its content as text, for outside the screen. */
  raw?(desk: Desk): string;
  /** Its painted rows. */
  rows(desk: Desk, width: number, height: number, theme: Theme): string[];
}

/** A form between the rows of the accounts; it takes every key while it is the topmost. */
export interface RowForm extends Opened {
  readonly place: 'row';
  /** Id of the account whose row it stands under; null: the first line of the pane. */
  readonly accountId: string | null;
  /** Its lines, `height` of them at most. */
  lines(width: number, height: number, theme: Theme): readonly Line[];
  /** The keys for the foot, in `width` cells. */
  footFor(width: number, attached: DeskHost['attached']): string;
  /** Does what is due by the clock. */
  tick(now: number): void;
  /** When it changes by the clock alone, ms since 1970. */
  readonly nextChange: number;
  /** Closes it and releases what it holds. */
  close(): void;
}

export type Layer = Cover | RowForm;

const LOOK_EVERY_MS = 60_000;

/** After this long without a key, the death of a grant may move the selection: nobody is about to act on another row. */
const IDLE_MS = 30_000;

export class Desk {
  readonly accounts: AccountList;
  readonly log: LogView;
  readonly refreshes: RefreshesView;
  readonly flash = new Flash();
  /** Time of the alarm that was last acknowledged, ms since 1970: an older alarm is not shown any more. */
  acknowledged = -Infinity;
  focus: PaneName = 'accounts';
  zoomed = false;
  /** Cells of the longest name of an account. */
  longestEmail = 0;
  /** The last filter of each pane, as it was typed. */
  readonly recalled: Record<PaneName, string> = { accounts: '', log: '', refreshes: '' };
  private readonly layers = new Stack<Layer>();
  private said: FootWord | null = null;
  private latest: Snapshot;
  private lastKeyAt = -Infinity;
  private lookedAt = -Infinity;
  /** When somebody last looked; null: all rows are there. */
  private awaited: Pick<Snapshot, 'lastLooked'> | null = null;

  /** @param changed - called when something that is shown has changed */
  constructor(
    readonly supervisor: Supervisor,
    readonly clock: Clock,
    readonly host: DeskHost,
    readonly changed: () => void,
  ) {
    const monotonic = (): number => clock.monotonic();
    this.accounts = new AccountList(monotonic);
    this.log = new LogView(monotonic);
    this.refreshes = new RefreshesView(monotonic);
    this.latest = supervisor.snapshot();
    this.take(this.latest);
  }

  get snapshot(): Snapshot {
    return this.latest;
  }
  /** The last account whose grant died, until somebody acknowledges it. */
  get alarm(): Alarm | null {
    const { alarm } = this.latest;
    return alarm === null || alarm.at <= this.acknowledged ? null : alarm;
  }
  get now(): number {
    return this.clock.now();
  }
  /** The records that the log pane shows: those in memory, or a part of the files. */
  get logs(): Feed<LogRecord> {
    return this.log.archive ?? this.supervisor.logs;
  }

  /** Takes in a newer snapshot. */
  take(given: Snapshot): void {
    const snapshot = { ...given, ui: { ...given.ui, ...this.host.ui } };
    this.longestEmail = longestName(this.longestEmail, this.latest.accounts, snapshot.accounts);
    this.latest = snapshot;
    const { now } = this;
    const died = this.flash.observe(snapshot.accounts, now);
    this.arrange();
    if (this.awaited !== null) this.takeRest(this.awaited);
    if (died.length === 0) return;
    if (snapshot.ui.bell) this.host.bell();
    const isIdle = now - this.lastKeyAt >= IDLE_MS && this.layer === null;
    if (isIdle) this.accounts.select(died[0]?.id ?? '');
  }

  /** Reports and flashes the accounts that died since somebody last looked and are still dead; from now on somebody looks. */
  replay(): void {
    this.awaited = { lastLooked: this.latest.lastLooked };
    this.look();
    this.takeRest(this.awaited);
  }

  /** What concerns all rows is done once they are there: a screen begins with the first of very many. */
  private takeRest({ lastLooked }: Pick<Snapshot, 'lastLooked'>): void {
    if (this.latest.accounts.length < accountsIn(this.latest.counts)) return;
    this.awaited = null;
    // nobody has chosen the row that was the first of a few
    if (this.lastKeyAt === -Infinity) this.accounts.toStart();
    const missed = missedDeaths(this.latest.accounts, lastLooked);
    if (missed.length === 0) return;
    this.flash.replay(missed, this.now);
    this.accounts.select(missed[0]?.id ?? '');
    if (this.latest.ui.bell) this.host.bell();
    this.said = missedWord(missed, lastLooked ?? 0, this.now);
  }

  /** Flashes the accounts that died while the screen was away. */
  returned(since: number): void {
    this.flash.replay(missedDeaths(this.latest.accounts, since), this.now);
  }

  /** Tells the supervisor now and then that somebody looks at this screen. */
  private look(): void {
    if (this.now - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = this.now;
    // an attached screen may have lost its supervisor, which is reported elsewhere
    this.supervisor.operations.looked().catch(() => undefined);
  }

  /** Sorts and filters the list again. */
  arrange(): void {
    this.accounts.arrange(this.latest.accounts, this.row === null ? 'free' : 'frozen', this.now);
  }

  /** Does what is due by the clock. */
  tick(): void {
    const { now } = this;
    this.row?.tick(now);
    for (const layer of this.layers.all) {
      if (layer.place !== 'row' && (layer.closesAt ?? Infinity) <= now) this.drop(layer);
    }
    // also in a pane that is not drawn, or there would be a next picture for ever
    if (this.accounts.busy) this.arrange();
    if (this.log.busy) this.log.refresh(this.logs);
    if (this.refreshes.busy) this.refreshes.refresh(this.supervisor.events);
    this.sheet?.tick?.(this);
    this.said = standingWord(this.said, now);
  }

  /** A key was pressed, whatever it does. */
  touched(): void {
    this.lastKeyAt = this.now;
    this.said = null;
    this.look();
  }

  get word(): FootWord | null {
    return this.said;
  }

  say(text: string, tone: Tone = 'plain'): void {
    this.said = { text, tone, until: this.now + SAID_MS };
    this.changed();
  }

  /** Copies a text, and says how. */
  copy(text: string, what: string): void {
    this.host.copy(text).then(
      (how) => this.say(copiedText(what, how)),
      (error: unknown) => this.say(wordsOf(error), 'warn'),
    );
  }

  /** Says how an operation ended, or why it could not be done. */
  answer(asked: Promise<{ readonly ok: boolean; readonly text: string }>): void {
    asked.then(
      ({ ok, text }) => this.say(text, ok ? 'good' : 'warn'),
      (error: unknown) => this.say(wordsOf(error), 'warn'),
    );
  }

  /** The topmost layer; null: nothing lies open. */
  get layer(): Layer | null {
    return this.layers.top;
  }

  /** The layer over all panes, or over the accounts. */
  get sheet(): Cover | null {
    return this.layers.find((layer): layer is Cover => layer.place === 'panes' || layer.place === 'accounts');
  }

  /** The form between the rows of the accounts. */
  get row(): RowForm | null {
    return this.layers.find((layer): layer is RowForm => layer.place === 'row');
  }

  /** The layer that gets the keys: of one that lies over the accounts only, the other panes keep theirs. */
  get active(): Layer | null {
    return this.layer?.place === 'accounts' && this.focus !== 'accounts' ? null : this.layer;
  }

  /** Opens it on top of what is open. */
  open(layer: Layer): void {
    this.layers.put(layer);
  }

  /** Opens it in place of all that is open. */
  show(layer: Layer): void {
    this.closeAll();
    this.open(layer);
  }

  /** Takes a layer away, wherever it lies; what lay under it has the keys again. */
  drop(layer: Layer): void {
    this.layers.drop(layer);
    if (layer.place === 'row') this.arrange();
  }

  closeAll(): void {
    this.row?.close();
    this.layers.clear();
    this.arrange();
  }

  /** Focuses a pane, so that it is seen what an action does there. */
  focusOn(pane: PaneName): void {
    this.focus = pane;
  }

  /** Selects an account in its pane; takes off a filter that hides it. False, with a word at the foot, where it is gone. */
  goTo(id: string): boolean {
    this.focusOn('accounts');
    if (this.accounts.select(id)) return true;
    this.accounts.pattern = null;
    this.arrange();
    const isThere = this.accounts.select(id);
    if (!isThere) this.say(tell('that account is gone'), 'warn');
    return isThere;
  }

  /** When something changes by the clock alone, ms since 1970. */
  get nextChange(): number {
    const { layer, sheet, accounts, log, refreshes, row, flash, now } = this;
    // the filters, or a search, have more to look at
    if (accounts.busy || log.busy || refreshes.busy || sheet?.busy === true) return now;
    const closesAt = layer === null || layer.place === 'row' ? undefined : layer.closesAt;
    return Math.min(
      ...[flash.nextChange(now), this.said?.until, row?.nextChange, closesAt].map((at) => at ?? Infinity),
    );
  }
}
