/** The life of a screen: takes the terminal, gives it back whatever happens, and connects everything in between. */
import { soon, type Supervisor } from '../../proxy/contract/supervisor.js';
import { Desk } from '../desk/desk.js';
import type { DeskHost } from '../desk/desk-host.js';
import { HeldTerminal } from './held-terminal.js';
import { copyText } from './clipboard.js';
import { restoreView, viewOf } from '../layers/kept-view.js';
import { GroundQuestion } from './ground-question.js';
import { Frames, type FrameCause } from './frames.js';
import { InputFilter } from '../terminal/input.js';
import { pasted, pressed } from '../actions/keyboard.js';
import type { Key, Paste } from '../terminal/keys.js';
import { rawLines, type OpenPage, type TerminalPage } from '../terminal/page.js';
import { Painter } from './painter.js';
import type { Pointer } from '../terminal/pointer.js';
import { pointed } from './pointing.js';
import type { OpenScreen, ScreenOptions } from './screen-options.js';
import { windowTitle } from '../views/status.js';
import { askingGround, entering, measuredWidth, measuring, pasteOn, returning } from '../terminal/sequences.js';
import { inert } from '../text/inert.js';
import { age } from '../text/text.js';
import { canAskGround, themeFor } from '../text/theme.js';
import { tell } from '../../store/words/tongue.js';

/** Resizing by hand sends dozens of sizes: only the last one is used. */
const RESIZE_SETTLE_MS = 60;

/** If the program still runs after this, it was not stopped. */
const NOT_STOPPED_MS = 200;

/** Shows a supervisor on a terminal and lets it be worked by keyboard, until `close`. */
export function openScreen(supervisor: Supervisor, options: ScreenOptions): OpenScreen {
  return new ScreenLife(supervisor, options);
}

class ScreenLife implements OpenScreen {
  readonly lost: Promise<void>;
  private tellLost: () => void = () => undefined;
  private readonly closed = new AbortController();
  private state: 'open' | 'page' | 'suspended' | 'closed' = 'open';
  private page: TerminalPage | null = null;
  /** When a page took the screen's place, ms since 1970. */
  private awaySince = 0;
  private cancelResize: (() => void) | null = null;
  private readonly unsubscribe: () => void;
  private readonly ground: GroundQuestion;
  private readonly frames: Frames;
  private readonly desk: Desk;
  private readonly terminal: HeldTerminal;
  private readonly painter: Painter;
  private readonly onExit = (): void => this.close();

  constructor(
    private readonly supervisor: Supervisor,
    private readonly options: ScreenOptions,
  ) {
    this.lost = new Promise((resolve) => (this.tellLost = resolve));
    this.ground = new GroundQuestion(options.clock);
    this.frames = this.makeFrames();
    this.desk = new Desk(supervisor, options.clock, this.host(), () => this.frames.key());
    restoreView(this.desk, options.memory?.read());
    this.terminal = this.holdTerminal();
    this.painter = new Painter(this.terminal.screen, options.env);
    this.unsubscribe = supervisor.onChange(() => this.frames.news());
    process.once('exit', this.onExit);
    this.terminal.take(entering);
    this.measureGlyphs();
    this.askGround();
    this.desk.replay();
    this.warnOfVersion();
    this.frames.start();
  }

  private makeFrames(): Frames {
    return new Frames(this.options.clock, {
      draw: (cause) => this.draw(cause),
      backlog: () => this.terminal.output.backlog,
      nextChange: () => this.desk.nextChange,
      wasSlow: (ms) =>
        this.desk.say(tell('the terminal took nothing for {time}: pictures were left out', { time: age(ms) }), 'warn'),
    });
  }

  private holdTerminal(): HeldTerminal {
    const { input = process.stdin, output = process.stdout, clock, env } = this.options;
    const filter = new InputFilter(clock, {
      key: (key) => this.act(() => (this.page === null ? pressed(this.desk, key) : this.pressedOnPage(key))),
      paste: (paste) => this.act(() => (this.page === null ? pasted(this.desk, paste) : this.pastedOnPage(paste))),
      pointer: (pointer) => this.act(() => this.pointed(pointer)),
      cursorAt: (column) => this.measured(column),
      background: (colour) => this.answeredGround(colour),
      lost: () => this.gone(),
    });
    const unicode = !themeFor(this.desk.snapshot.ui, env).ascii;
    return new HeldTerminal(
      { input, output, filter, term: env.TERM, unicode },
      {
        drained: () => this.frames.drained(),
        resized: () => this.resized(),
        continued: () => this.continued(),
        stopAsked: () => this.suspend(),
        lost: () => this.gone(),
      },
    );
  }

  private warnOfVersion(): void {
    const { version } = this.desk.snapshot;
    if (version !== this.options.version) {
      this.desk.say(
        tell('this screen is regrant {own}, the supervisor is {version}', { own: this.options.version, version }),
        'warn',
      );
    }
  }

  private host(): DeskHost {
    const { options } = this;
    const { attached, env } = options;
    return {
      attached,
      closed: this.closed.signal,
      ui: options.ui ?? {},
      quit: (how) => options.onQuit(how),
      detach: () => options.onDetach(),
      suspend: () => this.suspend(),
      page: (page) => this.showPage(page),
      env,
      repaint: () => this.repaint(),
      copy: (text) => copyText(text, this.terminal.output, options),
      bell: () => this.terminal.output.raw('\x07'),
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
      // rings the bell and sets the terminal's title even while a page is shown
      this.desk.tick();
      this.terminal.setTitle(windowTitle(this.desk.snapshot));
      return;
    }
    if (cause === 'news' && this.desk.sheet?.pace === 'second') return;
    this.desk.tick();
    this.terminal.useMouse(this.desk.snapshot.ui.mouse ? 'mouse' : 'no mouse');
    this.painter.paint(this.desk, { width: this.terminal.output.columns, height: this.terminal.output.rows });
    this.terminal.setTitle(windowTitle(this.desk.snapshot));
  }

  /** Asks the terminal how wide it draws our glyphs: some East Asian ones take two cells for a circle or a line. */
  private measureGlyphs(): void {
    const { glyphs, theme } = this.desk.snapshot.ui;
    if (glyphs === 'auto' && !themeFor({ glyphs, theme }, this.options.env).ascii) this.terminal.askCursor(measuring);
  }

  /** Asks the terminal for its background, where no setting or variable tells it: without an answer it counts as dark. */
  private askGround(): void {
    if (this.desk.snapshot.ui.theme !== 'auto' || !canAskGround(this.options.env)) return;
    this.ground.asked();
    this.terminal.output.raw(askingGround);
  }

  private answeredGround(colour: string): void {
    const ground = this.ground.answered(colour);
    if (ground === null) return;
    this.painter.useGround(ground);
    if (this.state === 'open') this.repaint();
  }

  private measured(column: number): void {
    if (this.state !== 'open' || column === measuredWidth + 1) return;
    this.painter.avoidGlyphs();
    this.repaint();
  }

  private resized(): void {
    this.cancelResize?.();
    this.cancelResize = this.options.clock.after(RESIZE_SETTLE_MS, () => {
      if (this.state === 'open') this.repaint();
    });
  }

  /** Draws everything again, at the terminal's present size. */
  private repaint(): void {
    this.terminal.output.measure();
    this.terminal.screen.program.cols = this.terminal.output.columns;
    this.terminal.screen.program.rows = this.terminal.output.rows;
    this.painter.forget();
    this.frames.key();
  }

  suspend(): void {
    if (this.state === 'page') this.terminal.relax();
    else if (this.state === 'open') {
      this.state = 'suspended';
      this.frames.stop();
      this.terminal.giveBack();
    } else return;
    // The sequences for leaving are written: now the process may stop.
    const stop = this.options.suspendProcess ?? (() => this.terminal.stop());
    stop();
    // SIGCONT, if there was one, is handled before this
    this.options.clock.after(NOT_STOPPED_MS, () => void soon(() => this.notStopped()));
  }

  /** The program was not stopped: the system stops none that no shell would wake again, as the only one in a tmux window. */
  private notStopped(): void {
    if (this.state === 'page') {
      this.terminal.goOn();
      this.terminal.take(returning);
    }
    if (this.state !== 'suspended') return;
    this.continued();
    this.desk.say(tell('there is no shell to go back to from here: nothing was suspended'), 'warn');
  }

  /**
   * Shows a text in the terminal itself in place of the screen, which comes back when that is closed; while the terminal
   * is the shell's, not before it is given back.
   */
  private showPage(page: TerminalPage): OpenPage {
    this.page = page;
    if (this.state !== 'page') this.awaySince = this.options.clock.now();
    if (this.state === 'open') {
      this.state = 'page';
      this.terminal.leave();
    }
    if (this.state === 'page') this.terminal.output.raw(pasteOn + rawLines(page.text));
    return {
      print: (text) => this.page === page && this.state === 'page' && this.terminal.output.raw(`${inert(text)}\r\n`),
    };
  }

  private closePage(): void {
    this.page = null;
    if (this.state !== 'page') return;
    this.state = 'open';
    this.terminal.screen.enter();
    this.terminal.take(returning);
    this.desk.returned(this.awaySince);
    this.repaint();
  }

  private pointed(pointer: Pointer): void {
    const { layout } = this.painter;
    if (this.state === 'open' && layout !== null) pointed(this.desk, pointer, layout, this.terminal.output.columns);
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
    this.terminal.goOn();
    const wasSuspended = this.state === 'suspended';
    this.state = this.page === null ? 'open' : 'page';
    if (wasSuspended && this.page === null) this.terminal.screen.enter();
    this.terminal.take(wasSuspended ? entering : returning);
    if (this.page === null) this.repaint();
    else this.terminal.output.raw(rawLines(this.page.text));
    if (wasSuspended) this.frames.start();
  }

  close(): void {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'open' || this.state === 'page';
    this.state = 'closed';
    this.closed.abort();
    this.options.memory?.write(viewOf(this.desk));
    this.frames.stop();
    this.cancelResize?.();
    this.unsubscribe();
    process.off('exit', this.onExit);
    if (wasOpen) this.terminal.giveBack();
    this.terminal.release();
  }

  private gone(): void {
    if (this.state === 'closed') return;
    this.terminal.output.end();
    this.close();
    this.tellLost();
  }
}
