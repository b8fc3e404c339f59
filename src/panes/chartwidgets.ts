/** blessed-contrib's line charts and gauge, laid over the places that the charts' pane leaves for them. */
import type { BlessedBox, BlessedScreen } from './blessed-ext.js';
import type { ChartData, ChartPlace, ChartPlaces, Series } from './charts.js';
import type { Theme } from './theme.js';

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
interface Contrib {
  line(options: unknown): LineBox;
  gauge(options: unknown): GaugeBox;
}

interface Widgets {
  readonly requests: LineBox;
  readonly latency: LineBox;
  readonly gauge: GaugeBox;
  readonly key: string;
}

/** Cells of the longest label, `-58s`. */
const LABEL = 4;

export class ChartWidgets {
  #contrib: Contrib | null = null;
  #widgets: Widgets | null = null;

  constructor(private readonly screen: BlessedScreen) {}

  async load(): Promise<void> {
    const module = (await import('blessed-contrib')) as unknown as { default: Contrib };
    this.#contrib = module.default;
  }

  /** Shows these figures, or nothing; true where the screen's cells were touched beside what was put there. */
  show(places: ChartPlaces | null, data: ChartData | null, theme: Theme): boolean {
    // Braille and colours are all that these have: without either the sparklines below them say as much.
    const plain = theme.ascii || theme.sgr.accent === '' || !theme.sgr.accent.includes('38;5');
    if (places === null || data === null || this.#contrib === null || plain) return this.#hide();
    const key = JSON.stringify(places);
    if (this.#widgets?.key !== key) {
      this.#hide();
      this.#widgets = this.#make(this.#contrib, places, key);
    }
    const { requests, latency, gauge } = this.#widgets;
    requests.setData([seriesOf(data.requests, 'cyan', 1), seriesOf(data.errors, 'yellow', 1)]);
    latency.setData([seriesOf(data.latency, 'cyan', 2)]);
    gauge.setPercent(Math.max(2, data.refreshed ?? 0));
    return true;
  }

  #hide(): boolean {
    if (this.#widgets === null) return false;
    const { requests, latency, gauge } = this.#widgets;
    for (const box of [requests, latency, gauge]) {
      box.hide();
      box.destroy();
    }
    this.#widgets = null;
    return true;
  }

  #make(contrib: Contrib, places: ChartPlaces, key: string): Widgets {
    const line = (place: ChartPlace): LineBox => {
      const style = { text: 'cyan', baseline: 'blue', line: 'cyan' };
      const box = contrib.line({ ...place, style, xPadding: 5, minY: 0 });
      // By itself it leaves two rows empty. The last label may reach over the canvas's edge by its own length.
      box.calcSize = () => (box.canvasSize = { width: (place.width - LABEL) * 2, height: place.height * 4 });
      return box;
    };
    const requests = line(places.requests);
    const latency = line(places.latency);
    const gauge = contrib.gauge({ ...places.refreshed, stroke: 'green', fill: 'white', showLabel: false });
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
