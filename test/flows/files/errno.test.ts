/**
 * What each of our files does on a disk that refuses, whatever the system calls it: what is said, what goes on, and what
 * comes back by itself. The table of docs/troubleshoot.md says the same in words; the log's own is in log-file.test.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StateFile } from '../../../src/store/state/state-file.js';
import { setClock, type SetClock } from '../../support/clock.js';
import { withApp } from '../../support/app.js';
import { type House, withHouse } from '../../support/house.js';
import { pause } from '../../support/pause.js';
import { pickyDisk } from '../../support/picky-disk.js';

const failingCalls = path.join(import.meta.dirname, '..', '..', 'support', 'failing-calls.mjs');
const CODES = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'ENOMEM'];
const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token', accessEndsIn: 3_000 };

interface Target {
  readonly which: RegExp;
  /** Makes the file be written. */
  readonly act: (house: House, clock: SetClock, round: number) => Promise<unknown>;
  /** The trouble as it is said, while it lasts. */
  readonly said: (house: House) => string | undefined;
  /** The file has what was to be written. */
  readonly landed: (house: House, round: number) => boolean;
}

const logged = (house: House, what: RegExp): string | undefined => house.log.findLast((line) => what.test(line));
const textOf = (file: string): string =>
  existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : '';
const has = (file: string, text: string): boolean => textOf(file).includes(text);

const targets: Record<string, Target> = {
  accounts: {
    which: /\/accounts\/[^/]*$/,
    act: ({ supervisor }, _clock, round) => supervisor.operations.setProxyDisabled(['ann'], round % 2 === 0),
    said: ({ supervisor }) => supervisor.snapshot().banners.find(({ code }) => code === 'not_saved')?.text,
    landed: ({ dir }, round) => has(dir.at('accounts', 'ann.json'), `"proxy_disabled": ${String(round % 2 === 0)}`),
  },
  state: {
    which: /\/state\/(?!events|lock|notices)[^/]*$/,
    act: async ({ supervisor }, clock) => {
      clock.advance(1);
      await supervisor.operations.looked();
      clock.advance(500);
    },
    said: (house) => logged(house, /^state\/accounts\.json cannot be written: .*; it is tried again$/),
    landed: (house) =>
      StateFile.open(house.dir.at('state'), setClock()).lastLooked === house.store.state.lastLooked &&
      logged(house, /^state\/accounts\.json /)?.endsWith(' is written again') === true,
  },
  'the spool of notices': {
    which: /\/state\/notices|\/state\/\.regrant/,
    act: ({ store }, clock, round) => {
      store.notices.note(`test/${round}`, clock.now());
      return Promise.resolve();
    },
    said: (house) => logged(house, /^state\/notices\.json cannot be written: .*; it is tried again$/),
    landed: ({ dir }, round) => has(dir.at('state', 'notices.json'), `"test/${round}"`),
  },
  events: {
    which: /\/state\/events/,
    act: ({ supervisor }) => supervisor.operations.testNow(['ann']),
    said: (house) => logged(house, /^state\/events\.jsonl cannot be written: .*; it is tried again$/),
    landed: ({ dir, supervisor }) => {
      const { next, first } = supervisor.events;
      return textOf(dir.at('state', 'events.jsonl')).split('\n').filter(Boolean).length === next - first;
    },
  },
  usage: {
    which: /\/usage\//,
    act: async (house, clock) => {
      await house.ask();
      clock.advance(60_000);
    },
    said: (house) => logged(house, /^What was used cannot be written to .*; it is tried again$/),
    landed: ({ dir }, round) => {
      const [file = ''] = (existsSync(dir.at('usage')) ? readdirSync(dir.at('usage')) : []).filter((name) =>
        name.endsWith('.jsonl'),
      );
      const counts = [...textOf(dir.at('usage', file)).matchAll(/"requests":(\d+)/g)].map(([, count]) => Number(count));
      return counts.reduce((sum, count) => sum + count, 0) === 2 * (round + 1);
    },
  },
};

async function until(clock: SetClock, holds: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 200; turn++) {
    if (holds()) return true;
    await pause(5);
    if (turn % 20 === 19) clock.advance(30_000);
  }
  return false;
}

for (const [name, { which, act, said, landed }] of Object.entries(targets)) {
  test(`${name}: ${CODES.join(', ')} are said, requests go on, and it is written once it can be`, () => {
    const clock = setClock(Date.now());
    const disk = pickyDisk();
    const prepare = (google: House['google']): void => google.grant(ann.refreshToken, { email: ann.email });
    const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob', accessToken: 'x', accessEndsIn: -1 };
    const cara = { ...ann, id: 'cara', email: 'cara@example.com' };
    return withHouse({ accounts: [ann, bob, cara], clock, disk, prepare }, async (house) => {
      for (const [round, code] of CODES.entries()) {
        disk.refuse(code, which);
        await act(house, clock, round);
        assert.ok(await until(clock, () => said(house)?.includes(code) === true), `${code}: ${said(house) ?? ''}`);
        assert.is((await house.ask()).status, 200);
        disk.mend();
        assert.ok(await until(clock, () => landed(house, round)), `${code} has not landed`);
      }
    });
  });
}

for (const code of CODES) {
  test(`settings: ${code} is the answer to who changes one, and the file stays as it was`, () =>
    withApp({}, async (app) => {
      const { dir } = app;
      const plan = dir.at('faults');
      writeFileSync(plan, JSON.stringify({ which: 'settings\\.json', codes: [code], every: 1 }));
      const before = readFileSync(dir.at('settings.json'), 'utf8');
      const env = { NODE_OPTIONS: `--import ${failingCalls}`, REGRANT_TEST_FAULTS: plan };
      const { status, stderr } = await app.run(['config', 'set', 'log.level', 'debug'], { env });
      assert.is(status, 1, stderr);
      assert.match(stderr, new RegExp(`settings\\.json cannot be written: .*${code}`));
      assert.is(readFileSync(dir.at('settings.json'), 'utf8'), before);
      assert.is((await app.run(['config', 'set', 'log.level', 'debug'])).status, 0);
    }));
}

for (const which of ['', '/state/', '/state/lock', '/trash', 'settings\\.json|api-key']) {
  test(`a start on a disk that is full ${which === '' ? 'altogether' : `for ${which}`} is one line and exit 3`, () =>
    withApp({ settings: { proxy: { apiKey: '' } } }, async (app) => {
      const plan = app.dir.at('faults');
      writeFileSync(plan, JSON.stringify({ which: which === '' ? app.dir.path : which, codes: ['ENOSPC'], every: 1 }));
      const env = { NODE_OPTIONS: `--import ${failingCalls}`, REGRANT_TEST_FAULTS: plan };
      const { status, stderr } = await app.run(['--headless'], { env });
      assert.is(status, 3, stderr);
      assert.match(stderr, /^regrant: .*no space left on the disk \(ENOSPC\).*\n$/);
    }));
}

test.run();
