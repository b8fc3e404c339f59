/** A program in a terminal of its own, without a window: a real PTY, and a terminal that only remembers. */
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { cellsOf } from './cells.js';
import type { Cell } from './picture.js';

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env: NodeJS.ProcessEnv;
  /** `xterm-256color` where it is left out. */
  readonly term?: string;
}

export interface ProgramInTerminal {
  /** The text on the screen, one line for each row. */
  text(): string;
  /** The same as somebody would copy it: rows that the terminal itself wrapped are one line. */
  lines(): readonly string[];
  cells(): Cell[][];
  type(keys: string): void;
  /** As a terminal does it while bracketed paste is on. */
  paste(text: string): void;
  /**
   * Resolves once the screen shows it and does not change any more; rejects, with the screen, if that does not happen
   * within `ms`.
   */
  shows(what: RegExp, ms?: number): Promise<void>;
  resize(columns: number, rows: number): void;
  /** All that the program wrote to the terminal, as it came. */
  readonly written: string;
  readonly pid: number;
  /** The exit status, once the program has ended. */
  readonly ended: Promise<number>;
  kill(signal?: NodeJS.Signals): void;
  /** The terminal goes away, as with a dropped connection: its other end is closed, which sends SIGHUP. */
  hangUp(): void;
  /** Reads nothing more from the program, as a stalled connection does. */
  stall(): void;
  /** Reads again. */
  resume(): void;
  /** What the program has switched on in the terminal and not off again. */
  modes(): TerminalModes;
}

export interface TerminalModes {
  readonly alternateScreen: boolean;
  readonly bracketedPaste: boolean;
  readonly cursorHidden: boolean;
}

const cursorShown = '\x1b[?25h';

/** If nothing came for this long, the screen has come to rest: less than the time between two frames. */
const stillMs = 40;

/** A screen that does not come is known late; a machine that does much else takes its time. */
const LONGEST_MS = 30_000;

export function openTerminal(file: string, args: string[], options: TerminalOptions): ProgramInTerminal {
  const { columns: cols, term = 'xterm-256color' } = options;
  let { rows } = options;
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
  const env = { ...options.env, TERM: term, COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
  const program = pty.spawn(file, args, { name: term, cols, rows, env });
  // The program's questions to the terminal (size, colours, attributes) are answered as by a real one.
  terminal.onData((answer) => program.write(answer));
  let changed = (): void => undefined;
  let written = '';
  program.onData((bytes) => {
    written += bytes;
    terminal.write(bytes, () => changed());
  });
  // The last bytes are processed before the end is reported.
  const ended = new Promise<number>((done) =>
    program.onExit(({ exitCode }) => setTimeout(() => terminal.write('', () => done(exitCode)), stillMs)),
  );

  const text = (): string =>
    Array.from({ length: rows }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '').join(
      '\n',
    );
  const lines = (): readonly string[] => {
    const all: string[] = [];
    for (let row = 0; row < rows; row++) {
      const line = terminal.buffer.active.getLine(row);
      const cells = line?.translateToString() ?? '';
      if (line?.isWrapped === true) all.push((all.pop() ?? '') + cells);
      else all.push(cells);
    }
    return all.map((line) => line.trimEnd());
  };
  const shows = (what: RegExp, ms = LONGEST_MS): Promise<void> =>
    new Promise((done, failed) => {
      let still: NodeJS.Timeout | undefined;
      const late = setTimeout(() => {
        changed = (): void => undefined;
        failed(new Error(`the screen did not show ${String(what)} within ${ms} ms:\n${text()}`));
      }, ms);
      changed = (): void => {
        clearTimeout(still);
        if (!what.test(text())) return;
        still = setTimeout(() => {
          clearTimeout(late);
          changed = (): void => undefined;
          done();
        }, stillMs);
      };
      changed();
    });
  return {
    text,
    lines,
    cells: () => cellsOf(terminal),
    type: (keys) => program.write(keys),
    paste: (pasted) => program.write(`\x1b[200~${pasted}\x1b[201~`),
    shows,
    resize: (columns, lines) => {
      rows = lines;
      terminal.resize(columns, lines);
      program.resize(columns, lines);
    },
    get written() {
      return written;
    },
    pid: program.pid,
    ended,
    kill: (signal = 'SIGKILL') => program.kill(signal),
    hangUp: () => (program as unknown as { destroy(): void }).destroy(),
    stall: () => program.pause(),
    resume: () => program.resume(),
    modes: () => ({
      alternateScreen: terminal.buffer.active.type === 'alternate',
      bracketedPaste: terminal.modes.bracketedPasteMode,
      cursorHidden: written.lastIndexOf('\x1b[?25l') > written.lastIndexOf(cursorShown),
    }),
  };
}
