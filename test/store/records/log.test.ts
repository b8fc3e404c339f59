import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AccessRecord, Log } from '../../../src/store/records/log.js';
import { logRecordOf } from '../../../src/store/records/log-record.js';
import { systemClock } from '../../../src/store/ground/clock.js';

async function withLog(use: (log: Log, lines: () => Promise<string[]>) => void | Promise<void>, level = 'info') {
  const folder = await mkdtemp(path.join(tmpdir(), 'regrant-log-'));
  const log = new Log({ folder, level, clock: systemClock });
  try {
    await use(log, async () => {
      await log.close();
      return (await readFile(path.join(folder, 'regrant.log'), 'utf8')).split('\n').filter(Boolean);
    });
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const served: AccessRecord = {
  id: 'a1b2c3-1',
  method: 'POST',
  path: '/v1beta/models/gemini-3-flash:generateContent?x="\\\u00e9',
  model: 'gemini-3-flash',
  stream: false,
  status: 200,
  account: 'kim"quoted"@example.com',
  ms: 12.34,
  ttfbMs: 11.5,
  bytes: 1_023,
  tokens: 42,
  tries: 2,
  left: ['bob: 429', 'eve: refresh "failed"'],
};
const unanswered: AccessRecord = {
  ...served,
  ...{
    id: 'a1b2c3-2',
    path: '/',
    model: null,
    status: 0,
    account: null,
    ttfbMs: null,
    tokens: null,
    tries: 0,
    left: [],
  },
};

test('a request reads the same in the ring as in the line that the file gets', async () => {
  await withLog(async (log, lines) => {
    for (const record of [served, unanswered]) log.access(record, 'traffic');
    const held = [log.at(0), log.at(1)];
    assert.equal(
      held.map((record) => record?.access),
      [served, unanswered],
    );
    assert.equal(
      (await lines()).map((line, seq) => logRecordOf(line, seq)),
      held.map((record) => ({ ...record, msg: record?.msg, account: record?.account, line: record?.line, source: '' })),
    );
  });
});

test('records of all kinds keep the order in which they came', async () => {
  await withLog(async (log, lines) => {
    log.logger.info({ account: 'kim@example.com' }, 'before');
    log.access(served, 'traffic');
    log.logger.warn('after');
    log.join('another program says this', 'other');
    const numbers = [0, 1, 2, 3];
    const messages = ['before', `200 POST ${served.path}`, 'after', 'another program says this'];
    for (const look of ['first', 'second']) {
      assert.equal(
        numbers.map((seq) => log.at(seq)?.msg),
        messages,
        look,
      );
      assert.equal(
        numbers.map((seq) => log.at(seq)?.seq),
        numbers,
        look,
      );
    }
    assert.equal(
      (await lines()).map((line, seq) => logRecordOf(line, seq).msg),
      messages.slice(0, 3),
    );
  });
});

test('a probe is held and written only where the level is debug', async () => {
  await withLog((log) => {
    log.access(served, 'probe');
    assert.is(log.next, 0);
  });
  await withLog((log) => {
    log.access(served, 'probe');
    assert.is(log.at(0)?.level, 20);
  }, 'debug');
});

test.run();
