import { read } from './words/saying.js';
import path from 'node:path';
import { existsSync } from 'node:fs';
import { PassThrough, type Writable } from 'node:stream';
import type { AccountStore } from './accounts/account-store.js';
import { knownBy, type StoredAccount } from './accounts/stored-account.js';
import { AccountFiles } from './files/account-files.js';
import { FirstReading } from './files/first-reading.js';
import { AntigravityIndex } from './files/antigravity-index.js';
import { FileExchanges } from './files/file-exchanges.js';
import type { Clock } from './ground/clock.js';
import { dataDirectoryPath, directoryToRead, prepareDirectory, type DataDirectory } from './disk/directory.js';
import { systemDisk, type Disk } from './disk/disk.js';
import { heldDisk, noLock, type DirectoryLock } from './disk/held-disk.js';
import type { TellTrouble } from './disk/patient-write.js';
import { removeStrays } from './disk/durable.js';
import { faultsGoTo } from './ground/faults.js';
import { EventLog } from './records/event-log.js';
import type { Events } from './records/events.js';
import { InstanceLock } from './disk/lock.js';
import { Log } from './records/log.js';
import { clientsInFile, type KeptClients } from './settings/kept-clients.js';
import { LiveSettings, type LiveSettingsParts } from './settings/live-settings.js';
import { loadSettings, settingsLayers, SettingsError, type Settings } from './settings/settings.js';
import { type KeyStore, keysInFile } from './keys/key-store.js';
import { NoticeFile } from './notices/notice-file.js';
import type { DatabaseStore } from './open-database.js';
import { StateFile } from './state/state-file.js';
import type { ExchangeStore } from './state/exchange-store.js';
import type { StateStore } from './state/state-store.js';
import type { Sharing } from './shared/sharing.js';
import type { Trash } from './accounts/trash.js';
import { TrashFolder } from './files/trash.js';
import { UsageFolder } from './usage/usage-folder.js';
import type { UsageStore } from './usage/usage-store.js';

/** All that is kept on disk, opened by the one process that may write it. */
export interface Store {
  readonly places: DataDirectory;
  /** As they hold now. */
  readonly settings: Settings;
  readonly liveSettings: LiveSettings;
  readonly clients: KeptClients;
  /** The environment that the settings were read with. */
  readonly env: NodeJS.ProcessEnv;
  readonly lock: DirectoryLock;
  /** A disk that writes only while the lock is held. */
  readonly disk: Disk;
  readonly accounts: AccountStore;
  /** Resolves when the accounts are whole: files that were unreadable have been read a second time. */
  readonly whole: Promise<void>;
  /** null: there are no files that it could list. */
  readonly index: AntigravityIndex | null;
  readonly trash: Trash;
  readonly state: StateStore;
  readonly exchanges: ExchangeStore;
  readonly keys: KeyStore;
  readonly usage: UsageStore;
  readonly notices: NoticeFile;
  readonly events: Events;
  readonly log: Log;
  /** Ends the reporting of faults in this log. */
  readonly stopTellingFaults: () => void;
  /** The database's time where there is one. */
  readonly clock: Clock;
  /** The pool that several machines share; null: the accounts are files of this one. */
  readonly shared: DatabaseStore | null;
}

export interface StoreOptions {
  /** As given with `--data-dir`. */
  readonly dataDir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** What the files are written by. */
  readonly disk?: Disk;
  /** Gets every log line too. */
  readonly copyLog?: Writable;
  /** Descriptor of the open file that a predecessor had the lock on. */
  readonly inheritedLock?: number | undefined;
  /** With a database: whether this is a box of the pool, or a command that works once. */
  readonly as?: 'box' | 'command';
}

/**
 * Opens a data directory for writing, and the database where the settings name one.
 *
 * @throws {CannotRun} one of them cannot be used, or another process holds the directory
 * @throws {SettingsError} a setting is wrong
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, env, clock, disk: given = systemDisk, copyLog, inheritedLock } = options;
  const places = prepareDirectory(dataDirectoryPath(dataDir, env), env);
  const settings = loadSettings(places.settings, env);
  const lock = lockOf(places, inheritedLock);
  const disk = heldDisk(lock, given);
  let log: Log | null = null;
  let reading: FirstReading | null = null;
  // what is opened has timers by now, which must not end a start
  const stopTellingFaults = faultsGoTo((what, error) => log?.fault(what, error));
  try {
    // it goes on beside all that follows
    if (settings.database.url === '') reading = FirstReading.begin(places.accounts, clock);
    log = new Log({ folder: places.logs, level: settings.log.level, clock, copy: copyLog });
    if (lock.cannotLock !== null) log.logger.warn(`${lock.cannotLock}: two machines must not share ${places.root}`);
    const local = StateFile.open(places.state, clock, disk, troubleLine(log, 'state/accounts.json'));
    const parts = { options, places, settings, disk, log, local };
    // nothing is written here before both are over, and the system lists the folders meanwhile
    const strays = removeAllStrays(places);
    const [kept] = await Promise.all([
      reading === null ? strays.then(() => onDatabase(parts)) : onFiles(parts, reading),
      strays,
    ]);
    const liveSettings = await settingsWith(kept, { file: places.settings, env, clock }, settings);
    return {
      places,
      env,
      ...{ settings, liveSettings, lock, disk, ...kept },
      notices: new NoticeFile(places.state, clock, disk, troubleLine(log, 'state/notices.json')),
      ...{ log, stopTellingFaults },
    };
  } catch (error) {
    reading?.stop();
    stopTellingFaults();
    await log?.close();
    lock.release();
    throw error;
  }
}

/**
 * Opens a data directory, which may not be there yet, for who only looks: nothing in it is made, changed or locked.
 * Only for one whose accounts are files.
 *
 * @throws as `openStore`
 */
export async function openToRead({ dataDir, env, clock }: StoreOptions): Promise<Store> {
  const places = directoryToRead(dataDirectoryPath(dataDir, env), env);
  const { settings } = settingsLayers(places.settings, env);
  const disk = heldDisk(noLock, systemDisk);
  const log = new Log({ folder: places.logs, level: settings.log.level, clock, openStream: nowhere });
  const local = StateFile.open(places.state, clock, disk);
  const { accounts: folder } = places;
  const reading = existsSync(folder) ? FirstReading.begin(folder, clock) : FirstReading.ofNothing(folder, clock);
  const parts = { options: { dataDir, env, clock }, places, settings, disk, log, local };
  return {
    ...{ places, env, settings, disk, log, lock: noLock, ...(await onFiles(parts, reading)) },
    liveSettings: new LiveSettings({ file: places.settings, env, clock }, settings),
    notices: new NoticeFile(places.state, clock, disk),
    stopTellingFaults: faultsGoTo((what, error) => log.fault(what, error)),
  };
}

const nowhere = (): Writable => new PassThrough().resume();

interface KeepingParts {
  readonly options: StoreOptions;
  readonly places: DataDirectory;
  readonly settings: Settings;
  readonly disk: Disk;
  readonly log: Log;
  readonly local: StateFile;
}

type Kept = Pick<
  Store,
  | 'clients'
  | 'accounts'
  | 'whole'
  | 'index'
  | 'trash'
  | 'state'
  | 'exchanges'
  | 'events'
  | 'keys'
  | 'usage'
  | 'clock'
  | 'shared'
>;

async function onFiles(
  { options, places, disk, log, local: state }: KeepingParts,
  reading: FirstReading,
): Promise<Kept> {
  const { clock, env } = options;
  const trash = new TrashFolder(places.trash, clock, disk);
  const keepCopy: typeof trash.keepCopy = (id, text) => trash.keepCopy(id, text);
  const opening = { folder: places.accounts, clock, disk, keepCopy };
  const { store: accounts, whole } = await AccountFiles.begin(reading, opening);
  return {
    ...{ accounts, whole, trash, state, clock, shared: null },
    index: new AntigravityIndex({ file: places.index, store: accounts, clock, disk }),
    exchanges: new FileExchanges(accounts, state),
    clients: clientsInFile(places.settings, env),
    keys: keysInFile(places.keys, clock, disk),
    usage: new UsageFolder(places.usage, disk),
    events: EventLog.open(places.state, { clock, disk, tell: troubleLine(log, 'state/events.jsonl') }),
  };
}

async function onDatabase({ options, places, settings, disk, log, local }: KeepingParts): Promise<Kept> {
  const { openDatabase } = await import('./open-database.js');
  const { as = 'box', clock, env, inheritedLock } = options;
  const tell = (what: string): TellTrouble => troubleLine(log, what);
  const isSuccessor = inheritedLock !== undefined;
  const shared = await openDatabase({ ...{ settings, places, env, clock, disk, local, isSuccessor, as, tell } });
  const { unreadable } = shared.clients;
  if (unreadable.length > 0)
    log.logger.warn(`Settings in the database that do not open are left out: ${unreadable.join(', ')}`);
  followLapses(shared.sharing, log);
  // the index is of the files alone
  return { ...shared, whole: Promise.resolve(), index: null, shared };
}

/** The log lines about a database that was put back to an older state. */
function followLapses(sharing: Sharing, { logger }: Log): void {
  let said: string | null = null;
  sharing.onChange(() => {
    const { lapse } = sharing;
    if (lapse !== null && lapse !== said) logger.warn(`The pool on several machines: ${lapse}`);
    said = lapse;
  });
}

/** The settings, with what boxes share in the place of the file's. @throws {SettingsError} together they are not allowed */
async function settingsWith({ shared }: Kept, parts: LiveSettingsParts, settings: Settings): Promise<LiveSettings> {
  if (shared === null) return new LiveSettings(parts, settings);
  const live = new LiveSettings({ ...parts, shared: shared.clients }, settings);
  const { fault } = live.reload();
  if (fault === null) return live;
  await shared.close();
  throw new SettingsError(read(fault));
}

const lockOf = ({ lock, root }: DataDirectory, inherited: number | undefined): InstanceLock =>
  inherited === undefined ? InstanceLock.acquire(lock, root) : InstanceLock.inherit(inherited, lock, root);

/** The log lines about a file that cannot be written, and about the end of that. */
const troubleLine =
  ({ logger }: Log, file: string): TellTrouble =>
  (trouble) =>
    trouble === null
      ? logger.info(`${file} is written again`)
      : logger.warn(`${file} cannot be written: ${trouble}; it is tried again`);

async function removeAllStrays({ root, settings, accounts, state, trash }: DataDirectory): Promise<void> {
  for (const folder of new Set([root, path.dirname(settings), accounts, state, trash])) await removeStrays(folder);
}

/** Writes what is not on disk yet and releases the directory; returns what could not be saved, file by file. */
export async function closeStore(store: Store): Promise<readonly string[]> {
  store.liveSettings.stop();
  await store.exchanges.settled();
  const unsaved = await store.accounts.flush();
  await store.index?.close();
  store.accounts.close();
  store.trash.stop();
  await store.state.flush();
  await store.events.flush();
  await store.shared?.close();
  store.stopTellingFaults();
  await store.log.close();
  store.lock.release();
  return unsaved.map(lossText);
}

/** Lets go of a directory that a successor has: nothing is written. */
export async function leaveStore({
  liveSettings,
  accounts,
  trash,
  shared,
  stopTellingFaults,
  lock,
}: Store): Promise<void> {
  liveSettings.stop();
  accounts.close();
  trash.stop();
  await shared?.close();
  stopTellingFaults();
  lock.release();
}

/**
 * What an account loses if the program ends before its writes succeed: `a1.json: its new refresh token (no space …)`.
 */
export const lossText = (lost: Pick<StoredAccount, 'id' | 'file' | 'account' | 'notSaved' | 'unsaved'>): string =>
  `${knownBy(lost)}: ${lost.unsaved.join(', ')} (${lost.notSaved ?? ''})`;
