/**
 * The terminal while a screen uses it: taken on entering, lent to a page or a shell meanwhile, and given back as it
 * was.
 */
import type { Readable } from 'node:stream';
import { openBlessed, terminalName, type BlessedScreen } from '../terminal/blessed-ext.js';
import { ScreenOutput, type TerminalOutput } from '../terminal/output.js';
import type { InputFilter } from '../terminal/input.js';
import { leaving, mouseOff, mouseOn, titleSequence } from '../terminal/sequences.js';

export type TerminalInput = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

export interface HeldTerminalOptions {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly filter: InputFilter;
  /** The terminal's name, as `TERM` has it. */
  readonly term: string | undefined;
  readonly unicode: boolean;
}

export interface TerminalEvents {
  /** Called when everything that was written has been taken. */
  drained: () => void;
  resized: () => void;
  /** Called when the process goes on after it was stopped. */
  continued: () => void;
  /** Called when another process wants this one to stop, as `kill -TSTP` does. */
  stopAsked: () => void;
  lost: () => void;
}

export class HeldTerminal {
  readonly output: ScreenOutput;
  readonly screen: BlessedScreen;
  private readonly letGo: () => void;
  private title = '';
  private mouse: 'mouse' | 'no mouse' = 'no mouse';

  constructor(
    private readonly options: HeldTerminalOptions,
    private readonly events: TerminalEvents,
  ) {
    const { input, output, filter, term, unicode } = options;
    output.on('error', events.lost);
    this.output = new ScreenOutput(output, events.drained);
    this.screen = openBlessed({
      output: this.output,
      terminal: terminalName(term),
      unicode,
    });
    const detachInput = filter.attach(input);
    output.on('resize', events.resized);
    process.on('SIGWINCH', events.resized);
    process.on('SIGCONT', events.continued);
    process.on('SIGTSTP', events.stopAsked);
    this.letGo = () => {
      detachInput();
      output.off('resize', events.resized);
      process.off('SIGWINCH', events.resized);
      process.off('SIGCONT', events.continued);
      process.off('SIGTSTP', events.stopAsked);
    };
  }

  /** Switches to single keys, and writes the sequences for entering or coming back. */
  take(sequences: string): void {
    const { input } = this.options;
    input.setRawMode?.(true);
    input.resume();
    this.output.raw(sequences);
    this.title = '';
  }

  /** Sets the title if it has changed. */
  setTitle(title: string): void {
    if (title !== this.title) this.output.raw(titleSequence(title));
    this.title = title;
  }

  /** Asks the terminal where its cursor is; an answer is awaited for some seconds. */
  askCursor(sequences: string): void {
    this.options.filter.awaitCursor();
    this.output.raw(sequences);
  }

  /** Has buttons and wheel told, or not. */
  useMouse(wanted: 'mouse' | 'no mouse'): void {
    if (wanted === this.mouse) return;
    this.mouse = wanted;
    this.output.raw(wanted === 'mouse' ? mouseOn : mouseOff);
  }

  /** Leaves the screen: the terminal shows again what was there before. */
  leave(): void {
    this.useMouse('no mouse');
    this.screen.leave();
    this.screen.program.flush();
  }

  giveBack(): void {
    this.output.raw(leaving);
    this.leave();
    this.relax();
  }

  /**
   * Stops the whole process group, as the terminal's own Ctrl-Z does; this process is stopped by SIGSTOP, since it
   * handles SIGTSTP.
   */
  stop(): void {
    process.off('SIGTSTP', this.events.stopAsked);
    process.kill(0, 'SIGTSTP');
  }

  /** Listens again for a process that wants this one to stop. */
  goOn(): void {
    process.off('SIGTSTP', this.events.stopAsked);
    process.on('SIGTSTP', this.events.stopAsked);
  }

  /** Switches letters and lines back to how they are outside a screen. */
  relax(): void {
    try {
      this.options.input.setRawMode?.(false);
    } catch {
      // A terminal that is gone cannot be given back.
    }
  }

  /** Stops listening and writing. */
  release(): void {
    this.letGo();
    this.screen.destroy();
    this.output.end();
    this.options.input.pause();
  }
}
