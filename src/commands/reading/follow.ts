import type { ControlClient } from '../../control/client.js';
import type { Push } from '../../control/protocol.js';
import { partedError } from '../../control/remote.js';
import type { Context } from '../context.js';
import { exitAfter, Signals } from '../signals.js';

type Records<N extends 'events' | 'logs'> = Extract<Push, { push: N }>['records'][number];

/**
 * Gives `print` what the running supervisor still holds of a feed, and then each new record as it comes, until Ctrl-C.
 *
 * @returns the exit status
 * @throws {ControlError} the supervisor is gone
 */
export async function followed<N extends 'events' | 'logs'>(
  { stdout }: Context,
  client: ControlClient,
  feed: N,
  print: (record: Records<N>) => void,
): Promise<number> {
  const signals = new Signals();
  // the reader of this output may go away first, as `head` does
  const unread = new Promise<'unread'>((resolve) => stdout.once('error', () => resolve('unread')));
  const ending = { isSaid: false };
  try {
    await client.subscribe((push) => {
      if (push.push === 'farewell') ending.isSaid = true;
      if (push.push === feed) for (const record of push.records) print(record as Records<N>);
    });
    const end = await Promise.race([signals.stop, unread, client.closed().then((fault) => ({ fault }))]);
    if (end === 'unread') return 0;
    if (typeof end === 'string') return exitAfter[end];
    if (ending.isSaid && end.fault === null) return 0;
    throw partedError(end.fault ?? 'gone', client.pid);
  } finally {
    signals.release();
  }
}
