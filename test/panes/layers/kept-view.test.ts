/** How a screen was sorted, filtered and parted is there again in the next one. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen } from '../../support/screen.js';

/** One screen, which begins with what was kept and leaves what it keeps. */
async function screenWith(kept: unknown, use: (screen: TestScreen) => Promise<void>): Promise<unknown> {
  const clock = setClock();
  let left: unknown;
  const memory = { read: () => kept, write: (view: unknown) => (left = JSON.parse(JSON.stringify(view)) as unknown) };
  await withScreen(night(clock), { clock, memory }, use);
  return left;
}

test('sort, its direction, columns, filters and zoom are there again in the next screen', async () => {
  const kept = await screenWith(undefined, async (screen) => {
    await screen.press('s', 's', 'S', 'v', '/');
    await screen.type('example.com');
    await screen.press('Enter', '3', '/');
    await screen.type('refused');
    await screen.press('Enter', '2', '/');
    await screen.type('~429|503');
    await screen.press('Enter', 'z');
  });
  await screenWith(kept, async (screen) => {
    assert.match(screen.row('2 Log').text, /╔═ 2 Log .*\/~429\|503/, screen.text());
    assert.not.ok(screen.has('1 Accounts'), 'still alone');
    await screen.press('z');
    assert.match(screen.row('1 Accounts').text, /\/example\.com 2 hidden .*sort requests reversed/);
    assert.match(screen.row('3 Refresh').text, /\/refused {2}3 hidden/);
    await screen.press('1', 'v');
    assert.ok(screen.has('columns: state, account and reason'), 'one on from all of them');
  });
});

test('who is out and hidden by a filter that was there before is said all the same', async () => {
  const kept = { filters: { accounts: 'anna', log: '', refreshes: '' } };
  await screenWith(kept, async (screen) => {
    assert.ok(screen.has('kim.ops@example.com: invalid_grant'), 'the alarm');
    assert.match(screen.row('hidden by the filter').text, /gus@corp\.example \(refused\).*Esc shows all/);
    await screen.press('A');
    assert.match(screen.row('hidden by the filter').text, /kim\.ops@example\.com \(DISABLED\), gus/);
    await screen.press('Escape');
    assert.not.ok(screen.has('hidden by the filter'));
  });
});

const strange: readonly unknown[] = [
  undefined,
  null,
  'text',
  [],
  {},
  { sort: 'weight', direction: 1, columns: null, focus: 'kitchen', zoomed: 'yes', filters: 'all' },
  { filters: { accounts: '~[', log: 5 } },
  { schema: 2, sort: { by: 'state' } },
];
for (const kept of strange) {
  test(`a screen begins as at first with ${JSON.stringify(kept)}`, () =>
    screenWith(kept, async (screen) => {
      await Promise.resolve();
      assert.match(screen.row('1 Accounts').text, /╔═ 1 Accounts {2}9 ═+ sort state ═╗/);
    }).then(() => undefined));
}

test.run();
