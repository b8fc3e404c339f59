/** The real screen on a terminal in memory, worked by keys, read by cells. */
import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';
import { PassThrough, Writable } from 'node:stream';
import type { Supervisor } from '../../src/proxy/contract/supervisor.js';
import { openScreen } from '../../src/panes/screen/screen.js';
import type { OpenScreen, ScreenOptions } from '../../src/panes/screen/screen-options.js';
import { setClock, type SetClock } from './clock.js';

/** What a key sends; a single character is itself. */
const keyBytes: Readonly<Record<string, string>> = {
  Enter: '\r',
  Escape: '\x1b',
  Tab: '\t',
  Space: ' ',
  Backspace: '\x7f',
  Delete: '\x1b[3~',
  Up: '\x1bOA',
  Down: '\x1bOB',
  Right: '\x1bOC',
  Left: '\x1bOD',
  Home: '\x1b[H',
  End: '\x1b[F',
  PgUp: '\x1b[5~',
  PgDn: '\x1b[6~',
  'S-Tab': '\x1b[Z',
};

const bytesOf = (key: string): string => {
  if (/^C-[a-z]$/.test(key)) return String.fromCharCode(key.charCodeAt(2) - 96);
  return keyBytes[key] ?? key;
};

/** An input that a screen may put into raw mode. */
class TestInput extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
}

/** A terminal's output side: it can be made to take nothing, as over a dead connection. */
class TestOutput extends Writable {
  readonly isTTY = true;
  /** The size that the system knows while no signal has told it yet. */
  untold: { readonly columns: number; readonly rows: number } | null = null;
  bytes = 0;
  writes = 0;
  #stalled = false;
  #waiting: (() => void)[] = [];

  constructor(
    private readonly terminal: Terminal,
    public columns: number,
    public rows: number,
  ) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const take = (): void => {
      this.bytes += chunk.length;
      this.writes += 1;
      this.terminal.write(chunk, done);
    };
    if (this.#stalled) this.#waiting.push(take);
    else take();
  }

  /** Like Node's: asks the system. */
  _refreshSize(): void {
    if (this.untold !== null) ({ columns: this.columns, rows: this.rows } = this.untold);
  }

  stall(): void {
    this.#stalled = true;
  }

  drain(): void {
    this.#stalled = false;
    for (const take of this.#waiting.splice(0)) take();
  }
}

export interface Cell {
  readonly char: string;
  readonly bold: boolean;
  readonly inverse: boolean;
  /** Whether text or background is red, as a person would call it. */
  readonly red: boolean;
  /** SGR of the text colour: `203`, or `default`. */
  readonly fg: string;
  readonly bg: string;
}

const cube = [0, 95, 135, 175, 215, 255];
function isRed(palette: number): boolean {
  if (palette === 1 || palette === 9) return true;
  if (palette < 16 || palette >= 232) return false;
  const [r = 0, g = 0, b = 0] = [36, 6, 1].map((step) => cube[Math.floor((palette - 16) / step) % 6]);
  return r >= 120 && g <= r * 0.6 && b <= r * 0.6;
}

function cellOf(cell: IBufferCell): Cell {
  const fg = cell.isFgPalette() ? cell.getFgColor() : null;
  const bg = cell.isBgPalette() ? cell.getBgColor() : null;
  return {
    char: cell.getChars() === '' ? ' ' : cell.getChars(),
    bold: cell.isBold() !== 0,
    inverse: cell.isInverse() !== 0,
    red: (fg !== null && isRed(fg)) || (bg !== null && isRed(bg)),
    fg: fg === null ? 'default' : String(fg),
    bg: bg === null ? 'default' : String(bg),
  };
}

/** One row of the screen. */
export interface ScreenRow {
  readonly y: number;
  readonly text: string;
  readonly cells: readonly Cell[];
  /** The red parts of it. */
  readonly red: string;
}

export interface TestScreenOptions extends Partial<Pick<ScreenOptions, 'env' | 'attached' | 'version' | 'memory'>> {
  readonly cols?: number;
  readonly rows?: number;
  readonly clock?: SetClock;
}

const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));

export class TestScreen {
  readonly clock: SetClock;
  readonly terminal: Terminal;
  readonly input = new TestInput();
  readonly output: TestOutput;
  readonly open: OpenScreen;
  /** How the operator left the screen, in order. */
  readonly quits: ('stop' | 'close')[] = [];
  /** How often the process was told to stop for Ctrl-Z. */
  suspensions = 0;
  /** How often the program was to go on without a screen. */
  detachments = 0;
  /** Why the screen cannot be left; null: it can. */
  cannotDetach: string | null = null;
  lost = false;

  constructor(supervisor: Supervisor, options: TestScreenOptions & { readonly clock: SetClock }) {
    const { cols = 120, rows = 40, clock } = options;
    this.clock = clock;
    this.terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
    this.output = new TestOutput(this.terminal, cols, rows);
    this.open = openScreen(supervisor, {
      input: this.input,
      output: this.output,
      clock,
      env: options.env ?? { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
      attached: options.attached ?? false,
      version: options.version ?? supervisor.snapshot().version,
      ...(options.memory !== undefined && { memory: options.memory }),
      onQuit: (how) => this.quits.push(how),
      onDetach: () => {
        this.detachments += 1;
        return Promise.resolve(this.cannotDetach);
      },
      suspendProcess: () => (this.suspensions += 1),
    });
    void this.open.lost.then(() => (this.lost = true));
  }

  /** Lets everything that is under way be drawn. */
  async settle(): Promise<void> {
    // A frame may wait until the one before was taken, which the terminal reports in a later turn.
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) await turn();
      await new Promise<void>((done) => this.terminal.write('', done));
    }
  }

  /** Moves time on and lets what fell due be drawn. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  /** Bytes as the terminal sends them, in one read. */
  async send(bytes: string | Buffer): Promise<void> {
    this.input.write(bytes);
    await this.settle();
  }

  /** Keys by name (`Enter`, `C-c`, `PgDn`) or character, one read each. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.send(bytesOf(key));
      // A bare ESC is a key only after nothing followed it.
      if (key === 'Escape') await this.advance(30);
    }
  }

  /** Letter by letter. */
  async type(text: string): Promise<void> {
    for (const letter of text) {
      await this.press(letter);
      // a hand takes its time
      this.clock.advance(5);
    }
  }

  /** As a terminal with bracketed paste does. */
  async paste(text: string): Promise<void> {
    await this.send(`\x1b[200~${text.replaceAll('\n', '\r')}\x1b[201~`);
    // what follows at once belongs to the paste
    await this.advance(100);
  }

  /** Lets news come onto the screen. */
  async news(): Promise<void> {
    await this.advance(100);
  }

  async resize(cols: number, rows: number): Promise<void> {
    this.terminal.resize(cols, rows);
    this.output.columns = cols;
    this.output.rows = rows;
    this.output.emit('resize');
    await this.advance(100);
  }

  rows(): ScreenRow[] {
    const buffer = this.terminal.buffer.active;
    return Array.from({ length: this.terminal.rows }, (_, y) => {
      const line = buffer.getLine(y);
      const cells: Cell[] = [];
      for (let x = 0; x < this.terminal.cols; x++) {
        const cell = line?.getCell(x);
        if (cell !== undefined && cell.getWidth() > 0) cells.push(cellOf(cell));
      }
      const red = cells.filter((cell) => cell.red && cell.char !== ' ').map(({ char }) => char);
      return { y, cells, text: cells.map(({ char }) => char).join(''), red: red.join('') };
    });
  }

  /** The whole screen as text, blanks at line ends left out. */
  text(): string {
    return this.rows()
      .map(({ text }) => text.trimEnd())
      .join('\n');
  }

  /** Rows with this text in them. */
  matching(pattern: RegExp | string): ScreenRow[] {
    return this.rows().filter(({ text }) =>
      typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text),
    );
  }

  /** The row with this text, which has to be there; the first where there are several. */
  row(pattern: RegExp | string): ScreenRow {
    const [found] = this.matching(pattern);
    if (found === undefined) throw new Error(`no row has ${String(pattern)}:\n${this.text()}`);
    return found;
  }

  /** The account's row in the accounts pane: state word and e-mail in one run of text. */
  accountRow(email: string): ScreenRow {
    const words = '(ready|cooling|DISABLED|off|refused|blocked|no client|file)';
    const escaped = email.replace(/[.+]/g, '\\$&');
    return this.row(new RegExp(`[║│].{4,5}${words} +${escaped}`));
  }

  has(pattern: RegExp | string): boolean {
    return this.matching(pattern).length > 0;
  }
}

/** Opens a screen over `supervisor`, hands it in and closes it, whatever happens. */
export async function withScreen(
  supervisor: Supervisor,
  options: TestScreenOptions,
  use: (screen: TestScreen) => Promise<void>,
): Promise<void> {
  const screen = new TestScreen(supervisor, { ...options, clock: options.clock ?? setClock() });
  try {
    await screen.settle();
    await use(screen);
  } finally {
    screen.open.close();
    await screen.settle();
    screen.terminal.dispose();
    screen.input.destroy();
  }
}
