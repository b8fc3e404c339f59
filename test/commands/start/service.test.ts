import { existsSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startService } from '../../../src/commands/start/service.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { withDirectory } from '../../support/directory.js';

test('whoever has waited for the line that says so finds the control socket', () =>
  withDirectory(async (dir) => {
    await dir.put();
    await dir.settings({ proxy: { port: 0 } });
    const found: boolean[] = [];
    const copyLog = new Writable({
      write: (lines: Buffer, _encoding, done) => {
        if (lines.toString().includes('serves on ')) found.push(existsSync(dir.at('regrant.sock')));
        done();
      },
    });
    const streams = { stdin: new PassThrough(), stdout: copyLog, stderr: copyLog };
    const service = await startService({ dataDir: dir.path, env: {}, clock: systemClock, ...streams }, { copyLog });
    assert.equal(found, [true], 'at once, and not before');
    await service.close();
  }));

test('what goes on beside the requests begins after a turn of whoever waited for the start, and not where it ends before', async () => {
  for (const [turns, expected] of [
    [0, 0],
    [1, 0],
    [3, 1],
  ] as const)
    await withDirectory(async (dir) => {
      await dir.put({ disabled: true });
      await dir.settings({ proxy: { port: 0 } });
      let said = '';
      const copyLog = new Writable({ write: (lines: Buffer, _encoding, done) => done(void (said += String(lines))) });
      const streams = { stdin: new PassThrough(), stdout: copyLog, stderr: copyLog };
      const service = await startService({ dataDir: dir.path, env: {}, clock: systemClock, ...streams }, { copyLog });
      for (let turn = 0; turn < turns; turn++) await nextTurn();
      await service.close();
      assert.is(said.split('Skipping disabled').length - 1, expected, `after ${turns} turns`);
    });
});

test.run();
