import { RegrantError, type Saying } from '../../store/ground/errors.js';
import { englishText, saying, spokenText } from '../../store/words/saying.js';
import { sideBySide, tell, type Word } from '../../store/words/tongue.js';
import { toldInShell } from '../keys-as-verbs.js';
import type { ImportVerdict, Operations } from '../../proxy/contract/operations.js';
import { exit, say, sayJson, type Context } from '../context.js';
import type { ExportDocument } from '../moving/export-document.js';
import { exportAt } from '../moving/read-export.js';
import { isDisabled, nameOf, noFileOf, takeIn, type TakenIn } from '../moving/take-in.js';
import { inJson, sourcesOf, type Source } from './import-sources.js';
import { Signals, exitAfter, type StopSignal } from '../signals.js';
import { WorkPace } from '../supervisor/work-pace.js';
import { withOperations } from '../supervisor/supervised.js';
import { printExactly } from '../../store/ground/exact-json.js';
import { byItself } from '../../store/ground/faults.js';

interface ImportOptions {
  readonly paths: readonly string[];
  /** The OAuth client to ask with, whichever one the files name. */
  readonly client: string | undefined;
  readonly json?: boolean;
  /** Whether in a text every line of one word is a token. */
  readonly any?: boolean;
  /** The file with the identity that opens a sealed export; without it a passphrase does. */
  readonly identity?: string | undefined;
  /** Says what would be, and asks nobody. */
  readonly dryRun?: boolean;
}

/** More than may be on their way to the token endpoint: for some it is asked whose they are, some are being saved. */
const AT_ONCE = 6;

type Outcome = ImportVerdict['outcome'] | 'twice' | 'not begun';

const marks: Record<Outcome, string> = {
  added: '✔',
  're-added': '✔',
  unchanged: '=',
  twice: '=',
  refused: '✖',
  unavailable: '✖',
  not_saved: '▲',
  'not begun': '–',
};

/** What the outcomes are called in the totals. */
const counts = {
  added: '{n} added',
  're-added': '{n} re-added',
  unchanged: '{n} unchanged',
  twice: '{n} twice',
  refused: '{n} refused',
  unavailable: '{n} unavailable',
  not_saved: '{n} not saved',
  'not begun': '{n} not begun',
} as const satisfies Record<Outcome, Word>;

const outcomes = Object.keys(counts) as Outcome[];

/**
 * `regrant import`: imports the refresh tokens of files and directories, each verified like a re-add, some at a
 * time, with a line for each. After Ctrl-C those that Google was sent end, and no other begins.
 */
export async function importAccounts(
  context: Context,
  { paths, client, json = false, any = false, identity, dryRun = false }: ImportOptions,
): Promise<number> {
  const [only = '', ...others] = paths;
  const document = others.length > 0 ? null : await exportAt(context, only, identity);
  const sources = document === null ? sourcesOf(paths, any ? 'any' : 'tokens') : sourcesIn(document);
  if (dryRun) return wouldBe(context, sources, document, json);
  const failed = document === null ? [] : await takeInAll(context, document);
  const toAsk = sources.filter(({ kind }) => kind === 'token').length;
  const verdicts = new Verdicts(context, sources.length + failed.length, json);
  for (const { name, reason } of failed) verdicts.tell({ name }, { outcome: 'not_saved', text: reason });
  if (toAsk === 0) {
    for (const source of sources) verdicts.tell(source, verdictWithoutAsking(source));
    return verdicts.end();
  }
  const asking = { n: toAsk, once: AT_ONCE };
  say(
    context.stderr,
    toAsk === 1
      ? tell('{n} refresh token to verify with Google, {once} at a time', asking)
      : tell('{n} refresh tokens to verify with Google, {once} at a time', asking),
  );
  return withOperations(context, (operations) => importAll(operations, sources, client ?? null, verdicts));
}

/** The living accounts of an export. */
const sourcesIn = ({ accounts }: ExportDocument): readonly Source[] =>
  accounts
    .filter((account) => !isDisabled(account))
    .flatMap((account) => inJson(nameOf(account), printExactly(account)));

/**
 * What an export has beside them; a supervisor that runs knows of it at once.
 *
 * @returns the disabled accounts that could not be taken in
 */
async function takeInAll(context: Context, document: ExportDocument): Promise<TakenIn['failed']> {
  const { clients, keys, settings, disabled, failed } = await takeIn(context, document);
  await withOperations(context, (operations) => operations.reload());
  say(
    context.stderr,
    tell(
      'taken in: {clients} OAuth clients, {keys} client keys, {settings} settings, {disabled} disabled accounts as they are; what stood here stays',
      { clients, keys, settings, disabled },
    ),
  );
  return failed;
}

/** `--dry-run`: each account by its name and what would become of it; Google is not asked. */
function wouldBe(
  { stdout }: Context,
  sources: readonly Source[],
  document: ExportDocument | null,
  json: boolean,
): Promise<number> {
  const living = sources.map((source) => ({
    email: source.name,
    ok: source.kind === 'token',
    text:
      source.kind === 'token'
        ? saying('would be verified with Google and taken in')
        : verdictWithoutAsking(source).text,
  }));
  const dead = (document?.accounts ?? []).filter(isDisabled).map((account) => {
    const fault = noFileOf(account);
    return { email: nameOf(account), ok: fault === null, text: fault ?? saying('would come in disabled, as it is') };
  });
  const results = [...living, ...dead];
  if (json) sayJson(stdout, { results: results.map((result) => ({ ...result, text: englishText(result.text) })) });
  else for (const { email, text } of results) say(stdout, sideBySide`${email}: ${spokenText(text)}`);
  return Promise.resolve(results.every(({ ok }) => ok) ? exit.done : exit.failed);
}

/** An import under way. */
interface Run {
  readonly operations: Operations;
  readonly client: string | null;
  readonly verdicts: Verdicts;
  readonly waiting: Source[];
  /** Aborted where it is stopped: what was not sent by then is not. */
  readonly unwanted: AbortController;
  signal: StopSignal | null;
  fault: Error | null;
}

async function importAll(
  operations: Operations,
  sources: readonly Source[],
  client: string | null,
  verdicts: Verdicts,
): Promise<number> {
  const signals = new Signals();
  const unwanted = new AbortController();
  const run: Run = { operations, client, verdicts, waiting: [...sources], unwanted, signal: null, fault: null };
  const stopping = (signal: StopSignal): void => {
    run.signal = signal;
    verdicts.stopping();
    unwanted.abort();
  };
  byItself('the end of an import', signals.stop.then(stopping));
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, () => workOff(run)));
  } finally {
    signals.release();
  }
  verdicts.notBegun(run.waiting);
  const status = verdicts.end();
  if (run.fault !== null) throw run.fault;
  return run.signal === null ? status : exitAfter[run.signal];
}

async function workOff(run: Run): Promise<void> {
  const { operations, client, verdicts, waiting, unwanted } = run;
  while (run.signal === null && run.fault === null) {
    const source = waiting.shift();
    if (source === undefined) return;
    try {
      verdicts.tell(source, await verdictOn(operations, source, client, unwanted.signal));
    } catch (error) {
      if (isNotBegun(error)) {
        waiting.push(source);
        continue;
      }
      // the supervisor is gone: what happened to the token is not known
      run.fault ??= error instanceof Error ? error : new Error(String(error));
      verdicts.tell(source, {
        outcome: 'unavailable',
        text: saying('no answer; see the account list for what became of it'),
      });
    }
  }
}

/** Outcomes after which the account exists here. */
const taken: readonly Outcome[] = ['added', 're-added', 'unchanged', 'twice'];

interface Said {
  readonly outcome: Outcome;
  /** As a supervisor says it, or in words of the command. */
  readonly text: string | Saying;
  readonly email?: string | null;
}

/** Whether nothing was sent, since it was stopped before. */
const isNotBegun = (error: unknown): boolean => error instanceof RegrantError && error.code === 'NOBODY_WAITS';

async function verdictOn(
  operations: Operations,
  source: Source,
  client: string | null,
  unwanted: AbortSignal,
): Promise<Said> {
  if (source.kind !== 'token') return verdictWithoutAsking(source);
  const { request } = source;
  return operations.importToken(client === null ? request : { ...request, client, ownClient: null }, unwanted);
}

function verdictWithoutAsking(source: Source): Said {
  if (source.kind === 'twice')
    return { outcome: 'twice', text: saying('the same token as {name}', { name: source.first }) };
  return { outcome: 'refused', text: source.kind === 'unusable' ? source.reason : '' };
}

/** Prints the verdicts, one on each line with the progress, and counts them. */
class Verdicts {
  private readonly counts = new Map<Outcome, number>();
  private told = 0;
  private readonly results: object[] = [];
  private readonly pace: WorkPace;

  constructor(
    private readonly context: Context,
    private readonly of: number,
    private readonly asJson: boolean,
  ) {
    this.pace = new WorkPace(context, of);
  }

  tell({ name }: Pick<Source, 'name'>, { outcome, text, email = null }: Said): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
    this.pace.count();
    if (this.asJson) {
      this.results.push({ email, ok: taken.includes(outcome), text: englishText(text), from: name });
      return;
    }
    const number = String(++this.told).padStart(String(this.of).length);
    say(this.context.stdout, sideBySide`${number}/${this.of} ${marks[outcome]} ${name}: ${toldInShell(text)}`);
  }

  /** Where it was stopped; they are counted, and told one by one to programs only. */
  notBegun(sources: readonly Source[]): void {
    if (sources.length === 0) return;
    this.counts.set('not begun', sources.length);
    for (const { name } of this.asJson ? sources : [])
      this.results.push({ email: null, ok: false, text: 'not begun', from: name });
  }

  stopping(): void {
    say(this.context.stderr, tell('stopping: those under way are ended first, no other is begun'));
  }

  /** Prints the totals. @returns the exit status: 0 where nothing was left out */
  end(): number {
    const some = outcomes.flatMap((outcome) => {
      const n = this.counts.get(outcome) ?? 0;
      return n === 0 ? [] : [tell(counts[outcome], { n })];
    });
    say(this.context.stderr, sideBySide`${some.join(', ')}`);
    if (this.asJson) sayJson(this.context.stdout, { results: this.results });
    const well = taken.reduce((sum, outcome) => sum + (this.counts.get(outcome) ?? 0), 0);
    return well === this.of ? exit.done : exit.failed;
  }
}
