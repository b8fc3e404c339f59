import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Frames, type FrameCause } from '../../../src/panes/screen/frames.js';
import { setClock, type SetClock } from '../../support/clock.js';

interface Rig {
  readonly clock: SetClock;
  readonly frames: Frames;
  readonly drawn: FrameCause[];
  backlog: number;
  nextChange: number;
  readonly slow: number[];
}

function rig(): Rig {
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 11, 32, 500));
  const drawn: FrameCause[] = [];
  const slow: number[] = [];
  const frames = new Frames(clock, {
    draw: (cause) => drawn.push(cause),
    backlog: () => made.backlog,
    nextChange: () => made.nextChange,
    wasSlow: (ms) => slow.push(ms),
  });
  const made: Rig = { clock, frames, drawn, backlog: 0, nextChange: Infinity, slow };
  frames.start();
  return made;
}

const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));

test('keys of one turn are one frame, in the next', async () => {
  const { frames, drawn } = rig();
  await turn();
  drawn.length = 0;
  for (let i = 0; i < 50; i++) frames.key();
  assert.equal(drawn, []);
  await turn();
  assert.equal(drawn, ['key']);
  frames.stop();
});

test('news are drawn at most ten times a second, and the last ones always', async () => {
  const { clock, frames, drawn } = rig();
  await turn();
  drawn.length = 0;
  for (let ms = 0; ms < 450; ms += 1) {
    frames.news();
    clock.advance(1);
  }
  assert.equal(drawn, ['news', 'news', 'news', 'news', 'news']);
  clock.advance(49);
  assert.is(drawn.length, 5, 'not sooner than a tenth of a second after the one before');
  clock.advance(1);
  assert.equal(drawn.slice(5), ['clock', 'news'], 'those that came since, with the full second');
  clock.advance(500);
  assert.is(drawn.length, 7, 'and nothing more without news');
  frames.stop();
});

test('without keys and news there is one frame a second, on the second', async () => {
  const { clock, frames, drawn } = rig();
  await turn();
  drawn.length = 0;
  clock.advance(499);
  assert.equal(drawn, []);
  clock.advance(1);
  assert.equal(drawn, ['clock']);
  clock.advance(3000);
  assert.is(drawn.length, 4);
  frames.stop();
});

test('while the terminal is behind nothing is drawn, and once it is not the picture is', async () => {
  const made = rig();
  const { clock, frames, drawn } = made;
  await turn();
  drawn.length = 0;
  made.backlog = 100;
  frames.key();
  await turn();
  frames.news();
  clock.advance(5000);
  assert.equal(drawn, []);
  made.backlog = 0;
  frames.drained();
  assert.is(drawn.length, 1);
  assert.ok((made.slow[0] ?? 0) >= 2000);
  assert.ok(frames.skipped > 0);
  frames.stop();
});

test('what changes by the clock alone is drawn at its own time', async () => {
  const made = rig();
  const { clock, frames, drawn } = made;
  made.nextChange = clock.now() + 200;
  frames.key();
  await turn();
  drawn.length = 0;
  clock.advance(199);
  assert.equal(drawn, []);
  made.nextChange = Infinity;
  clock.advance(1);
  assert.equal(drawn, ['key']);
  frames.stop();
});

test('after stop nothing is drawn and no timer is left', async () => {
  const { clock, frames, drawn } = rig();
  frames.key();
  frames.news();
  frames.stop();
  drawn.length = 0;
  await turn();
  clock.advance(10_000);
  assert.equal(drawn, []);
  assert.equal(clock.due, []);
});

test.run();
