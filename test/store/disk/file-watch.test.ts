import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileWatch } from '../../../src/store/disk/file-watch.js';
import { faultsGoTo } from '../../../src/store/ground/faults.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';
import { pause } from '../../support/pause.js';

test('a listener that throws does not end the watch, and is told', () =>
  withDirectory(async (dir) => {
    const clock = setClock();
    const file = dir.at('settings.json');
    const told: string[] = [];
    const stopTelling = faultsGoTo((what) => void told.push(what));
    let changes = 0;
    const watch = new FileWatch(file, clock, () => {
      changes++;
      throw new Error('a bug');
    });
    watch.start();
    const looked = async (): Promise<void> => {
      for (let tries = 0; clock.due.length === 0 && tries < 2_000; tries++) await pause(1);
      assert.is(clock.due.length, 1, 'the next look is set');
    };
    for (const text of ['1', '22', '333']) {
      await looked();
      writeFileSync(file, text);
      clock.advance(500);
    }
    await looked();
    watch.stop();
    stopTelling();
    assert.is(changes, 3);
    assert.equal(
      told,
      Array.from({ length: 3 }, () => 'what follows from a change of settings.json'),
    );
  }));

test.run();
