import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HandedOver } from '../../../src/store/disk/lock-owner.js';
import { PatientWrite } from '../../../src/store/disk/patient-write.js';
import { setClock } from '../../support/clock.js';

const full = (): Error => Object.assign(new Error('full'), { code: 'ENOSPC' });

/** What is told while writes fail and succeed as listed. */
async function toldOf(outcomes: readonly (Error | null)[]): Promise<readonly (string | null)[]> {
  const clock = setClock();
  const told: (string | null)[] = [];
  let outcome: Error | null = null;
  const write = (): Promise<void> => (outcome === null ? Promise.resolve() : Promise.reject(outcome));
  const writes = new PatientWrite({ clock, write, tell: (trouble) => told.push(trouble) });
  for (outcome of outcomes) {
    await writes.now();
    assert.is(clock.due.length, outcome === null ? 0 : 1, 'what failed is tried again, and nothing else');
  }
  return told;
}

test('a write that fails is told once, and once when one succeeds again', async () => {
  const told = await toldOf([full(), full(), null, null]);
  assert.is(told.length, 2);
  assert.match(told[0] ?? '', 'no space left');
  assert.is(told[1], null);
});

test('whoever gave the directory to a successor writes nothing there: that is no trouble, and is tried again quietly', async () => {
  assert.equal(await toldOf([new HandedOver(), new HandedOver(), null]), []);
  const told = await toldOf([new HandedOver(), full(), new HandedOver(), null]);
  assert.is(told.length, 2, 'what goes wrong after it was taken back is told');
  assert.match(told[0] ?? '', 'no space left');
});

test.run();
