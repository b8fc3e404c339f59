/** The screen's life: into the terminal, out of it again whatever happens, and everything between wired together. */
import type { Readable } from 'node:stream';
import type { Clock, Supervisor } from '../../proxy/contract/supervisor.js';
import { openBlessed, terminalName, type BlessedScreen } from '../terminal/blessed-ext.js';
import { Desk, type Reach } from '../desk/desk.js';
import { Frames, type FrameCause } from './frames.js';
import { InputFilter } from '../terminal/input.js';
import { pasted, pressed } from '../actions/keyboard.js';
import { keyOf, type Key, type Paste } from '../terminal/keys.js';
import { ScreenOutput, type TerminalOutput } from '../terminal/output.js';
import { rawLines, type OpenPage, type Page } from '../terminal/page.js';
import { Painter } from './painter.js';
import { serving } from '../views/status.js';
import {
  copySequence,
  entering,
  leaving,
  measuredWidth,
  measuring,
  pasteOn,
  returning,
  titleSequence,
} from '../terminal/sequences.js';
import { age, inert } from '../text/text.js';
import { themeFor } from '../text/theme.js';

/** Resizing by hand sends dozens of sizes: the last one counts. */
const RESIZE_SETTLE_MS = 60;

/** A program that goes on after this was not stopped. */
const NOT_STOPPED_MS = 200;

export type TerminalInput = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

export interface ScreenOptions {
  /** A terminal; standard input and output where they are left out. */
  readonly input?: TerminalInput;
  readonly output?: TerminalOutput;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** The supervisor runs in another process: leaving this screen stops nothing. */
  readonly attached: boolean;
  /** This program's version; another one than the supervisor's is said. */
  readonly version: string;
  /** `stop` the whole program, or `close` this screen only. The screen is still open then. */
  onQuit(how: 'stop' | 'close'): void;
  /** `d`: on without a screen. */
  onDetach(): void;
  /** Stops this process until SIGCONT; by default with its whole process group, as a terminal's Ctrl-Z does. */
  readonly suspendProcess?: () => void;
}

export interface OpenScreen {
  /** Gives the terminal back as it was; at once, so that it may be called while the process exits. May be called again. */
  close(): void;
  /** Resolves when the terminal is gone; the screen is closed then. Never rejects. */
  readonly lost: Promise<void>;
  /** Gives the terminal back, stops the process, and returns to the screen on SIGCONT. */
  suspend(): void;
}

/** Shows a supervisor on a terminal and lets it be worked by keyboard, until `close`. */
export function openScreen(supervisor: Supervisor, options: ScreenOptions): OpenScreen {
  return new ScreenLife(supervisor, options);
}

class ScreenLife implements OpenScreen {
  readonly lost: Promise<void>;
  private tellLost: () => void = () => undefined;
  private state: 'open' | 'page' | 'suspended' | 'closed' = 'open';
  private page: Page | null = null;
  /** When the page took the screen's place, ms since 1970. */
  private awaySince = 0;
  private detachInput: () => void;
  private cancelResize: (() => void) | null = null;
  private unsubscribe: () => void;
  private title = '';
  private readonly input: TerminalInput;
  private readonly terminal: TerminalOutput;
  private readonly output: ScreenOutput;
  private readonly filter: InputFilter;
  private readonly frames: Frames;
  private readonly desk: Desk;
  private readonly screen: BlessedScreen;
  private readonly painter: Painter;
  private readonly onResize = (): void => this.resized();
  private readonly onContinue = (): void => this.continued();
  private readonly onExit = (): void => this.close();

  constructor(
    private readonly supervisor: Supervisor,
    private readonly options: ScreenOptions,
  ) {
    this.lost = new Promise((resolve) => (this.tellLost = resolve));
    const { clock, env } = options;
    this.input = options.input ?? process.stdin;
    this.terminal = options.output ?? process.stdout;
    this.terminal.on('error', () => this.gone());
    this.output = new ScreenOutput(this.terminal, () => this.frames.drained());
    this.frames = new Frames(clock, {
      draw: (cause) => this.draw(cause),
      backlog: () => this.output.backlog,
      nextChange: () => this.desk.nextChange,
      wasSlow: (ms) => this.desk.say(`the terminal took nothing for ${age(ms)}: pictures were left out`, 'warn'),
    });
    this.desk = new Desk(supervisor, clock, this.reach(), () => this.frames.key());
    this.filter = new InputFilter(clock, {
      paste: (paste) => this.act(() => (this.page === null ? pasted(this.desk, paste) : this.pastedOnPage(paste))),
      cursorAt: (column) => this.measured(column),
      lost: () => this.gone(),
    });
    this.screen = openBlessed({
      input: this.filter.output,
      output: this.output,
      terminal: terminalName(env.TERM),
      unicode: !themeFor(this.desk.snapshot.ui, env).ascii,
    });
    this.painter = new Painter(this.screen, env);
    this.screen.on('keypress', (ch, key) => {
      const ours = keyOf(ch, key);
      if (ours !== null) this.act(() => (this.page === null ? pressed(this.desk, ours) : this.pressedOnPage(ours)));
    });
    this.detachInput = this.filter.attach(this.input);
    this.unsubscribe = supervisor.onChange(() => this.frames.news());
    this.terminal.on('resize', this.onResize);
    process.on('SIGCONT', this.onContinue);
    process.once('exit', this.onExit);
    this.prepare(entering);
    this.measureGlyphs();
    this.desk.replay();
    this.warnOfVersion();
    this.frames.start();
  }

  private warnOfVersion(): void {
    const { version } = this.desk.snapshot;
    if (version !== this.options.version) {
      this.desk.say(`this screen is regrant ${this.options.version}, the supervisor is ${version}`, 'warn');
    }
  }

  private reach(): Reach {
    const { options } = this;
    const { attached, env } = options;
    return {
      attached,
      quit: (how) => options.onQuit(how),
      detach: () => options.onDetach(),
      suspend: () => this.suspend(),
      page: (page) => this.showPage(page),
      env,
      repaint: () => this.repaint(),
      copy: (text) => this.output.raw(copySequence(text, env)),
      bell: () => this.output.raw('\x07'),
    };
  }

  private act(what: () => void): void {
    if (this.state !== 'open' && this.state !== 'page') return;
    what();
    this.frames.key();
  }

  private draw(cause: FrameCause): void {
    if (this.state !== 'open' && this.state !== 'page') return;
    if (cause !== 'key') this.desk.take(this.supervisor.snapshot());
    if (this.state === 'page') {
      // the bell rings, and the terminal's title tells, whatever stands in it
      this.desk.tick();
      this.setTitle();
      return;
    }
    if (cause === 'news' && this.desk.layer?.pace === 'second') return;
    this.desk.tick();
    this.painter.paint(this.desk, { width: this.output.columns, height: this.output.rows });
    this.setTitle();
  }

  private setTitle(): void {
    const { serve, of } = serving(this.desk.snapshot);
    const title = serve < of ? `regrant ${of - serve}/${of} out` : 'regrant';
    if (title !== this.title) this.output.raw(titleSequence(title));
    this.title = title;
  }

  /** Asks the terminal how wide it draws what we draw: some East Asian ones take two cells for a circle or a line. */
  private measureGlyphs(): void {
    const { glyphs, theme } = this.desk.snapshot.ui;
    if (glyphs === 'auto' && !themeFor({ glyphs, theme }, this.options.env).ascii) this.output.raw(measuring);
  }

  private measured(column: number): void {
    if (this.state !== 'open' || column === measuredWidth + 1) return;
    this.painter.avoidGlyphs();
    this.repaint();
  }

  private prepare(sequences: string): void {
    this.input.setRawMode?.(true);
    this.input.resume();
    this.output.raw(sequences);
    this.title = '';
  }

  private resized(): void {
    this.cancelResize?.();
    this.cancelResize = this.options.clock.after(RESIZE_SETTLE_MS, () => {
      if (this.state === 'open' && this.output.measure()) this.repaint();
    });
  }

  /** Forgets what the terminal shows and draws all of it, at its size of now. */
  private repaint(): void {
    this.screen.program.cols = this.output.columns;
    this.screen.program.rows = this.output.rows;
    this.painter.forget();
    this.frames.key();
  }

  suspend(): void {
    if (this.state !== 'open') return;
    this.state = 'suspended';
    this.frames.stop();
    this.giveBack();
    // The leave sequence is on its way: the process may stop.
    const stop = this.options.suspendProcess ?? (() => process.kill(0, 'SIGTSTP'));
    stop();
    // SIGCONT, where there was one, is heard in the turn before
    this.options.clock.after(NOT_STOPPED_MS, () => void setImmediate(() => this.notStopped()));
  }

  /** The system stops no program that no shell would wake again, as the only one in a tmux window. */
  private notStopped(): void {
    if (this.state !== 'suspended') return;
    this.continued();
    this.desk.say('there is no shell to go back to from here: nothing was suspended', 'warn');
  }

  /** The screen goes away for a text in the terminal itself, and comes back when that is closed. */
  private showPage(page: Page): OpenPage {
    if (this.state === 'open') {
      this.state = 'page';
      this.awaySince = this.options.clock.now();
      this.screen.leave();
      this.screen.program.flush();
    }
    this.page = page;
    this.output.raw(pasteOn + rawLines(page.text));
    return {
      print: (text) => this.page === page && this.output.raw(`${inert(text)}\r\n`),
    };
  }

  private closePage(): void {
    this.page = null;
    if (this.state !== 'page') return;
    this.state = 'open';
    this.screen.enter();
    this.prepare(returning);
    this.output.measure();
    this.desk.returned(this.awaySince);
    this.repaint();
  }

  private pressedOnPage(key: Key): void {
    const asks = key.name === 'q' || key.name === 'C-c';
    if (asks || this.page?.key(key) === 'close') this.closePage();
    if (asks) pressed(this.desk, { name: 'C-c', text: null });
  }

  private pastedOnPage(paste: Paste): void {
    const page = this.page;
    this.closePage();
    page?.paste(paste);
  }

  private continued(): void {
    if (this.state === 'closed') return;
    if (this.page !== null) {
      this.prepare(returning);
      this.output.raw(rawLines(this.page.text));
      return;
    }
    const wasSuspended = this.state === 'suspended';
    this.state = 'open';
    if (wasSuspended) this.screen.enter();
    this.prepare(wasSuspended ? entering : returning);
    this.output.measure();
    this.repaint();
    if (wasSuspended) this.frames.start();
  }

  private giveBack(): void {
    this.output.raw(leaving);
    this.screen.leave();
    this.screen.program.flush();
    try {
      this.input.setRawMode?.(false);
    } catch {
      // A terminal that is gone needs nothing back.
    }
  }

  close(): void {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'open' || this.state === 'page';
    this.state = 'closed';
    this.frames.stop();
    this.cancelResize?.();
    this.unsubscribe();
    this.detachInput();
    this.terminal.off('resize', this.onResize);
    process.off('SIGCONT', this.onContinue);
    process.off('exit', this.onExit);
    if (wasOpen) this.giveBack();
    this.screen.destroy();
    this.output.end();
    this.input.pause();
  }

  private gone(): void {
    if (this.state === 'closed') return;
    this.output.end();
    this.close();
    this.tellLost();
  }
}
