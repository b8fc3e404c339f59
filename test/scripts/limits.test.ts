import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

type Check = (files: ReadonlyMap<string, string>, exceptions: ReadonlySet<string>) => readonly string[];
interface Limits {
  readonly limits: { readonly filesInFolder: number; readonly linesInFile: number; readonly linesInFunction: number };
  readonly exceptionsIn: (contributing: string) => ReadonlySet<string>;
  readonly overLimits: Check;
  readonly exportedTwice: Check;
}
const file = path.join(import.meta.dirname, '..', '..', 'scripts', 'limits.mjs');
const { exceptionsIn, exportedTwice, limits, overLimits } = (await import(file)) as Limits;

const none = new Set<string>();
const lines = (count: number): string => '\n'.repeat(count);

test('a file, a function and a folder are told where they are over their limit, and not at it', () => {
  const { filesInFolder, linesInFile, linesInFunction } = limits;
  const inner = (count: number): string => `export function long() {${lines(count - 1)}}\n`;
  const many = Array.from({ length: filesInFolder + 1 }, (_, i) => [`src/full/${i}.ts`, ''] as const);
  assert.equal(overLimits(new Map([['src/a.ts', lines(linesInFile)]]), none), []);
  assert.equal(overLimits(new Map([['src/a.ts', lines(linesInFile + 1)]]), none), ['src/a.ts has 301 lines']);
  assert.equal(overLimits(new Map([['src/a.ts', inner(linesInFunction)]]), none), []);
  assert.equal(overLimits(new Map([['src/a.ts', inner(linesInFunction + 1)]]), none), ['src/a.ts: long has 41 lines']);
  assert.equal(overLimits(new Map(many.slice(1)), none), []);
  assert.equal(overLimits(new Map(many), none), ['src/full has 16 files']);
});

test('a name that two files export is told, whatever kind of thing it names', () => {
  const kinds = [
    'export const Twice = 1;',
    'export const [other, Twice] = pair, Twice = 2;',
    'export async function Twice() {}',
    'export abstract class Twice {}',
    'export interface Twice {}',
    'export type Twice = 1;',
    'export enum Twice {}',
  ];
  for (const text of kinds) {
    const files = new Map([
      ['src/a.ts', 'export type Twice = string;\n'],
      ['src/b.ts', `${text}\n`],
    ]);
    assert.equal(exportedTwice(files, none), ['Twice is exported by src/a.ts and src/b.ts'], text);
    assert.equal(exportedTwice(files, new Set(['Twice'])), []);
  }
});

test('a name that is passed on, or stands twice in one file, has one meaning', () => {
  const files = new Map([
    ['src/a.ts', 'export type One = string;\nexport const One = 1;\nfunction inner() {}\n'],
    ['src/b.ts', "export { One } from './a.js';\nfunction inner() {}\n"],
  ]);
  assert.equal(exportedTwice(files, none), []);
});

test('an exception is a word in backticks of the section about limits', () => {
  const text = '# x\n`no`\n\n## Limits\n\n- `readIt` is one switch\n\n## Tests\n`neither`\n';
  assert.equal([...exceptionsIn(text)], ['readIt']);
});

test.run();
