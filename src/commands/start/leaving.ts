import type { Spoken } from '../../store/ground/errors.js';
import { counted } from '../../store/words/counted.js';
import { tell } from '../../store/words/tongue.js';
import { byItself } from '../../store/ground/faults.js';
import { exit, say, type Context } from '../context.js';
import type { Signals } from '../signals.js';
import { showAttached } from '../supervisor/attach.js';
import { successorOf } from '../supervisor/running.js';
import type { SuccessorProcess } from './handover/successor-process.js';
import { outlive } from './outlive.js';
import { closeService, type Service } from './service.js';

interface Left {
  readonly context: Context;
  readonly service: Service;
  readonly signals: Signals;
}

/**
 * Ends a process that had a screen and whose successor serves. The terminal is given back with the last request.
 *
 * @param by - who asked for it: after `d` the shell is to be back; else the operator goes on with the successor's screen
 * @returns the exit status
 */
export async function leave(
  { context, service, signals }: Left,
  successor: SuccessorProcess,
  by: 'd' | 'others',
): Promise<number> {
  signals.release();
  const stop = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
  const { succession } = service.supervisor;
  const finished = outlive(context, service, successor, stop).then(() => closeService(context, service));
  let status: number = exit.done;
  if (by === 'd') {
    say(
      context.stdout,
      tell(
        'regrant goes on in the background (pid {pid}, {address}): `regrant` brings its screen, `regrant stop` ends it',
        { pid: successor.pid, address: successor.address },
      ),
    );
  } else {
    const client = await successorOf(context);
    if (client !== null) status = await showAttached(context, client);
  }
  const waiting = lastRequests(context, service, () => byItself('the cutting of requests', succession.cut()));
  await finished;
  waiting.end();
  return status;
}

/** Says what is waited for, and lets Ctrl-C end that, but nothing by accident. */
function lastRequests({ stdout }: Context, { supervisor }: Service, cut: () => void): { readonly end: () => void } {
  const { succession } = supervisor;
  const requests = (): Spoken => counted(succession.inFlight, 'request');
  if (succession.inFlight > 0)
    say(stdout, tell('waiting for {requests} that began here; Ctrl-C cuts them', { requests: requests() }));
  let isAsked = false;
  const onInterrupt = (): void => {
    if (isAsked || succession.inFlight === 0) cut();
    else say(stdout, tell('Ctrl-C again cuts {requests}', { requests: requests() }));
    isAsked = true;
  };
  const onSuspend = (): void =>
    say(
      stdout,
      tell('Ctrl-Z would let {requests} stand still, so it does nothing here; Ctrl-C cuts them', {
        requests: requests(),
      }),
    );
  const onHangUp = (): void => undefined;
  process.on('SIGINT', onInterrupt).on('SIGTSTP', onSuspend).on('SIGHUP', onHangUp);
  return { end: () => process.off('SIGINT', onInterrupt).off('SIGTSTP', onSuspend).off('SIGHUP', onHangUp) };
}
