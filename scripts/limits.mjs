/**
 * Holds src/ to the limits that CONTRIBUTING states: files a folder, lines a file, lines a function, places that export one
 * name. What is over them all the same is named there with its reason: a file by its path, a function or another name by
 * itself, each in backticks. Exits 1 for the rest.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

export const limits = { filesInFolder: 15, linesInFile: 300, linesInFunction: 40 };

const root = path.dirname(import.meta.dirname);
const HEADING = '## Limits';

/** The words in backticks of the section that states the limits. */
export function exceptionsIn(contributing) {
  const from = contributing.indexOf(`\n${HEADING}\n`);
  if (from < 0) throw new Error(`CONTRIBUTING.md has no section "${HEADING}"`);
  const section = contributing.slice(from + 1).split(/\n## /)[0];
  return new Set([...section.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word));
}

/** The functions of a source text, each with its name and its lines from the first to the last; comments and blanks count. */
export function functionsIn(text) {
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  const found = [];
  const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      found.push({ name: nameOf(node), lines: lineAt(node.end) - lineAt(node.getStart(source)) + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * A function without a name is named by what it is assigned to, a variable or a property; else by the function around
 * it.
 */
function nameOf(node) {
  for (let at = node; at !== undefined; at = at.parent) {
    if (ts.isConstructorDeclaration(at)) return 'constructor';
    if (at.name !== undefined) return at.name.getText();
  }
  return 'a function without a name';
}

const linesOf = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/**
 * Everything that is over a limit and no exception, one line each.
 *
 * @param files - of one tree: path below the root → text
 */
export function overLimits(files, exceptions) {
  const found = [];
  const folders = grouped([...files.keys()]);
  for (const [folder, { length }] of folders) {
    if (length > limits.filesInFolder && !exceptions.has(folder)) found.push(`${folder} has ${length} files`);
  }
  for (const [file, text] of files) {
    const lines = linesOf(text);
    if (lines > limits.linesInFile && !exceptions.has(file)) found.push(`${file} has ${lines} lines`);
    for (const { name, lines } of functionsIn(text)) {
      if (lines > limits.linesInFunction && !exceptions.has(name)) found.push(`${file}: ${name} has ${lines} lines`);
    }
  }
  return found;
}

/** The names that more than one file declares and exports, one line each: a reader takes one for the other. */
export function exportedTwice(files, exceptions) {
  const places = new Map();
  for (const [file, text] of files) {
    for (const name of exportsOf(text)) places.set(name, [...(places.get(name) ?? []), file]);
  }
  return [...places]
    .filter(([name, { length }]) => length > 1 && !exceptions.has(name))
    .map(([name, found]) => `${name} is exported by ${found.join(' and ')}`);
}

/** The names that a source text declares and exports itself; a re-export has its meaning elsewhere. */
function exportsOf(text) {
  const { statements } = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest);
  const exported = statements.filter((node) =>
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
  const declared = exported.flatMap((node) => node.declarationList?.declarations ?? [node]);
  return new Set(declared.flatMap(({ name }) => (name !== undefined && ts.isIdentifier(name) ? [name.text] : [])));
}

function grouped(names) {
  const folders = new Map();
  for (const name of names) folders.set(path.dirname(name), [...(folders.get(path.dirname(name)) ?? []), name]);
  return folders;
}

/** The TypeScript files below a folder of the repository. */
export function sourcesBelow(folder) {
  const names = readdirSync(path.join(root, folder), { recursive: true }).filter((name) => name.endsWith('.ts'));
  return new Map(names.map((name) => [path.join(folder, name), readFileSync(path.join(root, folder, name), 'utf8')]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const exceptions = exceptionsIn(readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8'));
  const sources = sourcesBelow('src');
  const found = [...overLimits(sources, exceptions), ...exportedTwice(sources, exceptions)];
  for (const line of found) console.log(`over the limit: ${line}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
