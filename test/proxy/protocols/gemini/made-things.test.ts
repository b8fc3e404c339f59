import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MadeThings } from '../../../../src/proxy/protocols/gemini/made-things.js';

const DAY_MS = 86_400_000;
const thing = (name: string, project: string, madeAt = 0, client = 'team') => ({ name, project, client, madeAt });
const byName = (...things: ReturnType<typeof thing>[]) => new Map(things.map((one) => [one.name, one]));

test('the next thing of a client goes where its last one is that is still there', () => {
  const homes = byName(thing('files/a', 'p', 1), thing('files/b', 'q', 2), thing('files/c', 'r', 3, 'other'));
  const made = new MadeThings([...homes.values()].reverse());
  assert.is(made.lastProjectOf('team', homes, 5), 'q');
  homes.delete('files/b');
  assert.is(made.lastProjectOf('team', homes, 5), 'p');
  homes.delete('files/a');
  assert.is(made.lastProjectOf('team', homes, 5), null);
  assert.is(made.lastProjectOf('other', homes, 5), 'r');
  assert.is(made.lastProjectOf('', homes, 5), null);
});

test('what is older than two days binds nobody, and neither does what was begun ten minutes ago and came to nothing', () => {
  const homes = byName(thing('cachedContents/a', 'p', 0));
  const made = new MadeThings(homes.values());
  assert.is(made.lastProjectOf('team', homes, 2 * DAY_MS), 'p');
  assert.is(made.lastProjectOf('team', homes, 2 * DAY_MS + 1), null);
  made.begins('team', 'q', 0);
  assert.is(made.lastProjectOf('team', new Map(), 600_000), 'q');
  assert.is(made.lastProjectOf('team', new Map(), 600_001), null);
});

test('a client that stores without end costs no memory without end', () => {
  const made = new MadeThings([]);
  for (let number = 0; number < 1_000; number++) made.add('team', `files/${number}`);
  const first = byName(thing('files/0', 'p'), thing('files/900', 'q'));
  assert.is(made.lastProjectOf('team', first, 0), 'q');
  first.delete('files/900');
  assert.is(made.lastProjectOf('team', first, 0), null);
});

test.run();
