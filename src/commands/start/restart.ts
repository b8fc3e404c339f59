import { english } from '../../store/words/saying.js';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { RestartFailed } from '../../proxy/contract/succession/handover.js';
import type { Restarted } from '../../proxy/contract/operations.js';
import { byItself } from '../../store/ground/faults.js';
import type { Context } from '../context.js';
import type { Service } from './service.js';
import type { ServiceManager } from './service-manager.js';
import { SuccessorProcess, type SuccessorOutput } from './handover/successor-process.js';

/** Restarts of a service. */
export interface Restarts {
  /** Resolves with the successor once that serves. */
  readonly handedOver: Promise<SuccessorProcess>;
  /** Starts a successor. Never rejects. @param output - where its standard output and error go */
  begin(output?: SuccessorOutput): Promise<Restarted>;
}

export interface RestartParts {
  readonly manager: ServiceManager;
  readonly output: SuccessorOutput;
}

/** Lets the service be restarted, by whoever asks for it. */
export function restartable(context: Context, service: Service, { manager, output }: RestartParts): Restarts {
  let done: (successor: SuccessorProcess) => void = () => undefined;
  const handedOver = new Promise<SuccessorProcess>((resolve) => (done = resolve));
  const begin = async (to: SuccessorOutput = output): Promise<Restarted> => {
    const refusal = whyNot(context.env);
    if (refusal !== null) return { ok: false, text: refusal, pid: process.pid };
    return restart(context, service, { manager, output: to, done });
  };
  service.supervisor.succession.onAsked(begin);
  return { handedOver, begin };
}

async function restart(
  context: Context,
  service: Service,
  { manager, output, done }: RestartParts & { readonly done: (successor: SuccessorProcess) => void },
): Promise<Restarted> {
  const { supervisor, port } = service;
  const started: SuccessorProcess[] = [];
  service.note('Restarting: a new process is started that takes over');
  manager.reloading('restarting');
  try {
    await supervisor.succession.handOver((inheritance) => {
      const successor = new SuccessorProcess(context, inheritance, { output, port });
      started.push(successor);
      return successor;
    });
  } catch (error) {
    if (!(error instanceof RestartFailed)) throw error;
    byItself('the word to the service manager', manager.ready(`serves on ${supervisor.address}`));
    const text = english('not restarted: {why}; pid {pid} serves on as before', {
      why: error.message,
      pid: process.pid,
    });
    service.note(`The restart failed: ${error.message}; this process serves on as before`);
    return { ok: false, text, pid: process.pid };
  }
  manager.close();
  const next = started.at(-1);
  if (next === undefined) throw new TypeError('a handover that succeeded has a successor');
  done(next);
  const { pid, address } = next;
  const inFlight = supervisor.inFlight();
  const text = restartedText({ pid, address }, supervisor.address, inFlight);
  service.note(`R${text.slice(1)}`);
  return { ok: true, text, pid };
}

/** @param before - the address of this process, which still serves `inFlight` requests */
function restartedText(
  next: { readonly pid: number; readonly address: string },
  before: string,
  inFlight: number,
): string {
  const { pid, address } = next;
  const moved =
    address === before
      ? english('restarted: pid {pid} serves on {address}', next)
      : english('restarted: pid {pid} serves on {address}, and no longer on {before}', { pid, address, before });
  if (inFlight === 0) return moved;
  const still = { pid: process.pid, n: inFlight };
  const last =
    inFlight === 1
      ? english('pid {pid} still serves {n} request', still)
      : english('pid {pid} still serves {n} requests', still);
  return `${moved}; ${last}`;
}

/** Why somebody else has to restart this process, with the command; null: it can do it itself. */
export function whyNot(env: NodeJS.ProcessEnv, pid = process.pid): string | null {
  if (pid === 1) {
    return english(
      'this regrant is the first process of a container, which ends with it: use `docker restart {host}` or what started the container',
      { host: hostname() },
    );
  }
  if (env.SYSTEMD_EXEC_PID !== String(pid) || (env.NOTIFY_SOCKET ?? '') !== '') return null;
  const { unit, isUser } = unitOf(cgroupOf());
  const how = `systemctl ${isUser ? '--user ' : ''}restart ${unit}`;
  return english(
    'this regrant is the main process of a systemd unit without Type=notify, which would take its end for a failure: use `{how}`',
    { how },
  );
}

/** The systemd unit in the text of /proc/self/cgroup (cgroups(7)). */
export function unitOf(cgroup: string): { readonly unit: string; readonly isUser: boolean } {
  const parts = cgroup.trim().split('\n').at(-1)?.split('/') ?? [];
  const unit = parts.findLast((part) => part.endsWith('.service')) ?? 'regrant';
  return { unit: unit.replace(/\.service$/, ''), isUser: parts.some((part) => /^user@\d+\.service$/.test(part)) };
}

function cgroupOf(): string {
  try {
    return readFileSync('/proc/self/cgroup', 'utf8');
  } catch {
    return '';
  }
}
