/** Calls of the system that fail, one after the other, while clients go on: nobody notices, and nothing ends. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlClient } from '../../../src/control/client.js';
import { ask, withApp, type App } from '../../support/app.js';
import { pause } from '../../support/pause.js';

const failingCalls = path.join(import.meta.dirname, '..', '..', 'support', 'failing-calls.mjs');
const CODES = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'ENOMEM'];
const KINDS = ['open', 'write', 'fsync', 'rename', 'exchange', 'appendFile', 'unlink', 'spawn'];

const accounts = ['a1', 'b1', 'c1'].map((id) => ({
  id,
  email: `${id}@example.com`,
  refreshToken: `1//0token-of-${id}`,
}));

/** Whatever makes the program write, open and start something. */
async function keepBusy(app: App, round: number): Promise<void> {
  const client = await ControlClient.connect(app.dir.at('regrant.sock'));
  if (client === null) throw new Error('nothing runs');
  try {
    const id = round % 2 === 0 ? 'a1' : 'b1';
    await client.request('setProxyDisabled', [[id], round % 4 < 2]).catch(() => undefined);
    await client.request('testNow', [['c1']]).catch(() => undefined);
    const key = `key-${round}`;
    for (const off of [true, false, true]) {
      await client.request('addKey', [key, {}]).catch(() => undefined);
      await client.request('setKey', [key, { off }]).catch(() => undefined);
    }
    await client.request('reload', []).catch(() => undefined);
    await client.request('looked', []).catch(() => undefined);
  } finally {
    client.close();
  }
}

test('every open, write, rename and spawn fails once and again: 0 exits, 0 requests failed, and all is on disk in the end', () =>
  withApp({ accounts, settings: { notify: { command: 'cat >/dev/null' } } }, async (app) => {
    const plan = app.dir.at('faults');
    const running = await app.headless({ NODE_OPTIONS: `--import ${failingCalls}`, REGRANT_TEST_FAULTS: plan });
    let ended = false;
    void running.ended.then(() => (ended = true));
    const wrong: string[] = [];
    const client = async (): Promise<void> => {
      for (let sent = 0; sent < 60; sent++) {
        const status = await ask(running.url).catch(String);
        if (status !== 200) wrong.push(String(status));
        await pause(50);
      }
    };
    const clients = Promise.all([client(), client()]);
    const notFailed = (): readonly string[] => {
      const failed = readFileSync(`${plan}.done`, 'utf8');
      return KINDS.filter((kind) => !new RegExp(`^${kind} E`, 'm').test(failed));
    };
    const mixed = [{ every: 2 }, { every: 3 }, { every: 2 }];
    // what did not come about in the mixture, because something before it failed, then fails alone
    for (let round = 0; round < mixed.length || (round < 40 && notFailed().length > 0); round++) {
      const faults = mixed[round] ?? { every: 1, kinds: notFailed() };
      writeFileSync(plan, JSON.stringify({ which: '', codes: CODES, ...faults }));
      // another each time: of each account its death is told only once
      const id = `dying-${round}`;
      await app.dir.put({ id, email: `${id}@example.com`, refreshToken: `1//0never-granted-${round}` });
      await keepBusy(app, round);
      await pause(600);
    }
    rmSync(plan);
    await clients;
    assert.equal(wrong, []);
    assert.not.ok(ended);
    assert.equal(notFailed(), []);
    // what could not be written is tried again, a minute apart at most; a stop writes it at once
    const { status, stderr } = await running.stop();
    assert.is(status, 0, stderr);
    assert.equal(
      running.lines.filter((line) => line.includes('"A bug')),
      [],
    );
    assert.not.match(stderr, /this is a bug/);
    for (const { id } of accounts) assert.is((await app.dir.read(id)).email, `${id}@example.com`);
  }));

test.run();
