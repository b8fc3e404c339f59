import * as v from 'valibot';
import type { Progress } from '../proxy/contract/operations.js';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { isOperationName, requests, type RequestName, type Status } from './protocol.js';

/** The body of `/healthz`, and where it comes from. */
export function statusOf(supervisor: RunningSupervisor): Status {
  const snapshot = supervisor.snapshot();
  const { health, version, counts, unsaved, noneServes, pid, address, upSince, banners } = snapshot;
  const isLost = banners.some(({ code }) => code === 'lock_lost');
  const restarting = banners.find(({ code }) => code === 'restarting');
  return {
    ...{ status: health, version, accounts: { ...counts }, unsaved, pid, address, upSince: Math.floor(upSince / 1000) },
    noneServes: noneServes.map(({ model, next }) => ({ model, next: next === null ? null : Math.ceil(next / 1000) })),
    serving: snapshot.accounts.filter(({ state, serves }) => state === 'ready' || serves).length,
    log: { ...supervisor.logState },
    ...(isLost && { lock: 'lost' as const }),
    ...(restarting !== undefined && { restarting: restarting.text }),
  };
}

type Call = (...given: readonly unknown[]) => Promise<unknown>;

/**
 * Does what a request asks of the supervisor; `subscribe` and `predecessor` are dealt with by the connection.
 *
 * @throws {v.ValiError} the arguments are not those of this request
 */
export function answerTo(
  supervisor: RunningSupervisor,
  name: Exclude<RequestName, 'subscribe' | 'predecessor'>,
  given: readonly unknown[],
  progress: (news: Progress) => void,
): unknown {
  const { takes, tells } = requests[name];
  const parsed = v.parse(v.tuple(takes as readonly v.GenericSchema[] as [v.GenericSchema]), given);
  if (name === 'status') return statusOf(supervisor);
  if (!isOperationName(name)) return supervisor.listing();
  // the table pairs each name with its schemas, which the compiler cannot follow through an index
  const call = supervisor.operations[name].bind(supervisor.operations) as Call;
  return tells ? call(...parsed, progress) : call(...parsed);
}
