import { told } from '../../store/words/told.js';
import { languageOf, speak, tell } from '../../store/words/tongue.js';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { Control } from '../../control/control.js';
import { tellRestart } from '../../proxy/supervisor/own-news.js';
import { startSupervisor } from '../../proxy/supervisor/running.js';
import { type RunningSupervisor } from '../../proxy/contract/supervisor.js';
import { soon, type Clock } from '../../store/ground/clock.js';
import { byItself } from '../../store/ground/faults.js';
import { LogFollower } from '../../store/records/follow.js';
import { closeStore, openStore, type Store } from '../../store/open.js';
import { AddressInUse } from '../../proxy/server/listener/listen-errors.js';
import { laySchemaFile } from '../settings/schema-file.js';
import { exit, say, type Context } from '../context.js';
import { inlineMore } from '../first/engine-flags.js';
import { nodeWarningsGoTo } from '../node-warnings.js';
import { portTaken } from './port-holder.js';
import { listeningSockets, type Handed } from './handover/listening-sockets.js';
import type { Signals } from '../signals.js';
import { stateReport } from './state-report.js';

/** A running supervisor, with its control socket. */
export interface Service {
  readonly supervisor: RunningSupervisor;
  /** The port of the settings that its sockets were opened for; null: they were given to it. */
  readonly port: Handed['port'];
  /** A successor serves: sends everybody on the control socket on to that. */
  handedOver(): Promise<void>;
  /** Writes a line into the log. */
  note(text: string): void;
  /** Opens the log's file again, as needed after somebody renamed it. */
  reopenLog(): void;
  /** Writes the state of everything into the log. */
  report(): void;
  /** Reads settings, client keys and account files again, and logs the result; one reading at a time. */
  reload(): Promise<void>;
  /** Drains, saves and releases everything; returns what could not be saved. */
  close(): Promise<readonly string[]>;
}

/** What a service starts with that is not in its data directory. */
export interface ServiceOrigin {
  /** Gets every log line too. */
  readonly copyLog?: Writable;
  /** What a predecessor handed over. */
  readonly inheritance?: Handed;
}

/** Opens the store, the proxy and the control socket, in this order; closes them again if one fails. */
export async function startService(context: Context, { copyLog, inheritance }: ServiceOrigin = {}): Promise<Service> {
  const { dataDir, env, clock } = context;
  const store = await openStore({ dataDir, env, clock, copyLog, inheritedLock: inheritance?.lock });
  nodeWarningsGoTo((text) => store.log.logger.warn(text));
  const sockets = listeningSockets(store.settings.proxy, env, inheritance);
  const opened: { supervisor?: RunningSupervisor; control?: Control } = {};
  try {
    const supervisor = await startSupervisor(store, store.clock, sockets.descriptors, async (running) => {
      opened.supervisor = running;
      opened.control = await openControl(running, store, context);
    });
    inlineMore();
    const [followsLogs, followsLanguage] = [followLogs(store, clock), followLanguage(store, env)];
    const stopFollowing = (): void => {
      followsLogs();
      followsLanguage();
    };
    byItself('the schema for editors', laySchemaFile(path.dirname(store.places.settings)));
    if (inheritance !== undefined) {
      store.lock.keep();
      tellRestart(store, { before: inheritance.pid, address: supervisor.address });
    }
    const { control } = opened;
    if (control === undefined) throw new Error('the control socket was not opened');
    // of very many accounts it takes as long as a screen: that is drawn in the next turn, and requests are heard
    soon(() => soon(() => supervisor.begin()));
    return serviceOf(supervisor, control, { stopFollowing, log: store.log, port: sockets.port });
  } catch (error) {
    await (opened.supervisor?.close() ?? closeStore(store));
    await opened.control?.close();
    throw error instanceof AddressInUse ? await portTaken(error) : error;
  }
}

/** @throws {CannotRun} there is no place where it can be made */
function openControl(supervisor: RunningSupervisor, store: Store, { clock, env }: Context): Promise<Control> {
  const { address } = supervisor;
  const isOurs = async (): Promise<boolean> => {
    await store.lock.look();
    return store.lock.isOurs;
  };
  const moved = (socket: string): Promise<void> => store.lock.announce({ address, socket });
  return Control.open({ supervisor, clock, env, own: path.dirname(store.places.settings), moved, isOurs });
}

/** Does what signals from outside ask for. */
export function heedSignals(signals: Signals, service: Service): void {
  signals.on('SIGUSR1', () => service.reopenLog());
  signals.on('SIGUSR2', () => service.report());
}

/**
 * What this process says without a screen, as notices, follows `ui.language`. A screen in it has the last word: it knows
 * what letters its terminal has.
 */
const followLanguage = ({ settings, liveSettings }: Store, env: NodeJS.ProcessEnv): (() => void) =>
  liveSettings.onChange((changed) => {
    if (!changed.has('ui.language')) return;
    const { language } = settings.ui;
    byItself('the change of language', speak(language === 'auto' ? languageOf(env) : language));
  });

/** Copies the logs of other programs that `log.files` names into the log pane, where each is named by its file. */
function followLogs({ settings, log, liveSettings }: Store, clock: Clock): () => void {
  let followers = followersOf(settings.log.files, log, clock);
  const stop = (): void => followers.forEach((follower) => follower.close());
  const forget = liveSettings.onChange((changed) => {
    if (!changed.has('log.files')) return;
    stop();
    followers = followersOf(settings.log.files, log, clock);
  });
  return () => {
    forget();
    stop();
  };
}

const followersOf = (files: readonly string[], log: Store['log'], clock: Clock): readonly LogFollower[] =>
  files.map((file) => {
    const source = path.basename(file);
    return new LogFollower(file, clock, {
      line: (text) => log.join(text, source),
      trouble: (reason) =>
        reason === null
          ? log.logger.info(`Following ${file}`)
          : log.logger.warn(`Cannot follow ${file} (${reason}); it is looked for again`),
      skipped: (bytes) => log.logger.warn(`${file} grew by so much at once that ${bytes} bytes of it are left out`),
    });
  });

interface ServiceParts {
  readonly stopFollowing: () => void;
  readonly log: Store['log'];
  readonly port: Service['port'];
}

function serviceOf(
  supervisor: RunningSupervisor,
  control: Control,
  { stopFollowing, log, port }: ServiceParts,
): Service {
  let closing: Promise<readonly string[]> | null = null;
  let reloading: Promise<void> | null = null;
  return {
    ...{ supervisor, port },
    handedOver: () => {
      stopFollowing();
      return control.handOver();
    },
    note: (text) => log.logger.info(text),
    reopenLog: () => log.reopen(),
    report: () => log.logger.info({ report: stateReport(supervisor.snapshot()) }, 'Report of the state'),
    reload: () => (reloading ??= reloaded(supervisor, log).finally(() => (reloading = null))),
    // the socket is closed last: a process that waits for the end then knows that all is saved
    close: () => {
      stopFollowing();
      return (closing ??= supervisor.close().finally(() => control.close()));
    },
  };
}

async function reloaded({ operations }: RunningSupervisor, { logger }: Store['log']): Promise<void> {
  logger.info('Asked to read everything anew (SIGHUP)');
  const { ok, text } = await operations.reload();
  if (!ok) logger.warn(`Not all was read anew: ${text}`);
}

/** Drains, saves and reports. @returns the exit status */
export async function closeService({ stderr }: Context, service: Service): Promise<number> {
  const unsaved = await service.close();
  for (const text of unsaved) say(stderr, tell('regrant: not saved: {text}', { text: told(text) }));
  return unsaved.length > 0 ? exit.failed : exit.done;
}
