/** A disk that fails costs lines of the log, which are counted, and never the log. */
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogFile } from '../../../src/store/records/log-file.js';
import { setClock } from '../../support/clock.js';

const reasons: Record<string, RegExp> = {
  ENOSPC: /no space/,
  EDQUOT: /quota/,
  EIO: /input\/output/,
  EROFS: /read-only/,
  EMFILE: /too many open files/,
  ENOMEM: /ENOMEM/,
  EACCES: /permission/,
};

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
};

/** A log's file on a disk that refuses with `fault.code`, where it has one, at the opening or at each write. */
function faulty(fault: { code: string | null; at: 'open' | 'write' }) {
  const written: string[] = [];
  let opened = 0;
  const error = (): Error => Object.assign(new Error(`${fault.code ?? ''}: it does not`), { code: fault.code });
  const openStream = (): Writable => {
    opened++;
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (fault.code === null) written.push(...chunk.toString().split('\n').filter(Boolean));
        done(fault.code === null ? null : error());
      },
    });
    setImmediate(() => {
      if (fault.code !== null && fault.at === 'open') stream.destroy(error());
      else stream.emit('open');
    });
    return stream;
  };
  return { written, openStream, opened: () => opened };
}

for (const [code, reason] of Object.entries(reasons)) {
  for (const at of ['open', 'write'] as const) {
    test(`${code} at the ${at}: it is said, counted, and over when the disk is well again`, async () => {
      const clock = setClock();
      const fault: { code: string | null; at: typeof at } = { code, at };
      const { written, openStream, opened } = faulty(fault);
      let told = 0;
      const lostLine = (lines: number, why: string): string => `lost ${lines}: ${why}`;
      const log = new LogFile({ folder: '/nowhere', clock, changed: () => told++, lostLine, openStream });
      for (let second = 0; second < 130; second++) {
        log.write(Buffer.from('one\ntwo\n'));
        await settled();
        clock.advance(1_000);
      }
      assert.match(log.trouble ?? '', reason);
      assert.equal([log.lost, written, told], [260, [], 1]);
      // after 1, 2, 4, 8, 16, 32 and 60 seconds
      assert.ok(opened() <= 9, `${opened()} times opened`);
      fault.code = null;
      clock.advance(60_000);
      await settled();
      log.write(Buffer.from('three\n'));
      await settled();
      assert.equal([log.trouble, log.lost, told], [null, 260, 2]);
      assert.match(written[0] ?? '', /^lost 260: /);
      assert.equal(written.slice(1), ['three']);
      await log.close();
    });
  }
}

test('a disk that takes nothing and says nothing fills no memory', () => {
  const clock = setClock();
  const stuck = new Writable({ write: () => undefined });
  const openStream = (): Writable => stuck;
  const log = new LogFile({ folder: '/nowhere', clock, changed: () => undefined, lostLine: () => '', openStream });
  const batch = Buffer.alloc(256 * 1024, 'x'.repeat(1_023) + '\n');
  for (let at = 0; at < 400; at++) log.write(batch);
  assert.ok(stuck.writableLength < 5 * 1024 * 1024);
  assert.ok(log.lost > 90_000);
});

test('a file that was moved or deleted is made anew within a minute', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'regrant-log-file-'));
  const logs = path.join(folder, 'logs');
  const clock = setClock();
  const log = new LogFile({ folder: logs, clock, changed: () => undefined, lostLine: () => '' });
  const says = async (text: string): Promise<void> => {
    for (let tried = 0; tried < 300; tried++) {
      await new Promise((done) => setTimeout(done, 10));
      try {
        if (readFileSync(path.join(logs, 'regrant.log'), 'utf8').includes(text)) return;
      } catch {
        // not yet
      }
    }
    throw new Error(`never: ${text}`);
  };
  const wait = (): Promise<void> => new Promise((done) => setTimeout(done, 50));
  try {
    log.write(Buffer.from('first\n'));
    await says('first');
    rmSync(logs, { recursive: true });
    await wait();
    clock.advance(20_000);
    await wait();
    log.write(Buffer.from('second\n'));
    await says('second');
    renameSync(path.join(logs, 'regrant.log'), path.join(logs, 'regrant.log.1'));
    await wait();
    clock.advance(20_000);
    await wait();
    log.write(Buffer.from('third\n'));
    await says('third');
  } finally {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
