import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Signals, type WorkSignal } from '../../src/commands/signals.js';

/** Sends this process a signal, and waits until it has come. */
async function send(signal: WorkSignal): Promise<void> {
  const came = new Promise<void>((resolve) => process.once(signal, () => resolve()));
  // a process that only waits for a signal ends
  const alive = setInterval(() => undefined, 1_000);
  process.kill(process.pid, signal);
  await came;
  clearInterval(alive);
  await turn();
}

test('a signal that asks for something during a start is not lost: it is heeded once, when somebody listens', async () => {
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const) {
    const signals = new Signals();
    await send(signal);
    await send(signal);
    const heard: string[] = [];
    signals.on(signal, () => heard.push('first'));
    assert.equal(heard, ['first'], signal);
    signals.on(signal, () => heard.push('second'));
    assert.equal(heard, ['first'], signal);
    await send(signal);
    assert.equal(heard, ['first', 'first', 'second'], signal);
    signals.release();
    await send(signal);
    assert.equal(heard, ['first', 'first', 'second'], signal);
  }
});

test.run();
