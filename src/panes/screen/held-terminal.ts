/** The terminal as a screen holds it: taken on entering, lent to a page or a shell meanwhile, and given back as it was. */
import type { Readable } from 'node:stream';
import { openBlessed, terminalName, type BlessedScreen } from '../terminal/blessed-ext.js';
import { ScreenOutput, type TerminalOutput } from '../terminal/output.js';
import type { InputFilter } from '../terminal/input.js';
import { leaving, titleSequence } from '../terminal/sequences.js';

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
  /** It took everything that was written. */
  drained: () => void;
  resized: () => void;
  /** The process goes on after a stop. */
  continued: () => void;
  /** Somebody outside wants it to stop, as `kill -TSTP` does. */
  stopAsked: () => void;
  lost: () => void;
}

export class HeldTerminal {
  readonly output: ScreenOutput;
  readonly screen: BlessedScreen;
  private readonly letGo: () => void;
  private title = '';

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

  /** Every key as it is pressed; what is said on entering or coming back. */
  take(sequences: string): void {
    const { input } = this.options;
    input.setRawMode?.(true);
    input.resume();
    this.output.raw(sequences);
    this.title = '';
  }

  /** Says it where it is another one than before. */
  setTitle(title: string): void {
    if (title !== this.title) this.output.raw(titleSequence(title));
    this.title = title;
  }

  /** Says what makes the terminal tell where its cursor stands; its answer is heard for some seconds. */
  askCursor(sequences: string): void {
    this.options.filter.awaitCursor();
    this.output.raw(sequences);
  }

  /** To the picture that stood there before the screen. */
  leave(): void {
    this.screen.leave();
    this.screen.program.flush();
  }

  giveBack(): void {
    this.output.raw(leaving);
    this.leave();
    this.relax();
  }

  /** Stops the whole process group, as the terminal's own Ctrl-Z does; this process by the signal that it listens to. */
  stop(): void {
    process.off('SIGTSTP', this.events.stopAsked);
    process.kill(0, 'SIGTSTP');
  }

  /** Hears again whoever wants it to stop. */
  goOn(): void {
    process.off('SIGTSTP', this.events.stopAsked);
    process.on('SIGTSTP', this.events.stopAsked);
  }

  /** Letters and lines as outside a screen. */
  relax(): void {
    try {
      this.options.input.setRawMode?.(false);
    } catch {
      // A terminal that is gone needs nothing back.
    }
  }

  /** Hears and says nothing any more. */
  release(): void {
    this.letGo();
    this.screen.destroy();
    this.output.end();
    this.options.input.pause();
  }
}
