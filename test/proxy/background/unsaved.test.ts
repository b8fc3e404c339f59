import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UnsavedTold } from '../../../src/proxy/background/unsaved.js';

const loss = (file: string) => ({
  id: '',
  file,
  account: null,
  notSaved: 'no space left',
  unsaved: ['its new refresh token'],
});

test('what is not saved is said at once, each that comes to it, then counted once a minute, and its end is said', () => {
  const told = new UnsavedTold();
  const [one, two] = [loss('a.json'), loss('b.json')];
  const steps: readonly (readonly [
    unsaved: readonly ReturnType<typeof loss>[],
    seconds: number,
    says: RegExp | null,
  ])[] = [
    [[], 0, null],
    [[one], 1, /^1 account is not saved, and lost .*: a\.json: its new refresh token \(no space left\); the writes/],
    [[one], 2, null],
    [[one, two], 3, /^2 accounts are not saved.*: b\.json:/],
    [[one, two], 62, null],
    [[one, two], 63, /^2 accounts are not saved.*: a\.json: .*; b\.json:/],
    [[two], 64, null],
    [[], 65, /^All accounts are saved again$/],
    [[], 66, null],
    [[one], 67, /^1 account is not saved/],
  ];
  for (const [unsaved, seconds, says] of steps) {
    const line = told.look(unsaved, seconds * 1_000)?.text ?? null;
    if (says === null) assert.is(line, null, `at ${seconds} s`);
    else assert.match(line ?? '', says, `at ${seconds} s`);
  }
});

test('more than three are named by their number', () => {
  const line = new UnsavedTold().look(['a', 'b', 'c', 'd', 'e'].map(loss), 0);
  assert.equal([line?.level, (line?.text ?? '').includes('; and 2 more; the writes')], ['error', true]);
});

test.run();
