import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { data } from '../../src/store/words/tongue.js';
import { answered } from '../../src/commands/answered.js';
import { say, type Context } from '../../src/commands/context.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { app, withApp } from '../support/app.js';

/** A standard output that takes a piece when it is told to, and with what became of it. */
class Reader extends Writable {
  private readonly held: ((error?: Error) => void)[] = [];
  text = '';

  constructor() {
    super();
    // as the door does for every standard stream
    this.on('error', () => undefined);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk.toString();
    this.held.push(done);
  }

  take(error?: Error): void {
    this.held.shift()?.(error);
  }
}

const contextOf = (stdout: Writable): Context => ({
  ...{ dataDir: undefined, env: {}, clock: systemClock },
  ...{ stdin: Readable.from([]), stdout, stderr: new Writable() },
});
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
const coded = (code: string): Error => Object.assign(new Error(code), { code });

/** Two lines and a status. */
const verb = ({ stdout }: Context): Promise<number> => {
  for (const line of ['one', 'two']) say(stdout, data(line));
  return Promise.resolve(1);
};

test('a verb ends when its reader has taken the last line, not before', async () => {
  const reader = new Reader();
  let status: number | null = null;
  const ended = answered(verb)(contextOf(reader)).then((value) => (status = value));
  for (let i = 0; i < 3; i++) {
    await settled();
    assert.is(status, null);
    reader.take();
  }
  assert.is(await ended, 1);
  assert.is(reader.text, 'one\ntwo\n');
});

test('a reader that goes away has seen enough: the status stays', async () => {
  const reader = new Reader();
  const ended = answered(verb)(contextOf(reader));
  await settled();
  reader.take(coded('EPIPE'));
  assert.is(await ended, 1);
});

test('a disk that takes no more is a failure that says so', async () => {
  const reader = new Reader();
  const ended = answered(verb)(contextOf(reader));
  await settled();
  reader.take(coded('ENOSPC'));
  try {
    await ended;
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /standard output: no space left on the disk \(ENOSPC\)$/);
  }
});

if (existsSync('/dev/full')) {
  test('what a full disk did not take is no success: one line, exit 1', () =>
    withApp({}, ({ dir }) => {
      const full = openSync('/dev/full', 'w');
      const words = [app, 'status', '--data-dir', dir.path];
      const { status, stderr } = spawnSync(process.execPath, words, { stdio: ['ignore', full, 'pipe'] });
      closeSync(full);
      assert.is(status, 1);
      assert.match(String(stderr), /^regrant: the answer cannot be written to standard output: no space left/m);
      return Promise.resolve();
    }));
}

test.run();
