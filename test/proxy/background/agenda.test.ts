import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Agenda } from '../../../src/proxy/background/agenda.js';
import { setClock } from '../../support/clock.js';

function agendaOn(clock: ReturnType<typeof setClock>, room: { at: number } = { at: -Infinity }) {
  const begun: string[] = [];
  const agenda = new Agenda({ clock, begin: (id) => begun.push(`${id} ${clock.monotonic()}`), roomAt: () => room.at });
  return { agenda, begun };
}

test('each is begun once, when it is due, and only by the time that was planned last', () => {
  const clock = setClock();
  const { agenda, begun } = agendaOn(clock);
  agenda.plan('a', 100);
  agenda.plan('b', 50);
  agenda.plan('a', 20);
  agenda.plan('b', 70);
  agenda.arm();
  clock.advance(1_000);
  assert.equal(begun, ['a 20', 'b 70']);
  assert.is(agenda.dueAt('a'), Infinity);
});

test('what is taken off is not begun', () => {
  const clock = setClock();
  const { agenda, begun } = agendaOn(clock);
  agenda.plan('a', 100);
  agenda.plan('a', Infinity);
  agenda.arm();
  clock.advance(1_000);
  assert.equal(begun, []);
});

test('without room nothing is begun, and one timer waits for all', () => {
  const clock = setClock();
  const room = { at: Infinity };
  const { agenda, begun } = agendaOn(clock, room);
  for (let each = 0; each < 100; each++) agenda.plan(`a${each}`, each);
  agenda.arm();
  assert.is(clock.due.length, 0);
  room.at = 500;
  agenda.arm();
  assert.is(clock.due.length, 1);
  clock.advance(499);
  assert.is(begun.length, 0);
  clock.advance(1);
  assert.is(begun.length, 100);
});

test.run();
