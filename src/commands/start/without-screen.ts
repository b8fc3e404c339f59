import { tell } from '../../store/words/tongue.js';
import type { Readable } from 'node:stream';
import { byItself } from '../../store/ground/faults.js';
import { say, type Context } from '../context.js';
import type { Signals } from '../signals.js';
import type { Service } from './service.js';

/**
 * Serves on in the foreground under one plain line after a hang-up, where Enter brings the screen back: if the terminal
 * is still there (a SIGHUP by hand) Enter works, and if it is not, the input ends at once. Therefore no signal is
 * listened for here.
 *
 * @param ended - resolves when there is nothing more to wait for
 */
export async function withoutScreen<E>(
  { stdin, stdout }: Context,
  { supervisor }: Service,
  ended: Promise<E>,
): Promise<E | 'screen' | 'hung up'> {
  say(
    stdout,
    tell(
      'regrant (pid {pid}) goes on serving on {address}: Enter brings the screen back, Ctrl-C stops it, closing this terminal leaves it serving',
      { pid: process.pid, address: supervisor.address },
    ),
  );
  const line = nextLine(stdin);
  try {
    return await Promise.race([line.came, ended]);
  } finally {
    line.stop();
  }
}

/** `screen` with the next line end that is typed, `hung up` where the input has ended. */
function nextLine(input: Readable): { readonly came: Promise<'screen' | 'hung up'>; readonly stop: () => void } {
  let tell: (what: 'screen' | 'hung up') => void = () => undefined;
  const came = new Promise<'screen' | 'hung up'>((resolve) => (tell = resolve));
  const onData = (chunk: Buffer | string): void => {
    if (/[\r\n]/.test(String(chunk))) tell('screen');
  };
  const onEnd = (): void => tell('hung up');
  input.on('data', onData);
  for (const event of ['end', 'close', 'error']) input.on(event, onEnd);
  if (input.readable) input.resume();
  else onEnd();
  return {
    came,
    stop: () => {
      input.off('data', onData);
      for (const event of ['end', 'close', 'error']) input.off(event, onEnd);
      input.pause();
    },
  };
}

/** From now on nobody is at the terminal: signals mean what they mean without one. */
export function terminalGone({ stdin }: Context, service: Service, signals: Signals): void {
  signals.on('SIGHUP', () => byItself('the reading anew after SIGHUP', service.reload()));
  service.note('The terminal is gone: serving on without a screen; `regrant attach` brings one');
  // nothing more will come from it, and a closed terminal would wake the program again and again
  stdin.destroy();
}
