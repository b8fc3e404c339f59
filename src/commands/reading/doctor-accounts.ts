/** What `regrant doctor` finds about each account. */
import type { Saying } from '../../store/ground/errors.js';
import { counted } from '../../store/words/counted.js';
import { joinedSayings, read, saying } from '../../store/words/saying.js';
import { tell } from '../../store/words/tongue.js';
import { causes, isCause } from '../../proxy/contract/causes.js';
import type { TestResult } from '../../proxy/contract/operations.js';
import { isJsonObject } from '../../store/ground/json.js';
import { lastingOf, reasonAndTime } from '../account-line.js';
import { say, type Context } from '../context.js';
import type { Finding } from '../finding.js';
import { Signals, type StopSignal } from '../signals.js';
import { WorkPace } from '../supervisor/work-pace.js';
import { withSupervisor } from '../supervisor/supervised.js';

type Listed = Readonly<Record<string, unknown>>;

/** What is asked of a supervisor, or of one that works on the files. */
interface Asked {
  readonly listing: () => Promise<readonly Listed[]>;
  readonly test: (id: string) => Promise<readonly TestResult[]>;
  /** How many accounts have in memory what is not on disk. */
  readonly unsaved: () => Promise<number>;
}

/** More than the supervisor tests at once: a next one waits there already when one has ended. */
const AT_ONCE = 8;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const isAsked = ({ state, unsaved }: Listed): boolean =>
  state !== 'unreadable' && state !== 'disabled' && unsaved !== true;

export const noAccounts: Finding = {
  ...{ mark: 'warn', what: saying('accounts') },
  text: saying('none yet; add one with `regrant add`'),
};

/**
 * Has Google asked about every account, and tells each as soon as it and those before it are known. On Ctrl-C it ends
 * at once, with the counts.
 *
 * @returns the signal that stopped it; null: it came to its end
 */
export const tellAccounts = (context: Context, report: (found: Finding) => void): Promise<StopSignal | null> =>
  withSupervisor(
    context,
    (client) =>
      askAll(context, report, {
        listing: () => client.request('accounts', []),
        test: (id) => client.request('checkNow', [[id]]),
        unsaved: async () => (await client.request('status', [])).unsaved,
      }),
    (supervisor) =>
      askAll(context, report, {
        listing: () => Promise.resolve([...supervisor.listing()]),
        test: (id) => supervisor.operations.checkNow([id]),
        unsaved: () => Promise.resolve(supervisor.snapshot().unsaved),
      }),
  );

async function askAll(context: Context, report: (found: Finding) => void, asked: Asked): Promise<StopSignal | null> {
  const listing = await asked.listing();
  if (listing.length === 0) report(noAccounts);
  const findings = new FindingsInOrder(context, listing, report);
  const signals = new Signals();
  try {
    const stopped = await Promise.race([signals.stop, testAll(listing, asked, findings).then(() => null)]);
    if (stopped !== null) {
      findings.stopped();
      return stopped;
    }
  } finally {
    findings.end();
    signals.release();
  }
  // the results of the tests may not be on disk
  if ((await asked.unsaved()) === 0) return null;
  const known = new Set(listing.flatMap(({ id, unsaved }) => (unsaved === true ? [id] : [])));
  for (const account of await asked.listing())
    if (account.unsaved === true && !known.has(account.id))
      report(accountFinding(account, undefined, context.clock.now()));
  return null;
}

async function testAll(listing: readonly Listed[], { test }: Asked, findings: FindingsInOrder): Promise<void> {
  const waiting = listing.entries();
  const work = async (): Promise<void> => {
    for (const [index, account] of waiting) {
      if (findings.isOver) return;
      const [result] = isAsked(account) ? await test(text(account.id)) : [];
      findings.put(index, result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Tells findings in the order of the listing, each once those before it are known. */
class FindingsInOrder {
  isOver = false;
  private readonly results = new Map<number, TestResult | undefined>();
  private next = 0;
  private readonly counts = { ok: 0, warn: 0, bad: 0 };
  private readonly pace: WorkPace;

  constructor(
    private readonly context: Context,
    private readonly listing: readonly Listed[],
    private readonly report: (found: Finding) => void,
  ) {
    this.pace = new WorkPace(context, listing.length);
  }

  /** @param result - of its test; undefined: it was not tested */
  put(index: number, result: TestResult | undefined): void {
    if (this.isOver) return;
    this.results.set(index, result);
    for (; this.results.has(this.next); this.next++) {
      const account = this.listing[this.next];
      if (account === undefined) return;
      const found = accountFinding(account, this.results.get(this.next), this.context.clock.now());
      this.results.delete(this.next);
      this.counts[found.mark]++;
      this.report(found);
      this.pace.count();
    }
  }

  end(): void {
    this.isOver = true;
  }

  stopped(): void {
    const { ok, warn, bad } = this.counts;
    const left = this.listing.length - this.next;
    const accounts = counted(this.next, 'account');
    say(
      this.context.stderr,
      tell('stopped: of {accounts} {ok} are well, {warn} need a look, {bad} are out; {left} left out', {
        ...{ accounts, ok, warn, bad, left },
      }),
    );
  }
}

function accountFinding(account: Listed, result: TestResult | undefined, now: number): Finding {
  const what = text(account.email) || text(account.file);
  const state = text(account.state);
  if (state === 'unreadable') {
    const words = { file: text(account.file), why: read(text(account.reason)) };
    return { mark: 'bad', what, text: saying('{file} cannot be read: {why}; mend the file', words) };
  }
  if (account.unsaved === true) return { mark: 'bad', what, text: saying(NOT_SAVED) };
  if (state === 'disabled') {
    const cause = text(account.cause);
    const next = saying(isCause(cause) ? causes[cause].next : causes.revoked.next);
    return { mark: 'bad', what, text: saying('disabled: {why}; {next}', { why: reasonAndTime(account, now), next }) };
  }
  if (result?.ok !== true) return { mark: 'bad', what, text: result?.text ?? saying('not tested') };
  const honours = saying('Google honours its refresh token');
  if (state === 'blocked') {
    const why = saying('{honours}, but {why}', { honours, why: blockText(account) });
    const lasting = lastingOf(account, now);
    const isTriedAgain = lasting.english.startsWith('next try');
    return { mark: 'bad', what, text: isTriedAgain ? joinedSayings([why, lasting], '; ') : why };
  }
  if (state === 'cooling') {
    const rest = reasonAndTime(account, now);
    return { mark: 'warn', what, text: saying('{honours}; it rests: {rest}', { honours, rest }) };
  }
  if (state !== 'proxy_disabled') return { mark: 'ok', what, text: honours };
  const why = read(text(account.proxy_disabled_reason) || 'by hand');
  const out = saying('{honours}; it is out of the proxy ({why}): press e to put it back', { honours, why });
  return { mark: 'warn', what, text: out };
}

const NOT_SAVED =
  'not saved: its newest credential or flag is in memory only; make the data directory writable: it is lost if regrant ends before it can be saved';

/** Why an account whose grant is good does not serve, and what helps. */
function blockText({ quota, validation_blocked_reason: reason, validation_url: url }: Listed): Saying {
  if (isJsonObject(quota) && quota.is_forbidden === true) {
    const words = text(quota.forbidden_reason) || saying('Google does not say why');
    return saying('the service is forbidden to it: {words}; it comes back once Code Assist answers it again', {
      words,
    });
  }
  const next =
    text(url) === '' ? saying('log in to it in a browser') : saying('open {url} in a browser', { url: text(url) });
  const words = text(reason) || saying('Google asks a human to verify the account');
  return saying('it is blocked: {words}; {next}, then t', { words, next });
}
