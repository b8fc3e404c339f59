/**
 * The rooms of src/ from the top of the house to its cellar, and who may look where. An import, of a type too, goes down or
 * stays in its room; ESLint fails on one that goes up (`regrant/rooms`), and `scripts/circles.mjs` on files in a circle.
 */
import path from 'node:path';

/** From top to bottom; a folder that is not named belongs to the room above it. */
export const rooms = [
  'src/app.ts',
  'src/program.ts',
  'src/status.ts',
  'src/commands/verbs',
  'src/commands/start',
  'src/commands/start/handover',
  'src/commands/service',
  'src/commands/accounts',
  'src/commands/moving',
  'src/commands/reading',
  'src/commands/database',
  'src/commands/settings',
  'src/commands/first',
  'src/commands/supervisor',
  'src/commands/pool',
  'src/commands',
  'src/demo',
  'src/control',
  'src/panes/screen',
  'src/panes/actions',
  'src/panes/sheets',
  'src/panes/layers',
  'src/panes/desk',
  'src/panes/forms',
  'src/panes/views',
  'src/panes/views/log',
  'src/panes/terminal',
  'src/panes/text',
  'src/proxy/supervisor',
  'src/proxy/handover',
  'src/proxy/background',
  'src/proxy/notices',
  'src/proxy/recovery',
  'src/proxy/server',
  'src/proxy/server/listener',
  'src/proxy/server/translating',
  'src/proxy/forward',
  'src/proxy/forward/translated',
  'src/proxy/live',
  'src/proxy/reports',
  'src/proxy/clients',
  'src/proxy/upstreams',
  'src/proxy/protocols/anthropic',
  'src/proxy/protocols/openai-responses',
  'src/proxy/protocols/openai-chat',
  'src/proxy/protocols/openai-chat/request',
  'src/proxy/protocols/openai-chat/answer',
  'src/proxy/protocols/gemini',
  'src/proxy/protocols/translation',
  'src/proxy/protocols/translation/request',
  'src/proxy/protocols/translation/answer',
  'src/proxy/protocols/translation/models',
  'src/proxy/protocols/translation/gemini',
  'src/proxy/protocols',
  'src/proxy/pool',
  'src/proxy/hold',
  'src/proxy/rests',
  'src/proxy/answers',
  'src/proxy/subject',
  'src/proxy/grants',
  'src/proxy/oauth',
  'src/proxy/contract',
  'src/proxy/contract/succession',
  'src/proxy/transport',
  'src/proxy/transport/connections',
  'src/proxy/http',
  'src/store',
  'src/store/shared/usage',
  'src/store/shared',
  'src/store/database/exchanges',
  'src/store/database/trash',
  'src/store/database/accounts',
  'src/store/database/upkeep',
  'src/store/database/presence',
  'src/store/database',
  'src/store/files',
  'src/store/files/writer',
  'src/store/usage',
  'src/store/keys',
  'src/store/notices',
  'src/store/state',
  'src/store/records',
  'src/store/settings',
  'src/store/accounts',
  'src/store/disk',
  'src/store/stacks',
  'src/store/words',
  'src/store/words/korean',
  'src/store/words/korean/commands',
  'src/store/words/catalogue',
  'src/store/sockets',
  'src/store/ground/text',
  'src/store/ground',
  'src/store/package',
];

/** Rooms that may import less than all that is below them. */
const sees = [
  ['src/panes', ['src/panes', 'src/proxy/contract', 'src/store/words']],
  ['src/control', ['src/control', 'src/proxy/contract', 'src/store']],
  ['src/demo', ['src/demo', 'src/proxy', 'src/store']],
];

const isIn = (file, room) => file === room || file.startsWith(`${room}/`);

/** The innermost room that a file, a path below the root, lies in; undefined outside src/. */
export const roomOf = (file) => rooms.filter((room) => isIn(file, room)).sort((a, b) => b.length - a.length)[0];

/** Why `from` may not import `to`, both paths below the root; null: it may. */
export function wall(from, to) {
  const [above, below] = [roomOf(from), roomOf(to)];
  if (above === undefined || below === undefined) return null;
  if (rooms.indexOf(below) < rooms.indexOf(above)) return `an arrow up: ${above} lies below ${below}`;
  const [floor, seen] = sees.find(([name]) => isIn(from, name)) ?? [];
  if (floor === undefined || seen.some((room) => isIn(to, room))) return null;
  return `${floor} sees only ${seen.join(', ')}`;
}

/** ESLint's view of the table. */
const rule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = path.relative(context.cwd, context.filename);
    const look = ({ source }) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = path.relative(context.cwd, path.resolve(path.dirname(context.filename), source.value));
      const why = wall(from, to.replace(/\.js$/, '.ts'));
      if (why !== null) context.report({ node: source, message: why });
    };
    return {
      ImportDeclaration: look,
      ImportExpression: look,
      ExportNamedDeclaration: look,
      ExportAllDeclaration: look,
    };
  },
};

export const plugin = { rules: { rooms: rule } };
