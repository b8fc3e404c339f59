/** Dialogs that ask before something stops or goes away. */
import type { AccountRow, Snapshot } from '../../proxy/contract/snapshot.js';
import type { Desk, Cover } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { framed, hanging, line, span, type Line } from '../text/lines.js';
import { accountName, plural, sanitise, wordsOf, wrap } from '../text/text.js';
import type { Theme } from '../text/theme.js';
import { phrase } from '../text/phrase.js';
import { tell } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

/** How long the question stays: a later q asks again. */
const FORCE_MS = 2000;

interface Choice {
  readonly key: string;
  readonly does: string;
  /** A shorter text for the foot. */
  readonly short?: string;
}

/** Width of the column of keys. */
const KEY = 8;

abstract class Dialog implements Cover {
  readonly place = 'dialog';
  readonly takesText = false;
  abstract readonly title: string;
  abstract readonly choices: readonly Choice[];
  abstract words(desk: Desk): readonly string[];
  abstract key(key: Key, desk: Desk): 'taken' | 'pass';

  get foot(): string {
    return this.choices.map(({ key, does, short }) => `${key} ${short ?? does}`).join(' · ');
  }

  private lines(desk: Desk, width: number): Line[] {
    const inner = width - 4;
    const said = this.words(desk).flatMap((text) => wrap(sanitise(text), inner).map((row) => line(span(`  ${row}`))));
    const keys = this.choices.flatMap(({ key, does }) =>
      hanging([span(`  ${key.padEnd(KEY)}`, 'key')], does, 'plain', inner + 2, 'key'),
    );
    return [line(span('')), ...said, line(span('')), ...keys];
  }

  height(desk: Desk, width: number): number {
    return this.lines(desk, width - 2).length + 3;
  }

  rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    const frame = { title: [span(this.title, 'bold')], note: [], border: 'warn' as const, focused: true };
    return framed(frame, this.lines(desk, width - 2), width, height, theme);
  }
}

const isYes = (name: string): boolean => name === 'y' || name === 'enter';
const isNo = (name: string): boolean => ['escape', 'n', 'q'].includes(name);

/** `q` and Ctrl-C: what ends, what goes on, and how many requests are under way. */
export class QuitDialog extends Dialog {
  readonly title = phrase('Leave regrant?');
  readonly closesAt: number;

  constructor(now: number) {
    super();
    this.closesAt = now + FORCE_MS;
  }

  readonly choices = [
    { key: 'd', does: phrase('go on serving without a screen'), short: phrase('go on serving') },
    {
      key: 'q',
      does: phrase('stop the proxy, after the requests under way (10 s at most)'),
      short: phrase('stop the proxy'),
    },
    { key: 'Esc', does: phrase('stay, as after two seconds without a key'), short: phrase('stay') },
  ];

  words({ snapshot }: Desk): readonly string[] {
    const { inFlight } = snapshot.traffic;
    const under =
      inFlight === 0
        ? tell('No request is under way.')
        : tell('{requests} under way.', { requests: plural(inFlight, 'request') });
    return [
      tell('The proxy on {address} runs in this program and would end with it. {under}', {
        address: snapshot.address,
        under,
      }),
      ...losses(snapshot),
    ];
  }

  key({ name }: Key, desk: Desk): 'taken' {
    if (name === 'q' || name === 'C-c') {
      desk.drop(this);
      desk.host.quit('stop');
    } else if (name === 'escape' || name === 'n') {
      desk.drop(this);
    } else if (name === 'd') {
      desk.drop(this);
      leaveScreen(desk);
    }
    return 'taken';
  }
}

/** If there are more accounts than this, they are counted instead of named. */
const MOST_NAMED = 3;

/** What a stop would lose, unless the last try to write it succeeds. */
function losses({ accounts }: Snapshot): readonly string[] {
  const unsaved = accounts.filter((row) => row.unsaved.length > 0);
  const first = unsaved[0];
  if (first === undefined) return [];
  const named = unsaved.slice(0, MOST_NAMED).map((row) => `${accountName(row)}: ${row.unsaved.map(told).join(', ')}`);
  const more = unsaved.length > MOST_NAMED ? [tell('and {n} accounts more', { n: unsaved.length - MOST_NAMED })] : [];
  return [
    '',
    tell('Not saved ({why}), and lost if the last try at the stop fails too:', { why: told(first.notSaved ?? '') }),
    ...named,
    ...more,
  ];
}

/** Ctrl-Z where the proxy runs in this program, and would be stopped with it. */
export class SuspendDialog extends Dialog {
  readonly title = phrase('Suspend?');
  readonly choices = [
    { key: 'Ctrl-Z', does: phrase('suspend: the proxy stands still until fg'), short: phrase('suspend') },
    { key: 'Esc', does: phrase('stay') },
  ];

  words({ snapshot }: Desk): readonly string[] {
    return [
      tell('The proxy on {address} runs in this program: requests would wait until it is brought back with fg.', {
        address: snapshot.address,
      }),
    ];
  }

  key({ name }: Key, desk: Desk): 'taken' | 'pass' {
    if (name === 'C-c') return 'pass';
    if (name === 'C-z') {
      desk.drop(this);
      desk.host.suspend();
    } else if (isNo(name)) {
      desk.drop(this);
    }
    return 'taken';
  }
}

/** `x`: names the accounts that are to be removed. */
export class RemoveDialog extends Dialog {
  readonly title = phrase('Remove?');
  readonly choices = [
    { key: 'y', does: phrase('remove, as does Enter'), short: phrase('remove') },
    { key: 'Esc', does: phrase('keep') },
  ];

  constructor(readonly accounts: readonly AccountRow[]) {
    super();
  }

  words(): readonly string[] {
    const names = this.accounts.slice(0, 5).map(accountName);
    const more =
      this.accounts.length > names.length ? ` ${tell('and {n} more', { n: this.accounts.length - names.length })}` : '';
    return [
      `${names.join(', ')}${more}`,
      this.accounts.length === 1
        ? tell('The file goes to trash/, where u brings it back from.')
        : tell('The files go to trash/, where u brings them back from.'),
    ];
  }

  key({ name }: Key, desk: Desk): 'taken' | 'pass' {
    if (name === 'C-c') return 'pass';
    if (isYes(name)) {
      // closes the detail too, which may be of an account that is removed
      desk.closeAll();
      desk.accounts.marked.clear();
      desk.answer(desk.supervisor.operations.remove(this.accounts.map(({ id }) => id)));
    } else if (isNo(name)) {
      desk.drop(this);
    }
    return 'taken';
  }
}

/** What `u` and `U` ask if they would put a dead or an older credential back. */
export class StepDialog extends Dialog {
  readonly title: string;
  readonly choices: readonly Choice[];

  constructor(
    private readonly step: 'undo' | 'redo',
    private readonly question: string,
  ) {
    super();
    this.title = step === 'undo' ? phrase('Undo?') : phrase('Redo?');
    this.choices = [
      step === 'undo'
        ? { key: 'y', does: phrase('undo it, as does Enter'), short: phrase('undo') }
        : { key: 'y', does: phrase('redo it, as does Enter'), short: phrase('redo') },
      { key: 'Esc', does: phrase('leave all as it is') },
    ];
  }

  words(): readonly string[] {
    return [told(this.question)];
  }

  key({ name }: Key, desk: Desk): 'taken' | 'pass' {
    if (name === 'C-c') return 'pass';
    if (isYes(name)) {
      desk.drop(this);
      desk.answer(desk.supervisor.operations[this.step]());
    } else if (isNo(name)) desk.drop(this);
    return 'taken';
  }
}

/** Leaves the terminal to a proxy that goes on, or says why that is not possible. */
export function leaveScreen(desk: Desk): void {
  desk.host.detach().then(
    (fault) => {
      if (fault !== null) desk.say(fault, 'warn');
    },
    (error: unknown) => desk.say(wordsOf(error), 'warn'),
  );
}
