import { saying } from '../../store/words/saying.js';
import { tell } from '../../store/words/tongue.js';
import { within } from '../../store/ground/within.js';
import type { ControlClient } from '../../control/client.js';
import type { Speaking } from '../../control/protocol.js';
import { askPatiently } from '../../control/patient.js';
import { remoteOperations } from '../../control/remote.js';
import { withoutProxy } from '../../proxy/supervisor/running.js';
import { type RunningSupervisor } from '../../proxy/contract/supervisor.js';
import type { Operations } from '../../proxy/contract/operations.js';
import { DirectoryLocked, livingOwner } from '../../store/disk/lock-owner.js';
import { settingsLayers } from '../../store/settings/settings.js';
import { closeStore, leaveStore, openStore, openToRead, type Store } from '../../store/open.js';
import { placesOf } from '../places.js';
import { say, type Context } from '../context.js';
import { noSupervisor, runningOr, runningSupervisor, successorOf } from './running.js';

/**
 * Works with the supervisor that runs on the data directory, else with its files under their lock.
 *
 * @throws {CannotRun}
 */
export const withSupervisor = <T>(
  context: Context,
  remote: (client: ControlClient) => Promise<T>,
  local: (supervisor: RunningSupervisor, store: Store) => Promise<T>,
): Promise<T> =>
  runningOr(
    context,
    (client) => remote(client).finally(() => client.close()),
    () => onFiles(context, local),
  );

/**
 * Likewise, for verbs that only read: without a supervisor nothing is made, changed or locked.
 *
 * @throws {CannotRun}
 */
export const withReader = <T>(
  context: Context,
  remote: (client: ControlClient) => Promise<T>,
  local: (supervisor: RunningSupervisor) => Promise<T>,
): Promise<T> =>
  runningOr(
    context,
    (client) => remote(client).finally(() => client.close()),
    () => readingFiles(context, local),
  );

/** The same client, which goes on with the supervisor's successor where that restarts just now. */
const patient = (context: Context, client: ControlClient): Pick<ControlClient, 'request'> => ({
  request: (...asked) => askPatiently(client, { clock: context.clock, next: () => successorOf(context) }, ...asked),
});

/** Likewise, with operations only. */
export const withOperations = <T>(context: Context, use: (operations: Operations) => Promise<T>): Promise<T> =>
  withSupervisor(
    context,
    (client) => use(remoteOperations(patient(context, client))),
    ({ operations }) => use(operations),
  );

/** The same for operations that only read. */
export const withOperationsToRead = <T>(context: Context, use: (operations: Operations) => Promise<T>): Promise<T> =>
  withReader(
    context,
    (client) => use(remoteOperations(patient(context, client))),
    ({ operations }) => use(operations),
  );

/** The accounts as `accounts --json` lists them. */
export type Listing = readonly Readonly<Record<string, unknown>>[];

/** What a verb gets of a supervisor, whether that runs in another process or only works on the files. */
export interface SupervisorHandle {
  readonly operations: Operations;
  readonly listing: () => Promise<Listing>;
}

/** Gives `use` the operations and accounts of the supervisor that runs, else of one on the files under their lock. */
export const withHandle = <T>(context: Context, use: (desk: SupervisorHandle) => Promise<T>): Promise<T> =>
  withSupervisor(
    context,
    (client) =>
      use({ operations: remoteOperations(patient(context, client)), listing: () => client.request('accounts', []) }),
    (supervisor) =>
      use({ operations: supervisor.operations, listing: () => Promise.resolve([...supervisor.listing()]) }),
  );

/**
 * Likewise, for what only a running supervisor can do.
 *
 * @throws {CannotRun} none runs
 */
export async function withRunning<T>(
  context: Context,
  use: (client: ControlClient) => Promise<T>,
  speaking?: Speaking,
): Promise<T> {
  const client = await runningSupervisor(context, speaking);
  if (client === null) {
    throw noSupervisor(
      context,
      saying('no regrant runs on this data directory, and this needs one: start it with `regrant`'),
    );
  }
  return use(client).finally(() => client.close());
}

/** How long to wait for exchanges that are still under way. */
const LAST_ANSWERS_MS = 60_000;

async function onFiles<T>(
  context: Context,
  local: (supervisor: RunningSupervisor, store: Store) => Promise<T>,
): Promise<T> {
  const { dataDir, env, clock } = context;
  const store = await openStore({ dataDir, env, clock, as: 'command' });
  const supervisor = withoutProxy(store, store.clock);
  try {
    await store.whole;
    return await local(supervisor, store);
  } finally {
    await lastAnswers(context, supervisor);
    await closeStore(store);
  }
}

async function readingFiles<T>(context: Context, local: (supervisor: RunningSupervisor) => Promise<T>): Promise<T> {
  const places = placesOf(context);
  const { database } = settingsLayers(places.settings, context.env).settings;
  if (database.url !== '') return onFiles(context, local);
  // one that begins or ends has a lock and no socket
  const owner = livingOwner(places.lock);
  if (owner !== null) throw new DirectoryLocked(places.root, owner);
  const store = await openToRead(context);
  try {
    await store.whole;
    return await local(withoutProxy(store, store.clock));
  } finally {
    await leaveStore(store);
    await store.log.close();
  }
}

/**
 * Waits for late answers: one may have a refresh token that replaces the one on disk, and it is saved before the files
 * are released.
 */
async function lastAnswers({ clock, stderr }: Context, supervisor: RunningSupervisor): Promise<void> {
  const answers = supervisor.lastAnswers();
  if (answers === null) return;
  const seconds = LAST_ANSWERS_MS / 1000;
  say(
    stderr,
    tell("waiting for the token endpoint's late answer, {n} s at most: it may hold a new refresh token", {
      n: seconds,
    }),
  );
  await within(answers, LAST_ANSWERS_MS, clock, () => undefined);
}
