/** blessed-contrib's line charts and gauge, drawn over the places that the charts pane leaves free for them. */
import { createRequire } from 'node:module';
import type { BlessedBox, BlessedScreen } from '../terminal/blessed-ext.js';
import type { ChartData, ChartPlace, ChartPlaces, Series } from '../sheets/charts.js';
import type { Style, Theme } from '../text/theme.js';
import { colourOf } from './sparkline.js';
import { phrase } from '../text/phrase.js';

type LineBox = BlessedBox & {
  setData(series: readonly LineSeries[]): void;
  calcSize(): void;
  canvasSize: Dots;
  options: Scale;
};
type GaugeBox = BlessedBox & { setPercent(percent: number): void };
/** Size in braille dots: a cell is two wide and four high. */
interface Dots {
  readonly width: number;
  readonly height: number;
}
/** Its upper end, and in how many parts it is marked. */
interface Scale {
  maxY?: number;
  numYLabels?: number;
}
interface LineSeries {
  readonly title: string;
  readonly x: readonly string[];
  readonly y: readonly number[];
  readonly style: { readonly line: Colour };
}

/** The widgets take no colour as `normal`. */
type Colour = number | 'normal';

interface Widgets {
  readonly requests: LineBox;
  readonly latency: LineBox;
  readonly gauge: GaugeBox;
  readonly key: string;
}

/** Loaded when the charts are first opened, since the library takes longer to load than the screen. */
const load = createRequire(import.meta.url);
const lineChart = (options: unknown): LineBox =>
  (load('blessed-contrib/lib/widget/charts/line.js') as (options: unknown) => LineBox)(options);
const gaugeChart = (options: unknown): GaugeBox =>
  (load('blessed-contrib/lib/widget/gauge.js') as (options: unknown) => GaugeBox)(options);

/** Width of the longest label, `-58s`. */
const LABEL = 4;

export class ChartWidgets {
  private widgets: Widgets | null = null;

  constructor(private readonly screen: BlessedScreen) {}

  /** Shows these figures, or nothing. @returns whether other cells of the screen were overwritten too */
  show(places: ChartPlaces | null, data: ChartData | null, theme: Theme): boolean {
    // They need braille and colours: without either, the sparklines below them show as much.
    const plain = theme.ascii || theme.sgr.accent === '' || !theme.sgr.accent.includes('38;5');
    if (places === null || data === null || plain) return this.hide();
    const colour = (style: Style): Colour => colourOf(theme, style) ?? 'normal';
    const key = JSON.stringify([places, colour('accent')]);
    if (this.widgets?.key !== key) {
      this.hide();
      this.widgets = this.make(places, colour, key);
    }
    const { requests, latency, gauge } = this.widgets;
    Object.assign(requests.options, scaleOf(data.requests.values, places.requests.height));
    Object.assign(latency.options, scaleOf(data.latency.values, places.latency.height));
    requests.setData([seriesOf(data.requests, colour('accent'), 1), seriesOf(data.errors, colour('warn'), 1)]);
    latency.setData([seriesOf(data.latency, colour('accent'), 2)]);
    gauge.setPercent(Math.max(2, data.refreshed ?? 0));
    return true;
  }

  private hide(): boolean {
    if (this.widgets === null) return false;
    const { requests, latency, gauge } = this.widgets;
    for (const box of [requests, latency, gauge]) {
      box.hide();
      box.destroy();
    }
    this.widgets = null;
    return true;
  }

  private make(places: ChartPlaces, colour: (style: Style) => Colour, key: string): Widgets {
    const line = (place: ChartPlace): LineBox => {
      const style = { text: colour('dim'), baseline: colour('dim'), line: colour('accent') };
      const box = lineChart({ ...place, style, xPadding: 5, minY: 0 });
      // By itself it leaves two rows empty. The last label may reach beyond the canvas by its own length.
      box.calcSize = () => (box.canvasSize = { width: (place.width - LABEL) * 2, height: place.height * 4 });
      return box;
    };
    const requests = line(places.requests);
    const latency = line(places.latency);
    const gauge = gaugeChart({ ...places.refreshed, stroke: colour('good'), fill: 'white', showLabel: false });
    // A canvas is made when it is put on a screen, with its size at that time.
    for (const box of [requests, latency, gauge]) this.screen.append(box);
    return { requests, latency, gauge, key };
  }
}

/** A series with how many seconds ago as labels; the library needs two points even where there is no data. */
function seriesOf({ title, values }: Series, colour: Colour, seconds: number): LineSeries {
  const y = values.length < 2 ? [0, 0, ...values] : values;
  const x = y.map((_, at) => (at === y.length - 1 ? phrase('now') : `-${(y.length - 1 - at) * seconds}s`));
  return { title, x, y, style: { line: colour } };
}

/** From so many rows on there is room for four marks. */
const TALL_CHART = 8;

/** Its marks are whole numbers at equal distances, which they would not be by themselves. */
function scaleOf(values: readonly number[], height: number): Scale {
  const most = Math.max(4, ...values);
  const power = 10 ** Math.floor(Math.log10(most));
  const top = [1, 2, 4, 8, 10].map((step) => step * power).find((each) => each >= most && each % 4 === 0);
  return { maxY: top ?? 4 * Math.ceil(most / 4), numYLabels: height >= TALL_CHART ? 4 : 2 };
}
