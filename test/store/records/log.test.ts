import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AccessRecord, Log } from '../../../src/store/records/log.js';
import { logRecordOf } from '../../../src/store/records/log-record.js';
import { systemClock, type Clock } from '../../../src/store/ground/clock.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';

async function withLog(
  use: (log: Log, lines: () => Promise<string[]>) => void | Promise<void>,
  level = 'info',
  clock: Clock = systemClock,
) {
  const folder = await mkdtemp(path.join(tmpdir(), 'regrant-log-'));
  const log = new Log({ folder, level, clock });
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
  ...{ key: null, ip: '127.0.0.1', protocol: 'gemini', asked: null, group: 'generate' },
  ...{ waitedMs: 0, streamError: null, count: 1 },
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

test('refusals in a row have a line a second with their count, and the history of others stays', async () => {
  const clock = setClock();
  await withLog(
    async (log, lines) => {
      log.access(served, 'traffic');
      const refused = { ...unanswered, status: 401, path: '/?key=[redacted]' };
      for (let at = 0; at < 30_000; at++) {
        log.access(refused, 'traffic');
        if (at % 1_000 === 999) clock.advance(100);
      }
      clock.advance(1_000);
      const all = (await lines()).map((line) => JSON.parse(line) as { msg: string; access: { count: number } });
      assert.ok(all.length <= 8, `${all.length} lines`);
      assert.is(all[0]?.msg, '200 POST /v1beta/models/gemini-3-flash:generateContent?x="\\é');
      const counts = all.slice(1).map(({ access }) => access.count);
      assert.is(
        counts.reduce((sum, count) => sum + count, 0),
        30_000,
      );
      assert.is(logRecordOf(JSON.stringify(all[1]), 0).access?.status, 401);
    },
    'info',
    clock,
  );
});

test('those that are refused in another way have a count of their own', async () => {
  const clock = setClock();
  await withLog(
    async (log, lines) => {
      for (const status of [401, 403, 505, 401, 401, 505, 403]) log.access({ ...unanswered, status }, 'traffic');
      clock.advance(1_000);
      const told = (await lines()).map((line) => {
        const { access } = JSON.parse(line) as { access: { status: number; count: number } };
        return [access.status, access.count];
      });
      assert.equal(told, [
        [401, 1],
        [403, 1],
        [505, 1],
        [401, 2],
        [505, 1],
        [403, 1],
      ]);
    },
    'info',
    clock,
  );
});

test('what failed for its client is a warning, whatever else is said is information', async () => {
  for (const [access, level] of [
    [{ status: 200, account: 'kim@example.com' }, 30],
    [{ status: 200, account: 'kim@example.com', streamError: 429 }, 40],
    [{ status: 500, account: 'kim@example.com' }, 40],
    [{ status: 503, account: null }, 40],
    [{ status: 429, account: null }, 40],
    [{ status: 429, account: 'kim@example.com' }, 30],
    [{ status: 404, account: null }, 30],
    [{ status: 401, account: null }, 30],
    [{ status: 0, account: null }, 30],
  ] as const) {
    await withLog(async (log, lines) => {
      log.access({ ...unanswered, ...access }, 'traffic');
      assert.is(log.at(0)?.level, level, JSON.stringify(access));
      const [line = '{}'] = await lines();
      assert.is((JSON.parse(line) as { level: number }).level, level);
    });
  }
});

test('a line says who asked, from where, for what, and what became of it', async () => {
  await withLog(async (log, lines) => {
    const said = {
      ...{ key: 'team', ip: '10.1.2.3', protocol: 'anthropic', asked: 'fast', group: 'generate' },
      ...{ waitedMs: 12.5, streamError: null, count: 1 },
    };
    log.access({ ...served, ...said }, 'traffic');
    const { id, method, path: of, model, stream, status, account, ms, ttfbMs, bytes, tokens, tries, left } = served;
    const plain = { id, method, path: of, model, stream, status, account, ms, ttfbMs, bytes, tokens, tries, left };
    log.access(plain, 'traffic');
    const [full = '', bare = ''] = await lines();
    const { access } = JSON.parse(full) as { access: object };
    assert.equal(access, { ...served, ...said });
    const nothing = { key: null, ip: null, protocol: null, asked: null, group: null, waitedMs: 0, streamError: null };
    assert.equal((JSON.parse(bare) as { access: object }).access, { ...plain, ...nothing, count: 1 });
    assert.is(log.at(0)?.line, full, 'the detail shows the line of the file');
  });
});

test('a model of an endless name is kept by its beginning', async () => {
  await withLog(async (log, lines) => {
    log.access({ ...served, model: 'm'.repeat(15_000) }, 'traffic');
    assert.is(log.at(0)?.access?.model, `${'m'.repeat(256)}…`);
    assert.ok((await lines()).join('').length < 1_000);
  });
});

test('lines of another program are held as far as 32 MB go, and the newest are', () =>
  withDirectory(async (dir) => {
    const log = new Log({ folder: dir.path, level: 'info', clock: setClock() });
    const line = '가'.repeat(16_000);
    for (let at = 0; at < 2_000; at++) log.join(`${at} ${line}`, 'followed.log');
    const held = Array.from({ length: log.next - log.first }, (_, at) => log.at(log.first + at)?.line.length ?? 0);
    const bytes = held.reduce((sum, length) => sum + 4 * length, 0);
    assert.ok(bytes <= 32 * 1024 * 1024 && bytes > 31 * 1024 * 1024, `${bytes} bytes in ${held.length} lines`);
    assert.match(log.at(log.next - 1)?.msg ?? '', /^1999 /);
    await log.close();
  }));

test.run();
