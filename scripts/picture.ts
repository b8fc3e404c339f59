/** A terminal's screen as a picture: cells in, SVG out. */

/** One character on the screen, with the colours that it is shown in (a reversed cell has them swapped already). */
export interface Cell {
  /** Empty for the second half of a wide character. */
  readonly text: string;
  /** CSS colour; null is the terminal's own. */
  readonly fg: string | null;
  readonly bg: string | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
}

/** The terminal's own colours, which a real terminal's user chooses. */
export const screenColors = { fg: '#d3d7e0', bg: '#12151c' } as const;

const fontSize = 14;
/** DejaVu Sans Mono is 0.602 em wide. The lines touch, since borders would have gaps otherwise. */
const cellWidth = fontSize * 0.602;
const cellHeight = 16;
const baseline = 12.5;
const margin = 14;
const fonts = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace";

interface Run {
  readonly column: number;
  /** In cells. */
  width: number;
  text: string;
  readonly style: Cell;
}

const sameLook = (one: Cell, other: Cell): boolean =>
  one.fg === other.fg &&
  one.bg === other.bg &&
  one.bold === other.bold &&
  one.dim === other.dim &&
  one.underline === other.underline;

/** Neighbours that look alike, as one run. */
function runsOf(line: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  for (const [column, cell] of line.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && sameLook(last.style, cell)) {
      last.width += 1;
      last.text += cell.text;
    } else runs.push({ column, width: 1, text: cell.text, style: cell });
  }
  return runs;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const px = (value: number): string => String(Math.round(value * 100) / 100);

function drawGround({ column, width, style }: Run, row: number): string {
  if (style.bg === null) return '';
  const [x, y] = [px(column * cellWidth), row * cellHeight];
  return `<rect x="${x}" y="${y}" width="${px(width * cellWidth)}" height="${cellHeight}" fill="${style.bg}"/>`;
}

function drawText({ column, width, text, style }: Run, row: number): string {
  const shown = text.trim();
  if (shown === '') return '';
  const before = text.length - text.trimStart().length;
  const cells = width - before - (text.length - text.trimEnd().length);
  const attributes = [
    `x="${px((column + before) * cellWidth)}"`,
    `y="${px(row * cellHeight + baseline)}"`,
    // Keeps the grid where the viewer uses another font.
    `textLength="${px(cells * cellWidth)}"`,
    ...(style.fg === null ? [] : [`fill="${style.fg}"`]),
    ...(style.bold ? ['font-weight="700"'] : []),
    ...(style.dim ? ['opacity="0.6"'] : []),
    ...(style.underline ? ['text-decoration="underline"'] : []),
  ];
  return `<text ${attributes.join(' ')}>${escape(shown)}</text>`;
}

/**
 * Draws the lines of a screen as an SVG document: the grounds first, then one text element for each run of one look.
 *
 * @param title - what the picture shows, for those who cannot see it
 */
export function picture(lines: readonly (readonly Cell[])[], title: string): string {
  const columns = Math.max(0, ...lines.map((line) => line.length));
  const width = px(columns * cellWidth + 2 * margin);
  const height = px(lines.length * cellHeight + 2 * margin);
  const rows = lines.map(runsOf);
  const draw = (one: (run: Run, row: number) => string): string[] =>
    rows.flatMap((runs, row) => runs.map((run) => one(run, row)).filter(Boolean));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${screenColors.bg}"/>`,
    `<g transform="translate(${margin} ${margin})" shape-rendering="crispEdges">`,
    ...draw(drawGround),
    '</g>',
    `<g transform="translate(${margin} ${margin})" font-family="${fonts}" font-size="${fontSize}" fill="${screenColors.fg}" xml:space="preserve">`,
    ...draw(drawText),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
