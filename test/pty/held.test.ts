import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withApp } from '../support/app.js';
import { descriptorsOf, heldBy } from '../support/held.js';
import { killScreens, killSockets } from '../support/kills.js';
import { startLoad } from '../support/load.js';
import { seeded } from '../support/random.js';

const accounts = [
  { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' },
  { id: 'b1', email: 'bob@example.com', refreshToken: '1//0good-token-of-bob' },
];
const onLinux = (name: string, body: () => Promise<void>): void =>
  existsSync('/proc/self/statm') ? test(name, body) : test.skip(name, body);

onLinux('killed screens and cut clients leave no descriptor behind, and nobody else notices', () =>
  withApp({ accounts, google: { pace: () => ({ firstByteMs: 5, chunkMs: 0 }) } }, async (app) => {
    const first = app.terminal();
    await first.shows(/anna@example\.com/);
    const { pid, address } = await app.status();
    first.hangUp();
    const staying = app.terminal(['attach']);
    await staying.shows(/attached to/);
    await killScreens(app, 2, seeded(1));
    const before = heldBy(pid);
    const load = startLoad(`http://${address}`, 2);
    await killScreens(app, 8, seeded(2));
    await killSockets(app.dir.at('regrant.sock'), 60, seeded(3));
    const { failed } = await load.end();
    assert.is(failed, 0);
    let after = heldBy(pid);
    for (let i = 0; i < 50 && after.descriptors > before.descriptors; i++) {
      await new Promise((done) => setTimeout(done, 100));
      after = heldBy(pid);
    }
    assert.ok(after.descriptors <= before.descriptors, descriptorsOf(pid).join('\n'));
    staying.type('2');
    await staying.shows(/═ 2 Log/);
    staying.type('q');
    assert.is(await staying.ended, 0);
    assert.is((await app.run(['stop'])).status, 0);
  }),
);

test.run();
