/** What a headless terminal shows, as cells. */
import type { IBufferCell, Terminal } from '@xterm/headless';
import { type Cell, screenColors } from './picture.js';

/** The sixteen colours with names, readable on the dark ground of the pictures. */
const named = [
  '#2b303b', '#e5484d', '#4cc38a', '#e2b93d', '#5b9df5', '#c678dd', '#3fc1c9', '#d3d7e0',
  '#6b7280', '#ff6369', '#6bdc9f', '#f5d90a', '#82b1ff', '#d9a0f0', '#6fdbe0', '#ffffff',
]; // prettier-ignore

const hex = (red: number, green: number, blue: number): string =>
  `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;

/** xterm's 256 colours: sixteen named ones, a cube of 6×6×6, and 24 greys. */
export function paletteColor(index: number): string {
  if (index < 16) return named[index] ?? screenColors.fg;
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return hex(grey, grey, grey);
  }
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  const at = index - 16;
  return hex(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
}

const rgb = (value: number): string => `#${value.toString(16).padStart(6, '0')}`;

const foreground = (cell: IBufferCell): string | null =>
  cell.isFgRGB() ? rgb(cell.getFgColor()) : cell.isFgPalette() ? paletteColor(cell.getFgColor()) : null;
const background = (cell: IBufferCell): string | null =>
  cell.isBgRGB() ? rgb(cell.getBgColor()) : cell.isBgPalette() ? paletteColor(cell.getBgColor()) : null;

function cellOf(cell: IBufferCell): Cell {
  const reversed = cell.isInverse() !== 0;
  const [fg, bg] = [foreground(cell), background(cell)];
  return {
    // The second half of a wide character has width 0; a cell never written to is a space.
    text: cell.getChars() || (cell.getWidth() === 0 ? '' : ' '),
    fg: reversed ? (bg ?? screenColors.bg) : fg,
    bg: reversed ? (fg ?? screenColors.fg) : bg,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

/** The visible lines, each as wide as the terminal. */
export function cellsOf(terminal: Terminal): Cell[][] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = buffer.getLine(buffer.viewportY + row);
    return Array.from({ length: terminal.cols }, (_none, column) => {
      const cell = line?.getCell(column);
      return cell ? cellOf(cell) : { text: ' ', fg: null, bg: null, bold: false, dim: false, underline: false };
    });
  });
}
