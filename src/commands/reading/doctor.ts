import { plural } from '../../panes/text/text.js';
import { keysAsVerbs } from '../keys-as-verbs.js';
import { clockFault } from '../../proxy/reports/banners.js';
import { lastingOf, reasonIn } from '../account-line.js';
import { causes, isCause } from '../../proxy/contract/causes.js';
import { exposuresOf } from '../../proxy/contract/exposures.js';
import { outboundProxy } from '../../proxy/transport/outbound.js';
import { authorityFiles } from '../../proxy/transport/own-authorities.js';
import { reachOf } from '../../proxy/transport/endpoint-check.js';
import type { TestResult } from '../../proxy/contract/operations.js';
import { dataDirectoryPath, layout, prepareDirectory } from '../../store/disk/directory.js';
import { CannotRun } from '../../store/ground/errors.js';
import { isJsonObject } from '../../store/ground/json.js';
import { loadSettings, type Settings } from '../../store/settings/settings.js';
import { exit, say, sayJson, type Context } from '../context.js';
import { runningSupervisor } from '../supervisor/running.js';
import { withSupervisor } from '../supervisor/supervised.js';
import { took, wait } from '../../proxy/contract/durations.js';

/** One finding: what was looked at, what was found, and what to do where it is not good. */
interface Finding {
  readonly mark: 'ok' | 'warn' | 'bad';
  readonly what: string;
  readonly text: string;
}

const marks = { ok: '✔', warn: '▲', bad: '✖' } as const;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * `regrant doctor`: checks settings, clock, the connection to each endpoint and every account's grant, with a line for
 * each.
 */
export async function doctor(context: Context, { json = false }: { readonly json?: boolean } = {}): Promise<number> {
  const told: Finding[] = [];
  const tell = (found: Finding): void => {
    const finding = { ...found, text: keysAsVerbs(found.text) };
    told.push(finding);
    if (!json) say(context.stdout, `${marks[finding.mark]} ${finding.what}: ${finding.text}`);
  };
  const places = layout(dataDirectoryPath(context.dataDir, context.env), context.env);
  const fault = directoryFault(context);
  if (fault !== null) tell({ mark: 'bad', what: 'data directory', text: fault });
  const settings = loadSettings(places.settings, context.env);
  tell({ mark: 'ok', what: 'settings', text: places.settings });
  for (const { setting: what, text } of exposuresOf(settings, context.env)) tell({ mark: 'warn', what, text });
  for (const finding of clientFindings(settings)) tell(finding);
  for (const finding of authorityFindings(context.env)) tell(finding);
  for (const finding of await endpointFindings(context, settings)) tell(finding);
  for (const finding of await logFindings(context)) tell(finding);
  for (const finding of await accountFindingsOr(context, fault)) tell(finding);
  if (json) sayJson(context.stdout, { findings: told });
  return told.some(({ mark }) => mark === 'bad') ? exit.failed : exit.done;
}

/** Why the directory cannot be written; null: it can. A directory that is not safe to use is refused too. */
function directoryFault({ dataDir, env }: Context): string | null {
  try {
    prepareDirectory(dataDirectoryPath(dataDir, env), env);
    return null;
  } catch (error) {
    if (error instanceof CannotRun) return error.message;
    throw error;
  }
}

/** What the log of a running supervisor lacks. */
async function logFindings(context: Context): Promise<readonly Finding[]> {
  const client = await runningSupervisor(context);
  if (client === null) return [];
  const { log } = await client.request('status', []).finally(() => client.close());
  const lost = `${log.lost} lines since the start are lost`;
  if (!log.ok)
    return [{ mark: 'bad', what: 'log', text: `it cannot be written, ${lost}; make room for it, or mend its folder` }];
  return log.lost === 0 ? [] : [{ mark: 'warn', what: 'log', text: `${lost}, it is written again` }];
}

/** The findings about accounts: where nothing can be written, only a running supervisor can be asked. */
async function accountFindingsOr(context: Context, fault: string | null): Promise<readonly Finding[]> {
  try {
    return await accountFindings(context);
  } catch (error) {
    if (fault === null || !(error instanceof CannotRun)) throw error;
    return [{ mark: 'bad', what: 'accounts', text: 'not asked about: a rotated token could not be saved' }];
  }
}

function clientFindings({ oauth }: Settings): readonly Finding[] {
  const named = Object.entries(oauth.clients).filter(([, { id }]) => id !== '');
  if (named.length === 0) {
    return [{ mark: 'bad', what: 'OAuth client', text: `none is configured; ${causes.client_missing.next}` }];
  }
  return named.map(([name, { id, secret }]) => ({
    mark: secret === '' ? 'warn' : 'ok',
    what: `OAuth client ${name}`,
    text: secret === '' ? `${id} has no secret; Google asks for one of a desktop client` : id,
  }));
}

/** The certificate authorities that the environment adds to those that Node knows. */
const authorityFindings = (env: NodeJS.ProcessEnv): readonly Finding[] =>
  authorityFiles(env).map(({ variable, file, certificates, fault }) => ({
    mark: fault === null ? 'ok' : 'warn',
    what: variable,
    text:
      fault === null
        ? `${file}, ${plural(certificates.length, 'certificate')}`
        : `${file} is not used: ${fault}; it is to be a file of PEM certificates`,
  }));

async function endpointFindings({ env, clock }: Context, settings: Settings): Promise<readonly Finding[]> {
  const { oauth, upstream, network } = settings;
  const outbound = outboundProxy(network, env);
  const urls = new Set([oauth.tokenUrl, oauth.userInfoUrl, ...upstream.baseUrls].map((url) => new URL(url).origin));
  const reaches = await Promise.all([...urls].map((url) => reachOf(url, outbound, () => clock.now())));
  const findings: Finding[] = reaches.map(({ url, ok, tookMs, text, advice }) => ({
    mark: ok ? 'ok' : 'bad',
    what: url,
    text: ok ? `${text}, ${took(tookMs)}` : `${text}; ${advice ?? causes.network.next.split(';')[0] ?? ''}`,
  }));
  const ahead = reaches.map(({ clockAheadMs }) => clockAheadMs).find((value) => value !== null) ?? null;
  const fault = clockFault(ahead);
  const clockText =
    ahead === null
      ? 'not known to be right, since no server told its time'
      : `within ${wait(Math.abs(ahead))} of the servers`;
  const mark = ahead === null || fault !== null ? 'warn' : 'ok';
  return [...findings, { mark, what: 'clock', text: fault ?? clockText }];
}

type Listing = readonly Record<string, unknown>[];

async function accountFindings(context: Context): Promise<readonly Finding[]> {
  const isAsked = ({ state, unsaved }: Record<string, unknown>): boolean =>
    state !== 'unreadable' && state !== 'disabled' && unsaved !== true;
  const asked = (listing: Listing): string[] => listing.filter(isAsked).map(({ id }) => text(id));
  const [listing, results] = await withSupervisor<readonly [Listing, readonly TestResult[]]>(
    context,
    async (client) => {
      const listing = await client.request('accounts', []);
      const results = await client.request('testNow', [asked(listing)]);
      const { unsaved } = await client.request('status', []);
      // the results of the tests may not be on disk
      return [unsaved === 0 ? listing : await client.request('accounts', []), results];
    },
    async (supervisor) => {
      const results = await supervisor.operations.testNow(asked([...supervisor.listing()]));
      return [[...supervisor.listing()], results];
    },
  );
  if (listing.length === 0) return [{ mark: 'warn', what: 'accounts', text: 'none yet; add one with `regrant add`' }];
  return listing.map((account) => accountFinding(account, results, context.clock.now()));
}

function accountFinding(account: Record<string, unknown>, results: readonly TestResult[], now: number): Finding {
  const what = text(account.email) || text(account.file);
  const state = text(account.state);
  const lasting = lastingOf(account, now);
  if (state === 'unreadable') {
    return { mark: 'bad', what, text: `${text(account.file)} cannot be read: ${text(account.reason)}; mend the file` };
  }
  if (account.unsaved === true) {
    const next = 'make the data directory writable: it is lost if regrant ends before it can be saved';
    return { mark: 'bad', what, text: `not saved: its newest credential or flag is in memory only; ${next}` };
  }
  if (state === 'disabled') {
    const cause = text(account.cause);
    const next = isCause(cause) ? causes[cause].next : causes.revoked.next;
    return { mark: 'bad', what, text: `disabled: ${[reasonIn(account), lasting].filter(Boolean).join(', ')}; ${next}` };
  }
  const result = results.find(({ accountId }) => accountId === account.id);
  if (result?.ok !== true) return { mark: 'bad', what, text: result?.text ?? 'not tested' };
  const honours = 'Google honours its refresh token';
  if (state === 'blocked') {
    const again = lasting.startsWith('next try') ? `; ${lasting}` : '';
    return { mark: 'bad', what, text: `${honours}, but ${blockText(account)}${again}` };
  }
  if (state === 'cooling') {
    const rest = [reasonIn(account), lasting].filter(Boolean).join(', ');
    return { mark: 'warn', what, text: `${honours}; it rests: ${rest}` };
  }
  if (state !== 'proxy_disabled') return { mark: 'ok', what, text: honours };
  const why = text(account.proxy_disabled_reason) || 'by hand';
  return { mark: 'warn', what, text: `${honours}; it is out of the proxy (${why}): press e to put it back` };
}

/** Why an account whose grant is good does not serve, and what helps. */
function blockText({ quota, validation_blocked_reason: reason, validation_url: url }: Record<string, unknown>): string {
  if (isJsonObject(quota) && quota.is_forbidden === true) {
    return `the service is forbidden to it: ${text(quota.forbidden_reason) || 'Google does not say why'}; it comes back once Code Assist answers it again`;
  }
  const next = text(url) === '' ? 'log in to it in a browser' : `open ${text(url)} in a browser`;
  return `it is blocked: ${text(reason) || 'Google asks a human to verify the account'}; ${next}, then t`;
}
