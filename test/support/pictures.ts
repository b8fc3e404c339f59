/** Pictures of a screen in some state, text and colours, at several sizes. */
import { test } from 'uvu';
import { setClock, type SetClock } from './clock.js';
import { golden } from './golden.js';
import { night } from './scene.js';
import { withScreen, type Cell, type TestScreen } from './screen.js';
import type { TestSupervisor } from './supervisor.js';

process.env.TZ = 'UTC';
export interface Scene {
  readonly name: string;
  /** Columns and rows; by default the three that every screen is drawn for. */
  readonly sizes?: readonly (readonly [number, number])[];
  readonly env?: NodeJS.ProcessEnv;
  readonly attached?: boolean;
  /** By default the supervisor of a bad night. */
  readonly supervisor?: (clock: SetClock) => TestSupervisor;
  /** What happens and is pressed before the picture is taken. */
  readonly act?: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>;
}

export const allSizes = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

/**
 * Runs of cells that do not look like plain text, one line for each row: `12+8 203` is eight cells from column 12 on in
 * colour 203.
 */
function coloursOf(screen: TestScreen): string {
  const lookOf = ({ fg, bg, bold, inverse }: Cell): string =>
    [fg === 'default' ? '' : fg, bg === 'default' ? '' : `on ${bg}`, bold ? 'bold' : '', inverse ? 'reverse' : '']
      .filter((part) => part !== '')
      .join(' ');
  return screen
    .rows()
    .map(({ y, cells }) => {
      const runs: { from: number; length: number; look: string }[] = [];
      for (const [x, cell] of cells.entries()) {
        const look = lookOf(cell);
        const last = runs.at(-1);
        if (last?.look === look) last.length += 1;
        else runs.push({ from: x, length: 1, look });
      }
      const shown = runs.filter(({ look }) => look !== '').map(({ from, length, look }) => `${from}+${length} ${look}`);
      return `${String(y).padStart(2)}  ${shown.join(' | ')}`.trimEnd();
    })
    .join('\n');
}

/** One test a scene and size. */
export function pictures(scenes: readonly Scene[]): void {
  for (const scene of scenes) {
    for (const [cols, rows] of scene.sizes ?? allSizes) {
      test(`${scene.name} at ${cols}x${rows}`, async () => {
        const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
        const supervisor = scene.supervisor?.(clock) ?? night(clock);
        const { env, attached = false } = scene;
        await withScreen(
          supervisor,
          { clock, cols, rows, attached, ...(env !== undefined && { env }) },
          async (screen) => {
            await scene.act?.(screen, supervisor);
            await screen.settle();
            golden(`${scene.name}-${cols}x${rows}`, screen.text());
            golden(`${scene.name}-${cols}x${rows}.colours`, coloursOf(screen));
          },
        );
      });
    }
  }
}
