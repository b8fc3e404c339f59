import { existsSync } from 'node:fs';
import { read, reason, saying } from '../../store/words/saying.js';
import { clockFault } from '../../proxy/reports/banners.js';
import { causes } from '../../proxy/contract/causes.js';
import { exposuresOf } from '../../proxy/contract/exposures.js';
import { outboundProxy } from '../../proxy/transport/outbound.js';
import { authorityFiles, trustOwnAuthorities } from '../../proxy/transport/own-authorities.js';
import { reachOf } from '../../proxy/transport/endpoint-check.js';
import { dataDirectoryPath, layout, prepareDirectory } from '../../store/disk/directory.js';
import { CannotRun, type Saying } from '../../store/ground/errors.js';
import { settingsLayers, type Settings } from '../../store/settings/settings.js';
import { exit, say, sayJson, type Context } from '../context.js';
import { layersNow } from '../pool/pool-settings.js';
import { exitAfter, type StopSignal } from '../signals.js';
import { findingLine, printedFinding, type Finding } from '../finding.js';
import { noAccounts, tellAccounts } from './doctor-accounts.js';
import { runningSupervisor } from '../supervisor/running.js';
import { took, wait } from '../../proxy/contract/durations.js';

/**
 * `regrant doctor`: checks settings, clock, the connection to each endpoint and every account's grant, with a line for
 * each.
 */
export async function doctor(context: Context, { json = false }: { readonly json?: boolean } = {}): Promise<number> {
  const found: Finding[] = [];
  const report = (finding: Finding): void => {
    found.push(finding);
    if (!json) say(context.stdout, findingLine(finding));
  };
  const places = layout(dataDirectoryPath(context.dataDir, context.env), context.env);
  const { settings } = settingsLayers(places.settings, context.env);
  // what is not there is not made for being looked at
  const isThere = settings.database.url !== '' || existsSync(places.accounts);
  const fault = isThere ? directoryFault(context) : null;
  if (fault !== null) report({ mark: 'bad', what: saying('data directory'), text: fault });
  report({ mark: 'ok', what: saying('settings'), text: places.settings });
  for (const { setting: what, text } of exposuresOf(settings, context.env)) report({ mark: 'warn', what, text });
  for (const finding of await ownFindings(settings, context)) report(finding);
  for (const finding of authorityFindings(context.env)) report(finding);
  for (const finding of await endpointFindings(context, settings)) report(finding);
  for (const finding of await logFindings(context)) report(finding);
  const stopped = isThere ? await tellAccountsOr(context, fault, report) : null;
  if (!isThere) report(noAccounts);
  if (json) sayJson(context.stdout, { findings: found.map(printedFinding) });
  if (stopped !== null) return exitAfter[stopped];
  return found.some(({ mark }) => mark === 'bad') ? exit.failed : exit.done;
}

/** Why the directory cannot be written; null: it can. A directory that is not safe to use is refused too. */
function directoryFault({ dataDir, env }: Context): Saying | null {
  try {
    prepareDirectory(dataDirectoryPath(dataDir, env), env);
    return null;
  } catch (error) {
    if (error instanceof CannotRun) return reason(error);
    throw error;
  }
}

/** What the log of a running supervisor lacks. */
async function logFindings(context: Context): Promise<readonly Finding[]> {
  const client = await runningSupervisor(context);
  if (client === null) return [];
  const { log } = await client.request('status', []).finally(() => client.close());
  const n = log.lost;
  const what = saying('log ¦ finding');
  if (log.ok && n === 0) return [];
  if (log.ok)
    return [{ mark: 'warn', what, text: saying('{n} lines since the start are lost, it is written again', { n }) }];
  return [
    {
      ...{ mark: 'bad', what },
      text: saying('it cannot be written, {n} lines since the start are lost; make room for it, or mend its folder', {
        n,
      }),
    },
  ];
}

/**
 * Tells the findings about accounts: where nothing can be written, only a running supervisor can be asked.
 *
 * @returns the signal that stopped it; null: it came to its end
 */
async function tellAccountsOr(
  context: Context,
  fault: Saying | null,
  report: (found: Finding) => void,
): Promise<StopSignal | null> {
  try {
    return await tellAccounts(context, report);
  } catch (error) {
    if (fault === null || !(error instanceof CannotRun)) throw error;
    report({
      ...{ mark: 'bad', what: saying('accounts') },
      text: saying('not asked about: a rotated token could not be saved'),
    });
    return null;
  }
}

/** The OAuth clients; before them the database, where that has them. */
async function ownFindings(settings: Settings, context: Context): Promise<readonly Finding[]> {
  if (settings.database.url === '') return clientFindings(settings);
  const { databaseFindings } = await import('../database/database-findings.js');
  const findings = await databaseFindings(settings.database, context.clock);
  const told = findings.map(({ mark, what, text }, at): Finding => ({
    ...{ mark, text },
    what: at === 0 ? what : saying('database: {what}', { what }),
  }));
  if (findings.some(({ fault }) => fault !== undefined)) return told;
  return [...told, ...clientFindings((await layersNow(context)).settings)];
}

function clientFindings({ oauth }: Settings): readonly Finding[] {
  const named = Object.entries(oauth.clients).filter(([, { id }]) => id !== '');
  if (named.length === 0) {
    const next = saying(causes.client_missing.next);
    const text = saying('none is configured; {next}', { next });
    return [{ mark: 'bad', what: saying('OAuth client'), text }];
  }
  return named.map(([name, { id, secret }]) => ({
    mark: secret === '' ? 'warn' : 'ok',
    what: saying('OAuth client {name}', { name }),
    text: secret === '' ? saying('{id} has no secret; Google asks for one of a desktop client', { id }) : id,
  }));
}

/** The certificate authorities that the environment adds to those that Node knows. */
const authorityFindings = (env: NodeJS.ProcessEnv): readonly Finding[] =>
  authorityFiles(env).map(({ variable, file, certificates, fault }) => ({
    mark: fault === null ? 'ok' : 'warn',
    what: variable,
    text:
      fault === null
        ? certificateCount(file, certificates.length)
        : saying('{file} is not used: {why}; it is to be a file of PEM certificates', { file, why: read(fault) }),
  }));

const certificateCount = (file: string, n: number): Saying =>
  n === 1 ? saying('{file}, {n} certificate', { file, n }) : saying('{file}, {n} certificates', { file, n });

async function endpointFindings({ env, clock }: Context, settings: Settings): Promise<readonly Finding[]> {
  const { oauth, upstream, network } = settings;
  trustOwnAuthorities(env);
  const outbound = outboundProxy(network, env);
  const urls = new Set([oauth.tokenUrl, oauth.userInfoUrl, ...upstream.baseUrls].map((url) => new URL(url).origin));
  const reaches = await Promise.all([...urls].map((url) => reachOf(url, outbound, () => clock.now())));
  const findings: Finding[] = reaches.map(({ url, ok, tookMs, text, advice }) => ({
    mark: ok ? 'ok' : 'bad',
    what: url,
    text: ok
      ? saying('{answer}, {span}', { answer: read(text), span: read(took(tookMs)) })
      : saying('{what}; {next}', {
          what: read(text),
          next: advice === null ? saying('check the connection and network.proxy') : read(advice),
        }),
  }));
  const ahead = reaches.map(({ clockAheadMs }) => clockAheadMs).find((value) => value !== null) ?? null;
  const fault = clockFault(ahead);
  const clockText =
    ahead === null
      ? saying('not known to be right, since no server told its time')
      : saying('within {span} of the servers', { span: read(wait(Math.abs(ahead))) });
  const mark = ahead === null || fault !== null ? 'warn' : 'ok';
  return [...findings, { mark, what: saying('clock'), text: fault ?? clockText }];
}
