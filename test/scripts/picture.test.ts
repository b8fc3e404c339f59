import xterm from '@xterm/headless';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellsOf, paletteColor } from '../../scripts/cells.js';
import { picture } from '../../scripts/picture.js';

const shown = async (bytes: string): Promise<string> => {
  const terminal = new xterm.Terminal({ cols: 20, rows: 2, allowProposedApi: true });
  await new Promise<void>((drawn) => terminal.write(bytes, drawn));
  const svg = picture(cellsOf(terminal), 'a <test>');
  terminal.dispose();
  return svg;
};
const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, , text]) => text ?? '');

test('neighbours of one look are one run of text, at their place in the grid', async () => {
  const svg = await shown('plain\x1b[31;1mbold red\x1b[0m');
  assert.equal(
    texts(svg).map((text) => text.trim()),
    ['plain', 'bold red'],
  );
  assert.match(svg, /<text x="42.14" y="12.5" textLength="67.42" fill="#e5484d" font-weight="700">bold red</);
});

test('a ground is drawn under the text, and a reversed cell swaps both', async () => {
  const svg = await shown('\x1b[41mA\x1b[0m\x1b[7mB\x1b[0m');
  const grounds = [...svg.matchAll(/<rect x="([\d.]+)" y="0" [^>]*fill="([^"]+)"/g)].map((found) => found.slice(1));
  assert.equal(grounds, [
    ['0', '#e5484d'],
    ['8.43', '#d3d7e0'],
  ]);
  assert.match(svg, /fill="#12151c">B</);
});

test('what XML would take for its own is escaped', async () => {
  const svg = await shown('a<b>&"c"');
  assert.match(svg, /a&lt;b&gt;&amp;&quot;c&quot;/);
  assert.match(svg, /<title>a &lt;test&gt;<\/title>/);
});

test('spaces around a run are not drawn, those inside are', async () => {
  const svg = await shown('  a  b   ');
  assert.match(svg, /<text x="16.86" y="12.5" textLength="33.71">a {2}b</);
});

test('a wide character takes its two cells', async () => {
  const svg = await shown('漢x');
  assert.is(texts(svg)[0], '漢x');
  assert.match(svg, /textLength="25.28"/);
});

test('the 256 colours are xterm’s', () => {
  assert.equal([16, 21, 196, 231, 232, 255].map(paletteColor), [
    '#000000',
    '#0000ff',
    '#ff0000',
    '#ffffff',
    '#080808',
    '#eeeeee',
  ]);
});

test.run();
