/**
 * From the desk to the terminal: every region of the screen is a box of rows, and blessed sends the cells that changed.
 */
import { accountsPane, accountsRoom, type AccountsModel } from '../views/accounts.js';
import type { BlessedScreen } from '../terminal/blessed-ext.js';
import { Blitter, type PlacedRows } from '../terminal/blitter.js';
import { chartPlaces, Charts, type ChartPlaces } from '../sheets/charts.js';
import { ChartWidgets } from './chart-widgets.js';
import type { Cover, Desk, PaneName } from '../desk/desk.js';
import { accountsIn } from '../../proxy/contract/snapshot.js';
import { footHeight, footLines } from './foot.js';
import { layoutFor, LEAST_HEIGHT, LEAST_WIDTH, tooSmall, type Layout, type Rows } from './layout.js';
import { line, paint, span, type Line } from '../text/lines.js';
import { logPane } from '../views/log/log-pane.js';
import { refreshesPane } from '../views/refreshes.js';
import { StatusSparkline } from './sparkline.js';
import { headLines } from '../views/head.js';
import { statusLine, type SparkPlace } from '../views/status.js';
import { wrap } from '../text/text.js';
import { languageOf, speak, spokenLanguage, type Language } from '../../store/words/tongue.js';
import { themeFor, type Ground, type Theme } from '../text/theme.js';
import { phrase } from '../text/phrase.js';

/** Everything of one frame, before it is put into boxes. */
export interface ScreenPicture {
  /** From top to bottom, each as wide as the screen. */
  readonly regions: readonly PlacedRows[];
  /** Drawn over the regions. */
  readonly dialog: PlacedRows | null;
  readonly spark: SparkPlace | null;
  /** Null where the screen is too small for panes. */
  readonly layout: Layout | null;
  /** Left free for charts. */
  readonly charts: ChartPlaces | null;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the whole screen shows. */
export function picture(desk: Desk, size: Size, theme: Theme): ScreenPicture {
  const { width, height } = size;
  if (tooSmall(width, height)) return tooSmallPicture(size, theme);
  const { snapshot, now, layer, sheet } = desk;
  const painted = (lines: readonly Line[]): string[] => lines.map((each) => paint(each, width, theme));
  const at = ({ top }: Rows, rows: readonly string[]): PlacedRows => ({ left: 0, top, width, rows });
  const status = statusLine(snapshot, width, theme, { now, attached: desk.host.attached });
  const head = painted([
    status.line,
    ...headLines({ ...snapshot, alarm: desk.alarm }, width, theme, now, desk.accounts.hiddenOut(snapshot.accounts)),
  ]);
  const form = formFor(desk, width, height - head.length - 1, theme);
  const layout = layoutFor({ ...needs(desk, size, form, theme), headRows: head.length });
  const body =
    sheet?.place === 'panes'
      ? [at(layout.body, sheet.rows(desk, width, layout.body.height, theme))]
      : (['accounts', 'log', 'refreshes'] as const)
          .filter((pane) => layout.panes[pane].height > 0)
          .map((pane) =>
            at(layout.panes[pane], paneRows(desk, pane, { width, height: layout.panes[pane].height }, form, theme)),
          );
  return {
    regions: [at(layout.head, head), ...body, at(layout.foot, footRows(desk, width, layout, theme))],
    dialog: layer?.place === 'dialog' ? dialog(layer, desk, size, theme) : null,
    spark: status.spark,
    layout,
    charts: layer instanceof Charts ? chartPlaces(layout.body.top, width, layout.body.height) : null,
  };
}

function tooSmallPicture({ width, height }: Size, theme: Theme): ScreenPicture {
  const said = wrap(
    phrase('regrant needs {least}, has {size}', {
      least: `${LEAST_WIDTH}x${LEAST_HEIGHT}`,
      size: `${width}x${height}`,
    }),
    width,
  );
  const rows = Array.from({ length: height }, (_, row) => paint(line(span(said[row] ?? '')), width, theme));
  return { regions: [{ left: 0, top: 0, width, rows }], dialog: null, spark: null, layout: null, charts: null };
}

function needs(
  desk: Desk,
  { width, height }: Size,
  form: readonly Line[] | null,
  theme: Theme,
): Parameters<typeof layoutFor>[0] {
  const sheet = desk.sheet?.place === 'accounts' ? desk.sheet.height(desk, width, theme) : null;
  const listed = desk.accounts.rows.length + 3 + (form?.length ?? 0);
  const rows = desk.snapshot.accounts.length === 0 && form === null ? 9 : listed;
  const least =
    sheet === null ? Math.min(rows, form === null ? 5 : form.length + 4) : Math.min(sheet, Math.max(20, height - 12));
  const zoomed = desk.zoomed && (desk.focus === 'accounts' || form === null);
  return {
    width,
    height,
    headRows: 2,
    footRows: footHeight(desk, { width, height }),
    focus: desk.focus,
    zoomed,
    accountsRows: sheet ?? rows,
    accountsLeast: least,
  };
}

/** The form's lines, as many as leave its row in sight above it. */
function formFor(desk: Desk, width: number, bodyHeight: number, theme: Theme): readonly Line[] | null {
  return desk.row?.lines(width - 2, Math.max(4, bodyHeight - 4), theme) ?? null;
}

function paneRows(
  desk: Desk,
  pane: PaneName,
  { width, height }: Size,
  form: readonly Line[] | null,
  theme: Theme,
): string[] {
  const focused = desk.focus === pane && desk.layer?.place !== 'dialog';
  const { supervisor, now } = desk;
  if (pane === 'log')
    return logPane(
      { view: desk.log, feed: desk.logs, now, longestEmail: desk.longestEmail, focused },
      width,
      height,
      theme,
    );
  if (pane === 'refreshes') {
    return refreshesPane(
      { view: desk.refreshes, feed: supervisor.events, hasAccounts: desk.snapshot.accounts.length > 0, now, focused },
      width,
      height,
      theme,
    );
  }
  if (desk.sheet?.place === 'accounts') return desk.sheet.rows(desk, width, height, theme);
  return accountsPane(accountsModel(desk, height, form, focused), width, height, theme);
}

function accountsModel(desk: Desk, height: number, form: readonly Line[] | null, focused: boolean): AccountsModel {
  const { accounts, snapshot, now, flash } = desk;
  const isSteady = !snapshot.ui.flash;
  return {
    now,
    rows: accounts.rows,
    all: snapshot.accounts,
    total: Math.max(snapshot.accounts.length, accountsIn(snapshot.counts)),
    hasClient: snapshot.clients.length > 0,
    selectedId: accounts.selected?.id ?? null,
    marked: accounts.marked,
    testing: snapshot.testing,
    acting: snapshot.acting,
    sort: accounts.sort,
    direction: accounts.direction,
    columns: accounts.columns,
    filter: accounts.pattern?.source ?? '',
    longestEmail: desk.longestEmail,
    top: accounts.top(accountsRoom(height, form?.length ?? 0)),
    highlight: (id) => flash.highlight(id, now, isSteady),
    alarmed: flash.lit(now, isSteady),
    focused,
    form: form === null || desk.row === null ? null : { accountId: desk.row.accountId, lines: form },
  };
}

function footRows(desk: Desk, width: number, { foot }: Layout, theme: Theme): string[] {
  const lines = footLines(desk, width, foot.height, theme).map((each) => paint(each, width, theme));
  if (desk.layer?.place !== 'foot') return lines;
  return [...desk.layer.rows(desk, width, 1, theme), ...lines.slice(1)];
}

function dialog(layer: Cover, desk: Desk, { width, height }: Size, theme: Theme): PlacedRows {
  const inner = Math.min(width - 4, layer.takesText ? 96 : 74);
  const tall = Math.min(layer.height(desk, inner, theme), height - 2);
  const top = Math.max(1, Math.floor((height - tall) / 3));
  return { left: Math.floor((width - inner) / 2), top, width: inner, rows: layer.rows(desk, inner, tall, theme) };
}

/** Draws frames on a blessed screen. */
export class Painter {
  private readonly blitter: Blitter;
  private readonly sparkline: StatusSparkline;
  private readonly charts: ChartWidgets;
  /** Where the panes were drawn last; null: nowhere. */
  layout: Layout | null = null;
  private theme: Theme | null = null;
  private themeKey = '';
  /** The language whose words are being loaded. */
  private learning: Language | null = null;
  private drawsWide = false;
  private ground: Ground | null = null;

  constructor(
    private readonly screen: BlessedScreen,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.blitter = new Blitter(screen);
    this.sparkline = new StatusSparkline(screen);
    this.charts = new ChartWidgets(screen);
  }

  /** Draws everything the next time, since the terminal shows something else. */
  forget(): void {
    this.screen.realloc();
    this.blitter.forget();
  }

  /** Draws the desk; what blessed sends for it is flushed at once, as one write. */
  paint(desk: Desk, size: Size): void {
    const theme = this.themeFor(desk);
    this.speakAs(desk, theme);
    const { regions, dialog: over, spark, charts, layout } = picture(desk, size, theme);
    this.layout = layout;
    this.sparkline.show(spark, desk.snapshot.traffic, theme);
    // A widget that gets new content wipes its place and more, so the row is drawn again.
    this.blitter.forgetRow(0);
    const data = desk.layer instanceof Charts ? desk.layer.data : null;
    if (this.charts.show(charts, data, theme)) this.blitter.forget();
    this.blitter.put(regions, over);
    this.screen.render();
    this.screen.program.flush();
  }

  /**
   * This terminal draws some of our glyphs two cells wide: draws in ASCII from now on, unless the settings say
   * otherwise.
   */
  avoidGlyphs(): void {
    this.drawsWide = true;
  }

  /** The terminal answered what its background is. */
  useGround(ground: Ground): void {
    this.ground = ground;
  }

  /** The language of the settings, else of this terminal's locale; English where the terminal has no other letters. */
  private speakAs(desk: Desk, { letters }: Theme): void {
    const { language } = desk.snapshot.ui;
    const wanted = letters === 'ascii' ? 'en' : language === 'auto' ? languageOf(this.env) : language;
    if (wanted === spokenLanguage() || wanted === this.learning) return;
    this.learning = wanted;
    speak(wanted).then(
      () => {
        this.learning = null;
        desk.changed();
      },
      // its file went away, as while another version is installed: what is spoken stays
      () => undefined,
    );
  }

  private themeFor({ snapshot }: Desk): Theme {
    const { theme, glyphs: wanted } = snapshot.ui;
    const glyphs = wanted === 'auto' && this.drawsWide ? 'ascii' : wanted;
    const key = `${theme} ${glyphs} ${this.ground ?? ''}`;
    if (this.theme === null || key !== this.themeKey) this.theme = themeFor({ theme, glyphs }, this.env, this.ground);
    this.themeKey = key;
    return this.theme;
  }
}
