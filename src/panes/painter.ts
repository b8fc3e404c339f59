/** From the desk to the terminal: every region of the screen is a box of rows, and blessed sends what changed of them. */
import { accountsPane, accountsRoom, type AccountsModel } from './accounts.js';
import { rowsBox, type BlessedBox, type BlessedScreen } from './blessed-ext.js';
import type { Desk, Layer, PaneName } from './desk.js';
import { footLines } from './foot.js';
import { layoutFor, LEAST_HEIGHT, LEAST_WIDTH, tooSmall, type Layout, type Rows } from './layout.js';
import { line, paint, span, type Line } from './lines.js';
import { logPane } from './log.js';
import { formLines } from './readdform.js';
import { refreshesPane } from './refreshes.js';
import { StatusSparkline } from './sparkline.js';
import { headLines, statusLine, type SparkPlace } from './status.js';
import { themeFor, type Theme } from './theme.js';

interface Region {
  readonly box: BlessedBox;
  shown: string;
}

/** Everything of one frame, before it is put into boxes. */
export interface Picture {
  readonly regions: ReadonlyMap<string, PlacedRows>;
  readonly spark: SparkPlace | null;
}

interface PlacedRows {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly rows: readonly string[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the whole screen shows, region by region, the topmost last. */
export function picture(desk: Desk, { width, height }: Size, theme: Theme): Picture {
  const regions = new Map<string, PlacedRows>();
  if (tooSmall(width, height)) {
    const text = `regrant needs ${LEAST_WIDTH}x${LEAST_HEIGHT}, has ${width}x${height}`;
    const rows = Array.from({ length: height }, (_, row) => paint(line(span(row === 0 ? text : '')), width, theme));
    return { regions: regions.set('all', { left: 0, top: 0, width, rows }), spark: null };
  }
  const { snapshot, now } = desk;
  const put = (name: string, { top }: Rows, rows: readonly string[]): unknown =>
    rows.length > 0 && regions.set(name, { left: 0, top, width, rows });
  const painted = (lines: readonly Line[]): string[] => lines.map((each) => paint(each, width, theme));
  const status = statusLine(snapshot, width, theme, { now, attached: desk.reach.attached });
  const head = [status.line, ...headLines(snapshot, width, theme, now)];
  const form = formFor(desk, width, height - head.length - 1, theme);
  const layout = layoutFor({ ...needs(desk, { width, height }, form, theme), headRows: head.length });
  put('head', layout.head, painted(head));
  if (desk.layer?.place === 'panes') {
    put('panes', layout.body, desk.layer.rows(desk, width, layout.body.height, theme));
  } else {
    for (const pane of ['accounts', 'refreshes', 'log'] as const) {
      const rows = layout.panes[pane];
      put(pane, rows, rows.height > 0 ? paneRows(desk, pane, width, rows.height, form, theme) : []);
    }
  }
  put('foot', layout.foot, footRows(desk, width, layout, theme));
  if (desk.layer?.place === 'dialog') regions.set('dialog', dialog(desk.layer, desk, { width, height }, theme));
  return { regions, spark: status.spark };
}

function needs(
  desk: Desk,
  { width, height }: Size,
  form: readonly Line[] | null,
  theme: Theme,
): Parameters<typeof layoutFor>[0] {
  const sheet = desk.layer?.place === 'accounts' ? desk.layer.height(desk, width, theme) : null;
  const listed = desk.accounts.rows.length + 3 + (form?.length ?? 0);
  const rows = desk.snapshot.accounts.length === 0 && form === null ? 8 : listed;
  const least = sheet === null ? Math.min(rows, form === null ? 5 : form.length + 4) : Math.min(sheet, 20);
  const zoomed = desk.zoomed && (desk.focus === 'accounts' || form === null);
  return { width, height, headRows: 2, focus: desk.focus, zoomed, accountsRows: sheet ?? rows, accountsLeast: least };
}

/** The form's lines, so many that its row stays in sight above it. */
function formFor(desk: Desk, width: number, bodyHeight: number, theme: Theme): readonly Line[] | null {
  return desk.form === null ? null : formLines(desk.form, width - 2, Math.max(4, bodyHeight - 4), theme);
}

function paneRows(
  desk: Desk,
  pane: PaneName,
  width: number,
  height: number,
  form: readonly Line[] | null,
  theme: Theme,
): string[] {
  const focused = desk.focus === pane && desk.layer?.place !== 'dialog';
  const { supervisor, now } = desk;
  if (pane === 'log') return logPane({ view: desk.log, feed: supervisor.logs, focused }, width, height, theme);
  if (pane === 'refreshes') {
    return refreshesPane({ view: desk.refreshes, feed: supervisor.events, now, focused }, width, height, theme);
  }
  if (desk.layer?.place === 'accounts') return desk.layer.rows(desk, width, height, theme);
  return accountsPane(accountsModel(desk, height, form, focused), width, height, theme);
}

function accountsModel(desk: Desk, height: number, form: readonly Line[] | null, focused: boolean): AccountsModel {
  const { accounts, snapshot, now, flash } = desk;
  const isSteady = !snapshot.ui.flash;
  return {
    now,
    rows: accounts.rows,
    total: snapshot.accounts.length,
    selectedId: accounts.selected?.id ?? null,
    marked: accounts.marked,
    sort: accounts.sort,
    filter: accounts.pattern?.source ?? '',
    longestEmail: desk.longestEmail,
    top: accounts.top(accountsRoom(height, form?.length ?? 0)),
    highlight: (id) => flash.highlight(id, now, isSteady),
    alarmed: flash.lit(now, isSteady),
    focused,
    form: form === null || desk.form === null ? null : { accountId: desk.form.accountId, lines: form },
  };
}

function footRows(desk: Desk, width: number, { foot }: Layout, theme: Theme): string[] {
  const lines = footLines(desk, width, foot.height, theme).map((each) => paint(each, width, theme));
  if (desk.layer?.place !== 'foot') return lines;
  return [...desk.layer.rows(desk, width, 1, theme), ...lines.slice(1)];
}

function dialog(layer: Layer, desk: Desk, { width, height }: Size, theme: Theme): PlacedRows {
  const inner = Math.min(width - 4, layer.takesText ? 96 : 74);
  const tall = Math.min(layer.height(desk, inner, theme), height - 2);
  const top = Math.max(1, Math.floor((height - tall) / 3));
  return { left: Math.floor((width - inner) / 2), top, width: inner, rows: layer.rows(desk, inner, tall, theme) };
}

/** Puts pictures onto a blessed screen. */
export class Painter {
  #regions = new Map<string, Region>();
  #sparkline: StatusSparkline;
  #theme: Theme | null = null;
  #themeKey = '';

  constructor(
    private readonly screen: BlessedScreen,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.#sparkline = new StatusSparkline(screen);
  }

  /** Loads what the first picture could do without. */
  loadSparkline(): Promise<void> {
    return this.#sparkline.load();
  }

  /** Draws the desk; blessed's buffer is flushed at once, as one write. */
  paint(desk: Desk, size: Size): void {
    const theme = this.#themeFor(desk);
    const { regions, spark } = picture(desk, size, theme);
    for (const [name, region] of this.#regions) if (!regions.has(name)) region.box.hide();
    for (const [name, placed] of regions) this.#place(name, placed);
    this.#sparkline.show(spark, desk.snapshot.traffic.perSecond, theme);
    this.#regions.get('dialog')?.box.setFront();
    this.screen.render();
    this.screen.program.flush();
  }

  #themeFor({ snapshot }: Desk): Theme {
    const key = `${snapshot.ui.theme} ${snapshot.ui.glyphs}`;
    if (this.#theme === null || key !== this.#themeKey) this.#theme = themeFor(snapshot.ui, this.env);
    this.#themeKey = key;
    return this.#theme;
  }

  #place(name: string, { left, top, width, rows }: PlacedRows): void {
    let region = this.#regions.get(name);
    if (region === undefined) this.#regions.set(name, (region = { box: rowsBox(this.screen), shown: '' }));
    const { box } = region;
    box.show();
    box.left = left;
    box.top = top;
    box.width = width;
    box.height = rows.length;
    const content = rows.join('\n');
    if (content === region.shown) return;
    box.setContent(content);
    region.shown = content;
  }
}
