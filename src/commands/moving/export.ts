import { named, joinedSayings, read, reason, saying } from '../../store/words/saying.js';
import { tell } from '../../store/words/tongue.js';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAccountFile } from '../../store/accounts/accounts-folder.js';
import { readText } from '../../store/disk/text-file.js';
import { RegrantError, systemCode, UsageError, type Saying } from '../../store/ground/errors.js';
import { parseExactly, printExactly } from '../../store/ground/exact-json.js';
import { isJsonObject, type JsonObject } from '../../store/ground/json.js';
import { version } from '../../store/ground/version.js';
import { settingsLayers } from '../../store/settings/settings.js';
import { exit, isGiven, optionValue, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { placesOf } from '../places.js';
import { EXPORT_SCHEMA, movedSettings, type ExportDocument } from './export-document.js';
import { askedPassphrase } from './passphrase.js';
import { sealed, type Seal } from './sealed.js';

/** The export cannot be made. Exit status 1. */
class NotExported extends RegrantError {
  readonly code = 'NOT_EXPORTED';
}

/** `regrant export`: accounts, OAuth clients, client keys and settings as one document, sealed. */
export async function exportAll(context: Context, given: CommandArguments): Promise<number> {
  const isPlain = isGiven(given, 'plain');
  const seal = isPlain ? null : await sealFor(context, given);
  const document = await documentOf(context, given.words);
  const text = printExactly(document);
  const written = seal === null ? text : await sealed(text, seal);
  const file = optionValue(given, 'to');
  if (seal === null) say(context.stderr, tell('warning: every token, secret and key stands in it as it is'));
  say(
    context.stderr,
    tell(
      'warning: the same tokens go on being used here: where a provider rotates them, one of the two sides will lose them',
    ),
  );
  if (file === undefined) context.stdout.write(written);
  else write(file, written);
  const n = document.accounts.length;
  const exported = n === 1 ? saying('{n} account exported', { n }) : saying('{n} accounts exported', { n });
  if (isGiven(given, 'json') && file !== undefined) sayJson(context.stdout, { ok: true, text: exported.english });
  else say(context.stderr, (file === undefined ? exported : saying('{exported} to {file}', { exported, file })).spoken);
  return exit.done;
}

async function sealFor(context: Context, given: CommandArguments): Promise<Seal> {
  const recipient = optionValue(given, 'recipient');
  if (recipient !== undefined) return { kind: 'recipient', recipient };
  if (!isGiven(given, 'passphrase')) {
    throw new UsageError(saying('an export is sealed with --passphrase or for a --recipient; --plain leaves it open'));
  }
  return { kind: 'passphrase', passphrase: await askedPassphrase(context, 'twice') };
}

/** @throws {NotExported} something of it cannot be read */
async function documentOf(context: Context, emails: readonly string[]): Promise<ExportDocument> {
  const places = placesOf(context);
  // says best what is wrong with settings
  const { settings } = settingsLayers(places.settings, context.env);
  const faults: Saying[] = [];
  const fromFile = objectIn(places.settings, faults) ?? {};
  if (settings.database.url !== '') {
    refuseAny(faults);
    return documentOfPool(context, emails, fromFile);
  }
  const { oauth = {} } = fromFile;
  const { keys = {} } = objectIn(places.keys, faults) ?? {};
  if (!isJsonObject(keys)) faults.push(saying('{file}: its keys are no object in braces', { file: places.keys }));
  refuseAny(faults);
  return {
    schema: EXPORT_SCHEMA,
    regrant: version,
    accounts: accountsIn(places.accounts, emails),
    clients: (isJsonObject(oauth) && isJsonObject(oauth.clients) ? oauth.clients : {}) as ExportDocument['clients'],
    keys: keys as ExportDocument['keys'],
    settings: movedSettings(fromFile),
  };
}

/** What boxes share is in the database alone. */
async function documentOfPool(
  context: Context,
  emails: readonly string[],
  fromFile: JsonObject,
): Promise<ExportDocument> {
  const { readWholePool } = await import('../pool/whole-pool.js');
  const { accounts, unreadable, clients, keys, apiKey } = await readWholePool(context);
  const proxy = isJsonObject(fromFile.proxy) ? fromFile.proxy : {};
  const faults = unreadable.map(({ id, reason: why }) => named(id, read(why)));
  return {
    schema: EXPORT_SCHEMA,
    regrant: version,
    accounts: chosen(accounts, emails, faults),
    clients,
    keys: keys as ExportDocument['keys'],
    settings: movedSettings({ ...fromFile, proxy: { ...proxy, apiKey } }),
  };
}

/** @param emails - only these accounts; none: all */
function accountsIn(folder: string, emails: readonly string[]): JsonObject[] {
  const faults: Saying[] = [];
  const files = filesIn(folder).flatMap((file) => {
    const json = objectIn(file, faults);
    if (json !== null && emailOf(json) === '')
      faults.push(saying('{file}: there is no e-mail in it', { file: path.basename(file) }));
    return json === null || emailOf(json) === '' ? [] : [json];
  });
  return chosen(files, emails, faults);
}

/** @param faults - of accounts that cannot be read: all of them are wanted where no e-mails are given */
function chosen(files: readonly JsonObject[], emails: readonly string[], faults: readonly Saying[]): JsonObject[] {
  const wanted = new Set(emails.map((email) => email.toLowerCase()));
  const found = files.filter((file) => wanted.size === 0 || wanted.has(emailOf(file)));
  const missing = emails.find((email) => !found.some((file) => emailOf(file) === email.toLowerCase()));
  if (missing !== undefined)
    throw new NotExported(
      saying('there is no account {name}; {faults}', { name: missing, faults: namedFaults(faults) }),
    );
  if (wanted.size === 0) refuseAny(faults);
  return found;
}

const emailOf = ({ email }: JsonObject): string => (typeof email === 'string' ? email.toLowerCase() : '');

/** How many of the files that cannot be read are named. */
const MOST_NAMED = 20;

function namedFaults(faults: readonly Saying[]): Saying {
  const more = faults.length - MOST_NAMED;
  const named = [...faults.slice(0, MOST_NAMED), ...(more > 0 ? [saying('and {n} more', { n: more })] : [])];
  if (named.length === 0) return saying('nothing was exported');
  return saying('nothing was exported: {faults}', { faults: joinedSayings(named, '; ') });
}

function refuseAny(faults: readonly Saying[]): void {
  if (faults.length > 0)
    throw new NotExported(saying('{faults}; mend what is named, or move it away', { faults: namedFaults(faults) }));
}

/** The account files, in order; none where there is no folder yet. @throws {NotExported} it cannot be listed */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter(isAccountFile)
      .sort()
      .map((name) => path.join(folder, name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new NotExported(saying('nothing was exported: {faults}', { faults: named(folder, reason(error)) }));
  }
}

/**
 * The object in a file, with every digit of its numbers; null: there is no file, or it cannot be read.
 *
 * @param faults - gets the file's name and why it cannot be read
 */
function objectIn(file: string, faults: Saying[]): JsonObject | null {
  const name = path.basename(file);
  try {
    const text = readText(file, 'unknown');
    if (typeof text === 'string') return parseExactly(text);
    faults.push(named(name, read(text.reason)));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') faults.push(named(name, reason(error)));
  }
  return null;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new NotExported(saying('{file} cannot be written: {why}', { file, why: reason(error) }));
  }
}
