/** blessed-contrib's line charts and gauge, laid over the places that the charts' pane leaves for them. */
import { createRequire } from 'node:module';
import type { BlessedBox, BlessedScreen } from '../terminal/blessed-ext.js';
import type { ChartData, ChartPlace, ChartPlaces, Series } from '../sheets/charts.js';
import type { Theme } from '../text/theme.js';

type LineBox = BlessedBox & { setData(series: readonly LineSeries[]): void; calcSize(): void; canvasSize: Dots };
type GaugeBox = BlessedBox & { setPercent(percent: number): void };
/** Braille has two dots a cell across and four down. */
interface Dots {
  readonly width: number;
  readonly height: number;
}
interface LineSeries {
  readonly title: string;
  readonly x: readonly string[];
  readonly y: readonly number[];
  readonly style: { readonly line: string };
}

interface Widgets {
  readonly requests: LineBox;
  readonly latency: LineBox;
  readonly gauge: GaugeBox;
  readonly key: string;
}

/** Read when the charts are first opened, since what they stand on takes longer to read than the screen. */
const load = createRequire(import.meta.url);
const lineChart = (options: unknown): LineBox =>
  (load('blessed-contrib/lib/widget/charts/line.js') as (options: unknown) => LineBox)(options);
const gaugeChart = (options: unknown): GaugeBox =>
  (load('blessed-contrib/lib/widget/gauge.js') as (options: unknown) => GaugeBox)(options);

/** Cells of the longest label, `-58s`. */
const LABEL = 4;

export class ChartWidgets {
  private widgets: Widgets | null = null;

  constructor(private readonly screen: BlessedScreen) {}

  /** Shows these figures, or nothing; true where the screen's cells were touched beside what was put there. */
  show(places: ChartPlaces | null, data: ChartData | null, theme: Theme): boolean {
    // Braille and colours are all that these have: without either the sparklines below them say as much.
    const plain = theme.ascii || theme.sgr.accent === '' || !theme.sgr.accent.includes('38;5');
    if (places === null || data === null || plain) return this.hide();
    const key = JSON.stringify(places);
    if (this.widgets?.key !== key) {
      this.hide();
      this.widgets = this.make(places, key);
    }
    const { requests, latency, gauge } = this.widgets;
    requests.setData([seriesOf(data.requests, 'cyan', 1), seriesOf(data.errors, 'yellow', 1)]);
    latency.setData([seriesOf(data.latency, 'cyan', 2)]);
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

  private make(places: ChartPlaces, key: string): Widgets {
    const line = (place: ChartPlace): LineBox => {
      const style = { text: 'cyan', baseline: 'blue', line: 'cyan' };
      const box = lineChart({ ...place, style, xPadding: 5, minY: 0 });
      // By itself it leaves two rows empty. The last label may reach over the canvas's edge by its own length.
      box.calcSize = () => (box.canvasSize = { width: (place.width - LABEL) * 2, height: place.height * 4 });
      return box;
    };
    const requests = line(places.requests);
    const latency = line(places.latency);
    const gauge = gaugeChart({ ...places.refreshed, stroke: 'green', fill: 'white', showLabel: false });
    // A canvas is made when it is put on a screen, at the size that it has then.
    for (const box of [requests, latency, gauge]) this.screen.append(box);
    return { requests, latency, gauge, key };
  }
}

/** With how many seconds ago as labels; a chart of nothing needs two points all the same. */
function seriesOf({ title, values }: Series, colour: string, seconds: number): LineSeries {
  const y = values.length < 2 ? [0, 0, ...values] : values;
  const x = y.map((_, at) => `-${(y.length - 1 - at) * seconds}s`);
  return { title, x, y, style: { line: colour } };
}
