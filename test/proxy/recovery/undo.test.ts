/** How many steps can be undone; what an undo does is in test/flows/grants/undo. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nothingElse } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MassActs } from '../../../src/proxy/recovery/mass-acts.js';
import { Undo, type UndoParts } from '../../../src/proxy/recovery/undo.js';
import { SettingDesk } from '../../../src/proxy/supervisor/setting-desk.js';
import { defaultSettings } from '../../../src/store/settings/schema.js';
import type { SettingsRead } from '../../../src/store/settings/live-settings.js';
import { settingsLayers } from '../../../src/store/settings/settings.js';
import { withDirectory } from '../../support/directory.js';
import { setClock } from '../../support/clock.js';

test('of more steps than can be undone the first are forgotten', async () => {
  const asked: string[] = [];
  const parts = {
    store: { get: (id: string) => void asked.push(id) },
    logger: { info: () => undefined },
    clock: setClock(),
    acts: new MassActs({ clock: setClock(), changed: () => undefined }),
  } as unknown as UndoParts;
  const undo = new Undo(parts);
  for (let number = 0; number < 80; number++) undo.added(`a${number}`);
  let steps = 0;
  while ((await undo.undo()).text !== 'nothing is left to undo') steps++;
  assert.equal([steps, asked.at(-1)], [50, 'a30']);
});

/** Accounts whose files are moved to the trash when a test lets them. */
function moving() {
  const here = new Set(['a', 'b', 'c']);
  const moves: (() => void)[] = [];
  const clock = setClock();
  const parts = {
    store: {
      get: (id: string) => (here.has(id) ? { file: `${id}.json`, account: { email: `${id}@x.test` } } : undefined),
      moveAway: async (id: string) => {
        await new Promise<void>((resolve) => moves.push(resolve));
        here.delete(id);
      },
      bringBack: (id: string) => Promise.resolve(here.add(id)),
    },
    trash: { placeForRemoved: (id: string) => `/trash/${id}` },
    logger: { info: () => undefined },
    clock,
    acts: new MassActs({ clock, changed: () => undefined }),
  } as unknown as UndoParts;
  const moveNow = async (): Promise<void> => {
    await nothingElse();
    for (const move of moves.splice(0)) move();
  };
  return { here, moves, undo: new Undo(parts), moveNow };
}

test('an undo while a removal still ends waits for it, and brings back what it removed', async () => {
  const { here, moves, undo, moveNow } = moving();
  const removed = undo.remove(['a', 'b', 'c']);
  await nothingElse();
  assert.is(moves.length, 3);
  const undone = undo.undo();
  await moveNow();
  assert.match((await removed).text, /^removed a@x\.test/);
  assert.equal([(await undone).ok, [...here].sort()], [true, ['a', 'b', 'c']]);
});

test('so does a redo, which then has nothing to do again; and an undo waits for a redo', async () => {
  const { here, undo, moveNow } = moving();
  const first = undo.remove(['a']);
  await moveNow();
  await first;
  assert.ok((await undo.undo()).ok);
  const second = undo.remove(['b']);
  const redone = undo.redo();
  await moveNow();
  assert.ok((await second).ok);
  assert.match((await redone).text, /^nothing to do again/);
  assert.equal([...here].sort(), ['a', 'c']);
  assert.ok((await undo.undo()).ok);

  const again = undo.redo();
  const back = undo.undo();
  await moveNow();
  assert.ok((await again).ok);
  assert.is((await back).text, 'brought back b@x.test');
  assert.equal([...here].sort(), ['a', 'b', 'c']);
});

test('of more changes of settings than can be undone the first are forgotten', () =>
  withDirectory((dir) => {
    const file = dir.at('settings.json');
    writeFileSync(file, '{}');
    const reload = (): SettingsRead => ({ fault: null, changed: [], forNextStart: [] });
    const live = { values: defaultSettings, reload, layers: () => settingsLayers(file, {}) };
    const desk = new SettingDesk({ file, env: {}, live });
    for (let number = 1; number <= 110; number++) assert.ok(desk.set('proxy.maxTries', 1 + (number % 7)).ok);
    let steps = 0;
    while (desk.undo().ok) steps++;
    assert.is(steps, 100);
    assert.equal(JSON.parse(readFileSync(file, 'utf8')), { proxy: { maxTries: 4 } });
  }));

test.run();
