import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inert } from '../../panes/text/text.js';
import { reasonOf, RegrantError, UsageError } from '../../store/ground/errors.js';
import { isJsonObject, type JsonObject } from '../../store/ground/json.js';
import { version } from '../../store/ground/version.js';
import { settingsLayers } from '../../store/settings/settings.js';
import { exit, isGiven, optionValue, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { placesOf } from '../places.js';
import { accountFilesIn, objectIn } from '../readable-files.js';
import { EXPORT_SCHEMA, movedSettings, type ExportDocument } from './export-document.js';
import { askedPassphrase } from './passphrase.js';
import { sealed, type Seal } from './sealed.js';

/** The export cannot be made. Exit status 1. */
class NotExported extends RegrantError {
  readonly code = 'NOT_EXPORTED';
}

const STAYS =
  'the same tokens go on being used here: where a provider rotates them, one of the two sides will lose them';

/** `regrant export`: accounts, OAuth clients, client keys and settings as one document, sealed. */
export async function exportAll(context: Context, given: CommandArguments): Promise<number> {
  const isPlain = isGiven(given, 'plain');
  const seal = isPlain ? null : await sealFor(context, given);
  const document = documentOf(context, given.words);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const written = seal === null ? text : await sealed(text, seal);
  const file = optionValue(given, 'to');
  if (seal === null) say(context.stderr, 'warning: every token, secret and key stands in it as it is');
  say(context.stderr, `warning: ${STAYS}`);
  if (file === undefined) context.stdout.write(written);
  else write(file, written);
  const said = `${document.accounts.length} account${document.accounts.length === 1 ? '' : 's'} exported`;
  if (isGiven(given, 'json') && file !== undefined) sayJson(context.stdout, { ok: true, text: said });
  else say(context.stderr, inert(file === undefined ? said : `${said} to ${file}`));
  return exit.done;
}

async function sealFor(context: Context, given: CommandArguments): Promise<Seal> {
  const recipient = optionValue(given, 'recipient');
  if (recipient !== undefined) return { kind: 'recipient', recipient };
  if (!isGiven(given, 'passphrase')) {
    throw new UsageError('an export is sealed with --passphrase or for a --recipient; --plain leaves it open');
  }
  return { kind: 'passphrase', passphrase: await askedPassphrase(context, 'twice') };
}

function documentOf(context: Context, emails: readonly string[]): ExportDocument {
  const places = placesOf(context);
  const { fromFile } = settingsLayers(places.settings, context.env);
  const oauth = isJsonObject(fromFile.oauth) ? fromFile.oauth : {};
  const keys = objectIn(places.keys).keys;
  return {
    schema: EXPORT_SCHEMA,
    regrant: version,
    accounts: accountsIn(places.accounts, emails),
    clients: (isJsonObject(oauth.clients) ? oauth.clients : {}) as ExportDocument['clients'],
    keys: (isJsonObject(keys) ? keys : {}) as ExportDocument['keys'],
    settings: movedSettings(fromFile),
  };
}

function accountsIn(folder: string, emails: readonly string[]): JsonObject[] {
  const wanted = new Set(emails.map((email) => email.toLowerCase()));
  const files = accountFilesIn(folder).map((name) => objectIn(path.join(folder, name)));
  const emailOf = ({ email }: JsonObject): string => (typeof email === 'string' ? email.toLowerCase() : '');
  const found = files.filter((file) => emailOf(file) !== '' && (wanted.size === 0 || wanted.has(emailOf(file))));
  const missing = emails.find((email) => !found.some((file) => emailOf(file) === email.toLowerCase()));
  if (missing !== undefined) throw new NotExported(`there is no account ${missing}; nothing was exported`);
  return found;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new NotExported(`${file} cannot be written: ${reasonOf(error)}`);
  }
}
