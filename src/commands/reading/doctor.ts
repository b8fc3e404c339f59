import { plural } from '../../panes/text/text.js';
import { keysAsVerbs } from '../keys-as-verbs.js';
import { clockFault } from '../../proxy/reports/banners.js';
import { causes } from '../../proxy/contract/causes.js';
import { exposuresOf } from '../../proxy/contract/exposures.js';
import { outboundProxy } from '../../proxy/transport/outbound.js';
import { authorityFiles, trustOwnAuthorities } from '../../proxy/transport/own-authorities.js';
import { reachOf } from '../../proxy/transport/endpoint-check.js';
import { dataDirectoryPath, layout, prepareDirectory } from '../../store/disk/directory.js';
import { CannotRun } from '../../store/ground/errors.js';
import { loadSettings, type Settings } from '../../store/settings/settings.js';
import { exit, say, sayJson, type Context } from '../context.js';
import { exitAfter, type StopSignal } from '../signals.js';
import { findingLine, type Finding } from '../finding.js';
import { tellAccounts } from './doctor-accounts.js';
import { runningSupervisor } from '../supervisor/running.js';
import { took, wait } from '../../proxy/contract/durations.js';

/**
 * `regrant doctor`: checks settings, clock, the connection to each endpoint and every account's grant, with a line for
 * each.
 */
export async function doctor(context: Context, { json = false }: { readonly json?: boolean } = {}): Promise<number> {
  const told: Finding[] = [];
  const tell = (found: Finding): void => {
    const finding = { ...found, text: keysAsVerbs(found.text) };
    told.push(finding);
    if (!json) say(context.stdout, findingLine(finding));
  };
  const places = layout(dataDirectoryPath(context.dataDir, context.env), context.env);
  const fault = directoryFault(context);
  if (fault !== null) tell({ mark: 'bad', what: 'data directory', text: fault });
  const settings = loadSettings(places.settings, context.env);
  tell({ mark: 'ok', what: 'settings', text: places.settings });
  for (const { setting: what, text } of exposuresOf(settings, context.env)) tell({ mark: 'warn', what, text });
  for (const finding of await ownFindings(settings, context)) tell(finding);
  for (const finding of authorityFindings(context.env)) tell(finding);
  for (const finding of await endpointFindings(context, settings)) tell(finding);
  for (const finding of await logFindings(context)) tell(finding);
  const stopped = await tellAccountsOr(context, fault, tell);
  if (json) sayJson(context.stdout, { findings: told });
  if (stopped !== null) return exitAfter[stopped];
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

/**
 * Tells the findings about accounts: where nothing can be written, only a running supervisor can be asked.
 *
 * @returns the signal that stopped it; null: it came to its end
 */
async function tellAccountsOr(
  context: Context,
  fault: string | null,
  tell: (found: Finding) => void,
): Promise<StopSignal | null> {
  try {
    return await tellAccounts(context, tell);
  } catch (error) {
    if (fault === null || !(error instanceof CannotRun)) throw error;
    tell({ mark: 'bad', what: 'accounts', text: 'not asked about: a rotated token could not be saved' });
    return null;
  }
}

/** Where OAuth clients lie in the settings, these; else the database that has them. */
async function ownFindings(settings: Settings, { clock }: Context): Promise<readonly Finding[]> {
  if (settings.database.url === '') return clientFindings(settings);
  const { databaseFindings } = await import('../database/database-findings.js');
  const findings = await databaseFindings(settings.database, clock);
  return findings.map(({ mark, what, text }) => ({
    mark,
    what: what === 'database' ? what : `database: ${what}`,
    text,
  }));
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
  trustOwnAuthorities(env);
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
