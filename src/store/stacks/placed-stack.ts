import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapping } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { isOneFile, ownFile } from '../package/own-files.js';

const MapSchema = v.object({
  version: v.number(),
  sources: v.array(v.string()),
  names: v.array(v.string()),
  mappings: v.string(),
});

/** A place in a file of JavaScript, as V8 writes it: `file:///…/name.js:line:column`. */
const PLACE = /(?:file:\/\/)?[^\s()]+\.js:\d+:\d+/g;

/**
 * A stack with the lines of the sources in place of those of the bundled files. What has no source map beside it stays
 * as it is. The maps are read here, since nearly no process ever needs one.
 */
export function placedStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  return stack.replace(PLACE, (place) => {
    const [, name = '', line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
    const file = name.startsWith('file:') ? fileURLToPath(name) : name;
    const map = maps.get(file) ?? mapOf(file);
    maps.set(file, map);
    const found: Partial<SourceMapping> = map?.findEntry(Number(line) - 1, Number(column) - 1) ?? {};
    const { originalSource, originalLine = 0, originalColumn = 0 } = found;
    if (originalSource === undefined) return place;
    const source = path.relative(path.join(path.dirname(file), '..'), path.resolve(path.dirname(file), originalSource));
    return `${source}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

const mapText = (file: string): string =>
  isOneFile ? ownFile(`dist/${path.basename(file)}.map`).toString() : readFileSync(`${file}.map`, 'utf8');

function mapOf(file: string): SourceMap | null {
  try {
    const payload = v.parse(MapSchema, JSON.parse(mapText(file)));
    return new SourceMap({ ...payload, file, sourcesContent: [], sourceRoot: '' });
  } catch {
    return null;
  }
}
