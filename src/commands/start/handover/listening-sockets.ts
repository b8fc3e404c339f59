import { closeSync } from 'node:fs';
import type { Inheritance } from '../../../proxy/contract/succession/handover.js';
import type { Settings } from '../../../store/settings/settings.js';

/** The first descriptor by which systemd hands over sockets (sd_listen_fds(3)). */
const SD_LISTEN_FDS_START = 3;

type Port = Pick<Settings['proxy'], 'host' | 'port'>;

/** What a predecessor hands over, and the port of the settings that it was opened for; null: it was given to the first. */
export interface Handed extends Inheritance {
  readonly port: Port | null;
  /** The process that hands over. */
  readonly pid: number;
}

/** Sockets to serve on. */
export interface ListeningSockets {
  /** null: the port of the settings is to be opened. */
  readonly descriptors: readonly number[] | null;
  /** The port of the settings that they are for; null: they were given, whatever the settings say. */
  readonly port: Port | null;
}

/**
 * The sockets that listen already: a predecessor's, unless the settings name another port by now, or those that systemd
 * opened.
 */
export function listeningSockets(
  { host, port }: Port,
  env: NodeJS.ProcessEnv,
  handed: Handed | undefined,
): ListeningSockets {
  if (handed === undefined) {
    const given = activated(env);
    return given === null ? { descriptors: null, port: { host, port } } : { descriptors: given, port: null };
  }
  const isSame = handed.port === null || (handed.port.host === host && handed.port.port === port);
  if (isSame) return { descriptors: handed.listening, port: handed.port };
  // the predecessor goes on with them until this process serves on the other port
  for (const fd of handed.listening) closeSync(fd);
  return { descriptors: null, port: { host, port } };
}

/** The descriptors that a service manager opened for this process; null: none. */
export function activated({ LISTEN_PID, LISTEN_FDS }: NodeJS.ProcessEnv, pid = process.pid): readonly number[] | null {
  const count = Number(LISTEN_FDS);
  if (LISTEN_PID !== String(pid) || !Number.isInteger(count) || count < 1) return null;
  return Array.from({ length: count }, (_, index) => SD_LISTEN_FDS_START + index);
}
