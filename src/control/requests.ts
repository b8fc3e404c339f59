import * as v from 'valibot';
import type { Progress } from '../proxy/contract/operations.js';
import { restartingText, type RunningSupervisor } from '../proxy/contract/supervisor.js';
import { isOperationName, requests, type RequestName, type Status } from './protocol.js';

/** The body of `/healthz`, and where it comes from. */
export function statusOf(supervisor: RunningSupervisor): Status {
  const { status, version, accounts, unsaved, noneServes, lock, serving, upSince, restartWaits, boxes } =
    supervisor.status();
  return {
    ...{ status, version, accounts: { ...accounts }, unsaved, noneServes: [...noneServes], serving },
    ...{ pid: process.pid, address: supervisor.address, upSince: Math.floor(upSince / 1000) },
    log: { ...supervisor.logState },
    ...(lock !== undefined && { lock }),
    ...(boxes !== null && { boxes: { ...boxes, all: [...boxes.all] } }),
    ...(restartWaits !== null && { restarting: restartingText(restartWaits) }),
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
