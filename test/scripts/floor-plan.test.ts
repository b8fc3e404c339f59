import { readdirSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

interface FloorPlan {
  readonly rooms: readonly string[];
  readonly wall: (from: string, to: string) => string | null;
}
interface Circles {
  readonly importsBelow: (folder: string) => ReadonlyMap<string, readonly string[]>;
  readonly circlesOf: (graph: ReadonlyMap<string, readonly string[]>) => readonly (readonly string[])[];
}
const scripts = path.join(import.meta.dirname, '..', '..', 'scripts');
const { rooms, wall } = (await import(path.join(scripts, 'floor-plan.mjs'))) as FloorPlan;
const { circlesOf, importsBelow } = (await import(path.join(scripts, 'circles.mjs'))) as Circles;

const test = suite('floor plan');

test('an import that goes down, or stays in its room, is let through; one that goes up is not', () => {
  assert.is(wall('src/proxy/pool/pool.ts', 'src/proxy/pool/member.ts'), null);
  assert.is(wall('src/proxy/forward/forward.ts', 'src/proxy/pool/pool.ts'), null);
  assert.match(wall('src/proxy/pool/pool.ts', 'src/proxy/forward/forward.ts') ?? '', 'an arrow up');
  assert.match(wall('src/store/accounts/account.ts', 'src/store/files/trash.ts') ?? '', 'an arrow up');
  assert.match(wall('src/proxy/http/body.ts', 'src/commands/context.ts') ?? '', 'an arrow up');
});

test('panes see the contract and nothing else of the proxy or the store', () => {
  assert.is(wall('src/panes/views/accounts.ts', 'src/proxy/contract/snapshot.ts'), null);
  assert.match(wall('src/panes/views/accounts.ts', 'src/proxy/pool/pool.ts') ?? '', 'src/panes sees only');
  assert.match(wall('src/panes/views/accounts.ts', 'src/store/ground/clock.ts') ?? '', 'src/panes sees only');
  assert.match(wall('src/control/server.ts', 'src/panes/text/text.ts') ?? '', 'src/control sees only');
});

test('every folder of src/ with files in it is a room of the table', () => {
  const root = path.join(import.meta.dirname, '..', '..');
  const folders = readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== path.join(root, 'src'))
    .map((entry) => path.relative(root, entry.parentPath));
  assert.equal(
    [...new Set(folders)].filter((folder) => !rooms.includes(folder)),
    [],
  );
});

test('a circle is found whatever its length, and none where there is none', () => {
  const graph = (arrows: Record<string, string[]>): ReadonlyMap<string, readonly string[]> =>
    new Map(Object.entries(arrows));
  assert.equal(circlesOf(graph({ a: ['b', 'x'], b: ['c'], c: [] })), []);
  assert.equal(
    circlesOf(graph({ a: ['b'], b: ['c'], c: ['a'] })).map((circle) => [...circle].sort()),
    [['a', 'b', 'c']],
  );
  assert.equal(circlesOf(graph({ a: ['a'] })), [['a']]);
  assert.equal(circlesOf(graph({ a: ['b'], b: ['a'], c: ['d', 'a'], d: ['c'] })).length, 2);
});

test('imports of types count like others', () => {
  const imports = importsBelow(path.join(scripts, '..', 'src', 'proxy', 'contract'));
  const supervisor = [...imports].find(([file]) => file.endsWith('supervisor.ts'))?.[1] ?? [];
  assert.ok(supervisor.some((file) => file.endsWith('snapshot.ts')));
});

test.run();
