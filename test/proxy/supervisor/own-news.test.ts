/** What happens to regrant itself, as events about no account. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tellBoxes } from '../../../src/proxy/supervisor/own-news.js';
import { Listeners } from '../../../src/store/ground/listeners.js';
import type { BoxSeen } from '../../../src/store/shared/boxes.js';
import { setClock } from '../../support/clock.js';

const box = (name: string, isGone: boolean): BoxSeen => ({
  ...{ name, isGone, address: '', version: '', startedAt: 1, seenAt: 1, skewMs: 0, openLeases: 0, facts: {} },
});

/** The boxes that are there, and then those that are gone. */
const boxes = (there: string, gone = ''): readonly BoxSeen[] => [
  ...Array.from(there, (name) => box(name, false)),
  ...Array.from(gone, (name) => box(name, true)),
];

/** What box `name` tells as one look follows the other. */
function toldBy(
  name: string,
  looks: readonly { boxes?: readonly BoxSeen[]; cutOff?: string; ms?: number }[],
): readonly string[] {
  const changes = new Listeners();
  const sharing = { name, boxes: boxes(''), cutOff: null as string | null, onChange: changes.add.bind(changes) };
  const told: string[] = [];
  const clock = setClock();
  tellBoxes(sharing, clock, (kind, text) => told.push(`${kind}: ${text}`));
  for (const look of looks) {
    Object.assign(sharing, { cutOff: null, ...look });
    changes.tell();
    clock.advance(look.ms ?? 4_000);
  }
  return told;
}

test('a box that is gone and comes back is told once by the first that is there; what was so at a start is no news', () => {
  const looks = [boxes('abc', 'd'), boxes('ac', 'bd'), boxes('ac', 'bd'), boxes('abc', 'd')].map((all) => ({
    boxes: all,
  }));
  assert.equal(toldBy('a', looks), ['box: box b is gone: start it again', 'box: box b is there again']);
  assert.equal(toldBy('c', looks), []);
  const first = [{ boxes: boxes('ab') }, { boxes: boxes('b', 'a') }];
  assert.equal(toldBy('b', first), ['box: box a is gone: start it again']);
  assert.equal(toldBy('a', [{ boxes: boxes('ab') }, { boxes: boxes('a') }]), [], 'one that stopped is not gone');
});

test('boxes that all look gone after a cut, until each has given a sign again, are not told', () => {
  const back = [
    ...[{ boxes: boxes('ab') }, { cutOff: 'db does not answer' }, { boxes: boxes('', 'ab'), ms: 1_000 }],
    ...[{ boxes: boxes('a', 'b'), ms: 1_000 }, { boxes: boxes('ab') }],
  ];
  assert.equal(toldBy('a', back).slice(2), []);
});

test('the way to the database is told when it is cut, and when it is there again', () => {
  const cut = { cutOff: 'db does not answer' };
  assert.equal(toldBy('a', [{ boxes: boxes('ab') }, cut, cut, {}, {}]), [
    'box: the database is cut off (db does not answer)',
    'box: the database is there again',
  ]);
});

test.run();
