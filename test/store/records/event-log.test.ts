import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FeedCopy } from '../../../src/control/feed-copy.js';
import { FeedFilter } from '../../../src/panes/views/log/feed-filter.js';
import { EventLog } from '../../../src/store/records/event-log.js';
import type { GrantEvent, GrantEventKind } from '../../../src/store/records/grant-event.js';
import { withDirectory } from '../../support/directory.js';

const event = (kind: GrantEventKind, at: number): Omit<GrantEvent, 'seq'> => ({
  at,
  kind,
  accountId: 'a1',
  email: 'a1@example.com',
  cause: null,
  tookMs: null,
  nextAt: null,
  text: kind,
  detail: '',
});

const held = (log: EventLog): GrantEvent[] => {
  const events = Array.from({ length: log.next - log.first }, (_, index) => log.at(log.first + index));
  return events.filter((one) => one !== undefined);
};

const withLog = (use: (log: EventLog, folder: string) => Promise<void>): Promise<void> =>
  withDirectory(async (directory) => {
    mkdirSync(directory.at('state'));
    const log = EventLog.open(directory.at('state'));
    try {
      await use(log, directory.at('state'));
    } finally {
      await log.flush();
    }
  });

test('a death is not pushed out by ordinary refreshes, however many, and stays over a restart', () =>
  withLog(async (log, folder) => {
    log.add(event('disabled', 0));
    for (let at = 1; at <= 40_000; at++) log.add(event(at % 2 === 0 ? 'refreshed' : 'temporary', at));
    assert.is(held(log)[0]?.kind, 'disabled');
    assert.is(held(log).at(-1)?.at, 40_000);
    assert.ok(held(log).length <= 5_000 && held(log).length > 2_000, `${held(log).length}`);
    await log.flush();
    const lines = readFileSync(`${folder}/events.jsonl`, 'utf8').trimEnd().split('\n').length;
    assert.ok(lines <= 10_000, `${lines} lines`);
    const again = EventLog.open(folder);
    assert.is(held(again)[0]?.kind, 'disabled');
    assert.is(held(again).at(-1)?.at, 40_000);
    assert.ok(held(again).length <= 5_000);
  }));

test('what is notable goes too, the oldest first, once thousands of it are newer', () =>
  withLog((log) => {
    for (let at = 0; at < 5_001; at++) log.add(event('disabled', at));
    assert.ok(held(log).length >= 3_750, `${held(log).length}`);
    assert.is(held(log)[0]?.at, 1_250);
    assert.is(held(log).at(-1)?.at, 5_000);
    return Promise.resolve();
  }));

test('the order stays, and whoever follows sees each event once', () =>
  withLog((log) => {
    const copy = new FeedCopy<GrantEvent, GrantEvent>(5_000, (one) => one);
    const filter = new FeedFilter<GrantEvent>(({ kind }) => kind === 'disabled');
    let sent = log.first;
    for (let at = 0; at < 12_000; at++) {
      log.add(event(at % 1_000 === 0 ? 'disabled' : 'refreshed', at));
      if (at % 7 !== 0) continue;
      const first = Math.max(sent, log.first);
      copy.append(first, held(log).slice(first - log.first));
      sent = log.next;
      filter.refresh(copy);
    }
    const times = held(log).map(({ at }) => at);
    assert.equal(
      times,
      [...times].sort((one, other) => one - other),
    );
    const deaths = Array.from({ length: filter.count }, (_, index) => copy.at(filter.seqAt(index) ?? -1)?.at);
    assert.equal(
      deaths,
      Array.from({ length: 12 }, (_, index) => index * 1_000),
    );
    return Promise.resolve();
  }));

test('a line that a full disk or a power cut tore does not take the next one with it', () =>
  withLog(async (log, folder) => {
    log.add(event('refreshed', 1));
    await log.flush();
    appendFileSync(`${folder}/events.jsonl`, '{"at":2,"kind":"disa');
    const after = EventLog.open(folder);
    after.add(event('disabled', 3));
    after.add(event('recovered', 4));
    await after.flush();
    assert.equal(
      held(EventLog.open(folder)).map(({ at }) => at),
      [1, 3, 4],
    );
  }));

test.run();
