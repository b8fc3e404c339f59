import { lossText } from '../store/open.js';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import type { Progress } from '../proxy/contract/operations.js';
import type { Arguments, RequestName, Status } from './protocol.js';

/** What a request is answered with; `subscribe` is the connection's own affair. */
type Handlers = {
  readonly [N in Exclude<RequestName, 'subscribe'>]: (
    supervisor: RunningSupervisor,
    given: Arguments<N>,
    progress: (news: Progress) => void,
  ) => unknown;
};

/** The body of `/healthz`, and where it comes from. */
export function statusOf(supervisor: RunningSupervisor): Status {
  const { health, version, counts, pid, address, upSince } = supervisor.snapshot();
  return { status: health, version, accounts: { ...counts }, pid, address, upSince: Math.floor(upSince / 1000) };
}

export const handlers: Handlers = {
  status: (supervisor) => statusOf(supervisor),
  accounts: (supervisor) => supervisor.listing(),
  regrant: ({ operations }, request, progress) => operations.regrant(request, progress),
  resume: ({ operations }, { pending, decision }, progress) => operations.resume(pending, decision, progress),
  takeIn: ({ operations }, request) => operations.takeIn(request),
  setUpClient: ({ operations }, request) => operations.setUpClient(request),
  startLogin: ({ operations }, request) => operations.startLogin(request),
  awaitLogin: ({ operations }, { login }, progress) => operations.awaitLogin(login, progress),
  pasteLogin: ({ operations }, { login, text }) => operations.pasteLogin(login, text),
  cancelLogin: ({ operations }, { login }) => operations.cancelLogin(login),
  testNow: ({ operations }, { accountIds }) => operations.testNow(accountIds),
  stopTests: ({ operations }) => operations.stopTests(),
  setProxyDisabled: ({ operations }, { accountIds, disabled }) => operations.setProxyDisabled(accountIds, disabled),
  remove: ({ operations }, { accountIds }) => operations.remove(accountIds),
  undo: ({ operations }) => operations.undo(),
  reload: ({ operations }) => operations.reload(),
  looked: ({ operations }) => operations.looked(),
  saveView: ({ operations }, { lines }) => operations.saveView(lines),
  stop: async (supervisor) => {
    const inFlight = supervisor.inFlight();
    const unsaved = supervisor.snapshot().accounts.filter(({ notSaved }) => notSaved !== null);
    await supervisor.operations.stop();
    return { inFlight, unsaved: unsaved.map(lossText) };
  },
};
