/**
 * Finds circles of files in src/: files that import each other, even only types, cannot be read one after the other.
 * Exits 1 if there is one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/** What each TypeScript file below `folder` imports by a relative name. */
export function importsBelow(folder) {
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
  const read = (file) =>
    ts
      .preProcessFile(readFileSync(file, 'utf8'))
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => path.join(path.dirname(file), fileName.replace(/\.js$/, '.ts')));
  return new Map(files.map((file) => [file, read(file)]));
}

/** The circles in a graph: its strongly connected components of more than one file (Tarjan 1972), and files that import themselves. */
export function circlesOf(graph) {
  const found = [];
  const order = new Map();
  const lowest = new Map();
  const stack = [];
  const visit = (file) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file));
    stack.push(file);
    for (const next of graph.get(file)) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(file, Math.min(lowest.get(file), lowest.get(next)));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1 || graph.get(file).includes(file)) found.push(circle);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const circles = circlesOf(importsBelow('src'));
  for (const circle of circles) console.log(`a circle of imports: ${circle.join(' → ')}`);
  process.exitCode = circles.length > 0 ? 1 : 0;
}
