/** The events of all boxes of a pool. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/store/ground/clock.js';
import type { Events } from '../../../src/store/records/events.js';
import type { GrantEvent, GrantEventKind, HappenedEvent } from '../../../src/store/records/grant-event.js';
import { SharedEvents } from '../../../src/store/shared/shared-events.js';
import { testOnPostgres } from '../../support/postgres.js';
import { type BoxAtPool, until, withBoxes } from '../../support/shared-pool.js';

const event = (kind: GrantEventKind, at = Date.now(), over: Partial<HappenedEvent> = {}): HappenedEvent => ({
  ...{ at, kind, accountId: 'a1', email: 'a1@example.com', cause: null, tookMs: null, nextAt: null, text: kind },
  ...{ detail: '', ...over },
});
const held = (events: Events): readonly (GrantEvent | undefined)[] =>
  Array.from({ length: events.next - events.first }, (_, index) => events.at(events.first + index));
const eventsOf = ({ database, listening, name: box, troubles }: BoxAtPool): Promise<SharedEvents> =>
  SharedEvents.open({ database, listening, box, clock: systemClock, tell: (trouble) => void troubles.push(trouble) });

testOnPostgres(
  'an event is on the other boxes at once, with the box where it happened, and counted only there',
  (server) =>
    withBoxes(server, ['a', 'b', 'c'], async (a, b, c) => {
      const [here, there] = [await eventsOf(a), await eventsOf(b)];
      const told = { here: 0, there: 0, any: 0 };
      here.onEvent(() => told.here++);
      there.onEvent(() => told.there++);
      there.onAny(() => told.any++);
      const whole = event('disabled', 1_700_000_000_123, {
        ...{ cause: 'revoked', tookMs: 12, nextAt: 1_700_000_060_000, text: 'nul \0 in it', detail: 'press r' },
      });
      here.add(whole);
      await until(() => held(there).length === 1);
      assert.equal(held(there)[0], { ...whole, text: 'nul \ufffd in it', box: 'a', seq: 0 });
      there.add(event('recovered'));
      await until(() => held(here).length === 2);
      assert.equal(told, { here: 1, there: 1, any: 2 });
      const later = await eventsOf(c);
      assert.equal(
        held(later).map((each) => [each?.kind, each?.box]),
        [
          ['disabled', 'a'],
          ['recovered', 'b'],
        ],
      );
    }),
);

testOnPostgres('ten thousand rows are kept, whichever boxes wrote them', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [here, there] = [await eventsOf(a), await eventsOf(b)];
    await a.database.run(`insert into {event} (kind, box) select 'refreshed', 'x' from generate_series(1, 9990)`);
    for (let at = 0; at < 20; at++) (at % 2 === 0 ? here : there).add(event('refreshed', at));
    await Promise.all([here.flush(), there.flush()]);
    assert.is(await a.database.run('select from {event}'), 10_000);
  }),
);

testOnPostgres('events while the database is away are told as trouble, bounded, and saved when it is back', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [here, there] = [await eventsOf(a), await eventsOf(b)];
    await server.stop('fast');
    await until(() => !a.database.isUp && !b.database.isUp);
    for (let at = 0; at < 5_100; at++) here.add(event(at < 200 ? 'disabled' : 'refreshed', at));
    await until(() => a.troubles.length === 1);
    await server.start();
    await until(() => held(there).length > 2_000);
    assert.is(held(there).find((each) => each?.kind === 'disabled')?.at, 100);
    await until(() => a.troubles.length === 2);
    assert.is(await a.database.run('select from {event}'), 5_000);
  }),
);

testOnPostgres(
  'a database that was put back is told the events that it lacks, also where it was told more since',
  (server) =>
    withBoxes(server, ['a', 'b'], async (a, b) => {
      const [here, there] = [await eventsOf(a), await eventsOf(b)];
      const now = Date.now() + 0.25;
      for (const [at, text] of ['first', 'second', 'nul \0 in it'].entries())
        here.add(event('disabled', now + at, { text }));
      await here.flush();
      await until(() => held(there).length === 3);
      await a.database.run("delete from {event} where text = 'second'");
      here.add(event('recovered', now + 9));
      await here.flush();
      a.listening.lapses.found();
      await until(() => !a.listening.lapses.isOpen);
      assert.is(await a.database.run("select from {event} where text = 'second'"), 1);
      assert.is(await a.database.run('select from {event}'), 4, 'each once');
      assert.is(held(here).length, 4);
    }),
);

test.run();
