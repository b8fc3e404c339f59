import * as v from 'valibot';
import type { Progress } from '../proxy/contract/operations.js';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { isOperationName, requests, type RequestName, type Status } from './protocol.js';

/** The body of `/healthz`, and where it comes from. */
export function statusOf(supervisor: RunningSupervisor): Status {
  const { status, version, accounts, unsaved, noneServes, lock, serving, upSince, restarting, boxes } =
    supervisor.status();
  return {
    ...{ status, version, accounts: { ...accounts }, unsaved, noneServes: [...noneServes], serving },
    ...{ pid: process.pid, address: supervisor.address, upSince: Math.floor(upSince / 1000) },
    log: { ...supervisor.logState },
    ...(lock !== undefined && { lock }),
    ...(boxes !== null && { boxes: { ...boxes, all: [...boxes.all] } }),
    ...(restarting !== null && { restarting }),
  };
}

type Call = (...given: readonly unknown[]) => Promise<unknown>;

/**
 * Does what a request asks of the supervisor; what is about the connection itself is dealt with by that.
 *
 * @param gone - aborted when nobody waits for the answer any more
 * @throws {v.ValiError} the arguments are not those of this request
 */
export function answerTo(
  supervisor: RunningSupervisor,
  name: Exclude<RequestName, 'subscribe' | 'predecessor' | 'leave'>,
  given: readonly unknown[],
  progress: (news: Progress) => void,
  gone: AbortSignal,
): unknown {
  const { takes, beside } = requests[name];
  const parsed = v.parse(v.tuple(takes as readonly v.GenericSchema[] as [v.GenericSchema]), given);
  if (name === 'status') return statusOf(supervisor);
  if (!isOperationName(name)) return supervisor.listing();
  // the table pairs each name with its schemas, which the compiler cannot follow through an index
  const call = supervisor.operations[name].bind(supervisor.operations) as Call;
  const last = { steps: [progress], gone: [gone], nothing: [] }[beside];
  return call(...parsed, ...last);
}
