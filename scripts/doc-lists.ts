/**
 * The lists in the documents that come from the program's own tables: keys, verbs, causes, answers. They are written
 * between markers, from the same tables as the screen, so that no document can describe a key wrongly.
 *
 * `npm run docs` writes them; a test fails while one of them is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { usageOf, verbGroups, type Verb } from '../src/commands/verbs/verb.js';
import { documentedUnit } from '../src/commands/service/systemd-unit.js';
import { verbs } from '../src/commands/verbs/verbs.js';
import { places, type Action, type Where } from '../src/panes/desk/action.js';
import { actions } from '../src/panes/actions/actions.js';
import { restCauses } from '../src/proxy/answers/causes.js';
import { rows, type Row } from '../src/proxy/answers/rows.js';
import { causes, type CauseClass } from '../src/proxy/contract/causes.js';
import { korean } from '../src/store/words/korean/korean.js';
import type { PlainWord } from '../src/store/words/tongue.js';

const root = path.dirname(import.meta.dirname);

/** A list and the documents that it stands in. */
interface DocList {
  readonly name: string;
  readonly files: readonly string[];
  /** Markdown. */
  readonly make: () => string;
}

const order = Object.keys(places) as Where[];

/** Keys as a reader looks for them: the pane first, then what it does. */
function keyList(): string {
  const sections = order.map((where) => {
    const rows = actions.filter((action) => action.where === where).map(keyRow);
    return [`**${places[where]}**`, '', '| key | does |', '| --- | --- |', ...rows].join('\n');
  });
  return sections.join('\n\n');
}

const keyRow = (action: Action): string => `| ${keysOf(action)} | ${cell(action.help)} |`;

/** The same with the names in the palette (`:`); actions that move about have none there. */
function actionList(): string {
  const rows = order
    .flatMap((where) => actions.filter((action) => action.where === where && action.isMotion !== true))
    .map((action) => `| \`${action.id}\` | ${keysOf(action)} | ${places[action.where]} | ${cell(action.help)} |`);
  return ['| name | key | pane | does |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const keysOf = ({ shown }: Action): string =>
  shown
    .split(' ')
    .map((key) => `\`${key}\``)
    .join(' ');

const classes: Record<CauseClass, string> = {
  grant: '**disabled**: this refresh token is dead, only a new one helps',
  refused: '**refused**: somebody decided against the account or the app; nothing is written, it is asked again later',
  client: '**client**: about the OAuth client, and so about all of its accounts; nothing is written',
  temporary: '**temporary**: may pass by itself; nothing is written',
  upstream:
    '**cooling** or **blocked**: the grant is fine, and the upstream refuses what it is for; nothing is disabled',
};

const koreanClasses: Record<CauseClass, string> = {
  grant: '**비활성화**(disabled): 이 refresh_token은 무효화되었습니다. 새 토큰만이 도움이 됩니다',
  refused: '**거부됨**(refused): 계정이나 앱에 대한 거부입니다. 아무것도 기록하지 않고 나중에 다시 묻습니다',
  client: '**client**: OAuth 클라이언트에 관한 것이므로 그 계정 모두에 해당합니다. 아무것도 기록하지 않습니다',
  temporary: '**temporary**: 저절로 풀릴 수 있습니다. 아무것도 기록하지 않습니다',
  upstream:
    '**대기 중**(cooling), **차단됨**(blocked): 승인은 유효하지만 업스트림이 그것으로 하려는 일을 거부합니다. 비활성화하지 않습니다',
};

function causeList(heads: Record<CauseClass, string>, head: string, said: (word: PlainWord) => string): string {
  const sections = (Object.keys(heads) as CauseClass[]).map((kind) => {
    const rows = Object.entries(causes)
      .filter(([, cause]) => cause.class === kind)
      .map(([code, { sentence, next }]) => `| \`${code}\` | ${cell(said(sentence))} | ${cell(said(next))} |`);
    return [heads[kind], '', head, '| --- | --- | --- |', ...rows].join('\n');
  });
  return sections.join('\n\n');
}

const englishCauses = (): string => causeList(classes, '| cause | what happened | what now |', (word) => word);
/** In the very words of the Korean screen. */
const koreanCauses = (): string => causeList(koreanClasses, '| 원인 | 일어난 일 | 할 일 |', (word) => korean[word]);

const abouts: Record<Row['about'], string> = {
  request: 'the request',
  path: 'the path',
  account: 'the account',
  project: 'its quota project',
  upstream: 'the upstream',
  stored: 'the stored thing',
};

const proofs: Record<Row['proof'], string> = {
  none: '',
  another_serves: ', once another account serves this request',
  not_the_path: ', unless a second account is refused alike',
  path_serves: ', if others are served at this path',
};

const nexts: Record<Row['next'], string> = {
  client: 'the answer goes to the client',
  another: 'the next account',
  one_other: 'one other account',
  project_anew: 'its project is asked for anew, then it again',
};

/** What the upstream's answers mean, in the order in which they are looked for. */
function answerList(): string {
  const lines = rows.map(
    (row) => `| ${cell(row.name)} | ${abouts[row.about]} | ${restWords(row)} | ${nexts[row.next]} |`,
  );
  return ['| the answer says | about | who rests | then |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function restWords({ cause, proof }: Row): string {
  if (cause === null) return 'nobody';
  const { kind, of, firstSeconds, mostSeconds } = restCauses[cause];
  const state = kind === 'blocked' ? 'blocked' : `cooling${of === 'subject' ? ' for that model' : ''}`;
  const [first, most] = [spanWords(firstSeconds), spanWords(mostSeconds)];
  return `${state} ${first}${first === most ? '' : `, doubling to ${most}`} (\`${cause}\`)${proofs[proof]}`;
}

const spanWords = (seconds: number): string =>
  seconds % 3600 === 0 ? `${seconds / 3600} h` : seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;

/** Text as it stands in a cell of a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** Verbs by what they are about; a reader of the reference wants every option. */
function verbList(): string {
  const sections = verbGroups.map((group) => {
    const rows = verbs
      .filter((verb) => verb.group === group)
      .map((verb) => `| \`regrant ${cell(usageOf(verb))}\` | ${cell(verb.about)}${optionWords(verb)} |`);
    return [
      `**${group[0]?.toUpperCase() ?? ''}${group.slice(1)}**`,
      '',
      '| verb | does |',
      '| --- | --- |',
      ...rows,
    ].join('\n');
  });
  return sections.join('\n\n');
}

const optionWords = ({ options }: Verb): string =>
  options
    .filter(({ flag }) => flag !== '--json' && flag !== '--yes')
    .map(({ flag, about }) => `; \`${flag}\`: ${cell(about)}`)
    .join('');

const lists: readonly DocList[] = [
  { name: 'verbs', files: ['docs/reference.md'], make: verbList },
  { name: 'keys', files: ['docs/reference.md'], make: keyList },
  { name: 'answers', files: ['docs/reference.md'], make: answerList },
  { name: 'actions', files: ['docs/reference.md'], make: actionList },
  { name: 'causes', files: ['docs/recover.md'], make: englishCauses },
  { name: 'causes', files: ['docs/ko/recover.md'], make: koreanCauses },
];

/** The documents with lists in them. */
export const documents: readonly string[] = [...new Set(lists.flatMap(({ files }) => files))];

/** A document's text with its lists as they are now; throws where the markers of one are missing. */
export function withLists(file: string, text: string): string {
  return lists.filter(({ files }) => files.includes(file)).reduce((before, list) => replaced(before, list, file), text);
}

function replaced(text: string, { name, make }: DocList, file: string): string {
  const [start, end] = [`<!-- ${name}: made by npm run docs -->`, `<!-- /${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${make()}\n\n${text.slice(to)}`;
}

/** The unit that the program writes too. */
export const UNIT = 'docs/regrant.service';

/** A document as it stands in the repository. */
export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** A document's text as it is to be. */
export const written = (file: string, text: string): string =>
  file === UNIT ? documentedUnit() : withLists(file, text);

if (process.argv[1] === import.meta.filename) {
  for (const file of [...documents, UNIT]) {
    const before = read(file);
    const after = written(file, before);
    if (after !== before) writeFileSync(path.join(root, file), after);
    console.log(`${file}: ${after === before ? 'up to date' : 'written'}`);
  }
}
