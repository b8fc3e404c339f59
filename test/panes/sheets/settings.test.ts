import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { settingKind } from '../../../src/store/settings/setting-kinds.js';
import { settingPath } from '../../../src/store/settings/setting-path.js';
import { settingsInEffect } from '../../../src/store/settings/setting-rows.js';
import { LiveSettings } from '../../../src/store/settings/live-settings.js';
import { loadSettings, settingsLayers } from '../../../src/store/settings/settings.js';
import { SettingDesk } from '../../../src/proxy/supervisor/setting-desk.js';
import { setClock } from '../../support/clock.js';
import { withDirectory, type DataDirectory } from '../../support/directory.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { TestSupervisor } from '../../support/supervisor.js';

const test = suite('the sheet of the settings');

interface Room {
  readonly screen: TestScreen;
  readonly dir: DataDirectory;
  readonly live: LiveSettings;
  readonly desk: SettingDesk;
  readonly file: () => Record<string, unknown>;
}

const SECRETS = ['sk-secret-of-proxy', 'GOCSPX-secret-of-client', 'bot:secret-of-telegram'];

/** The screen over real settings in a directory. */
const withSettings = (
  use: (room: Room) => Promise<void>,
  { env = {}, rows = 40, cols = 120 }: { env?: NodeJS.ProcessEnv; rows?: number; cols?: number } = {},
): Promise<void> =>
  withDirectory(async (dir) => {
    await dir.settings({
      proxy: { apiKey: SECRETS[0], port: 8050 },
      oauth: { clients: { default: { id: 'i', secret: SECRETS[1] } } },
      notify: { url: `https://api.telegram.org/${SECRETS[2] ?? ''}/sendMessage` },
      pool: { stickySeconds: 60 },
      $schema: './settings.schema.json',
      mine: { apiToken: 'secret-of-nobody', kept: 7 },
    });
    const file = dir.at('settings.json');
    const clock = setClock();
    const live = new LiveSettings({ file, env, clock }, loadSettings(file, env));
    const desk = new SettingDesk({ file, env, live });
    const supervisor = new TestSupervisor(clock);
    Object.assign(supervisor.operations, {
      settings: () => Promise.resolve(desk.shown()),
      setSetting: (key: string, value: string) => Promise.resolve(desk.set(key, value)),
      undoSetting: () => Promise.resolve(desk.undo()),
    });
    await withScreen(supervisor, { clock, rows, cols }, async (screen) => {
      await screen.press(':');
      await screen.type('settings');
      await screen.press('Enter');
      await use({
        screen,
        dir,
        live,
        desk,
        file: () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>,
      });
    });
  });

const find = async (screen: TestScreen, key: string): Promise<void> => {
  await screen.press('/', 'C-u');
  await screen.type(key);
  await screen.press('Enter');
};

test('each setting is listed with its value and where it comes from; a secret is never shown', () =>
  withSettings(
    ({ screen, desk }) => {
      assert.match(screen.row('proxy.port').text, /8050 +file/);
      assert.match(screen.row('proxy.maxTries').text, /3 +default/);
      assert.match(screen.row('pool.strategy').text, /fill-first +REGRANT_POOL_STRATEGY/);
      assert.match(screen.row('proxy.apiKey').text, /\(not shown\) +file/);
      const all = `${screen.text()}${JSON.stringify(desk.shown())}`;
      for (const secret of [...SECRETS, 'secret-of-nobody']) assert.not(all.includes(secret), secret);
      assert.not(all.includes('$schema'), 'it is no setting');
      assert.ok(all.includes('mine.kept'), 'a key that nobody knows');
      return Promise.resolve();
    },
    { env: { REGRANT_POOL_STRATEGY: 'fill-first' }, rows: 80 },
  ));

test('a live number holds at once, and u takes it back; what is no such number is not taken', () =>
  withSettings(async ({ screen, live, file }) => {
    await find(screen, 'sticky');
    await screen.press('Enter');
    await screen.type('99999999');
    await screen.press('Enter');
    assert.ok(screen.has('from 0 to 86,400'), 'it is asked on');
    await screen.press('C-u');
    await screen.type('90');
    await screen.press('Enter');
    assert.ok(screen.has('pool.stickySeconds is 90 now'), screen.text());
    assert.is(live.values.pool.stickySeconds, 90);
    assert.equal(file().pool, { stickySeconds: 90 });
    assert.ok(screen.has('u pool.stickySeconds back to 60'), 'it is said what u would undo');
    await screen.press('u');
    assert.is(live.values.pool.stickySeconds, 60);
    assert.equal(file().pool, { stickySeconds: 60 });
    await screen.press('u');
    assert.ok(screen.has('no setting was changed here since the start'));
  }));

test('what holds from the next start on waits, and is marked; a default that is undone is not written', () =>
  withSettings(async ({ screen, live, file }) => {
    await find(screen, 'proxy.port');
    await screen.press('Enter');
    await screen.type('9000');
    await screen.press('Enter');
    assert.ok(screen.has('proxy.port is 9000 from the next start on'));
    assert.match(screen.row(/[▶>] proxy\.port/).text, /8050, next start 9000/);
    assert.ok(screen.has('1 setting waits for the next start'));
    assert.is(live.values.proxy.port, 8050);
    await find(screen, 'ui.bell');
    await screen.press('Enter');
    assert.ok(screen.has('[true]'), 'a switch offers its other side');
    await screen.press('Enter');
    assert.is(live.values.ui.bell, true);
    await screen.press('u');
    assert.equal([live.values.ui.bell, file().ui], [false, {}]);
  }));

test('a choice is one of its words, Esc leaves it; what the environment sets, and lists and texts, are not changed here', () =>
  withSettings(
    async ({ screen, live, file, desk }) => {
      await find(screen, 'log.level');
      await screen.press('Enter', 'Right', 'Escape');
      assert.is(live.values.log.level, 'info');
      await screen.press('Enter', 'Left', 'Enter');
      assert.is(live.values.log.level, 'debug');
      await find(screen, 'strat');
      await screen.press('Enter');
      assert.ok(screen.has('REGRANT_POOL_STRATEGY sets it, and stands over the file'));
      await find(screen, 'apiKey');
      await screen.press('Enter');
      assert.ok(screen.has('regrant config set proxy.apiKey'));
      const before = file();
      for (const [key, value] of [
        ['pool.strategy', 'least-busy'],
        ['proxy.apiKey', 'sk-mine'],
        ['proxy.allowedHosts', 'x'],
        ['log.level', 'loud'],
        ['proxy.port', -1],
        ['nothing.here', 1],
        ['__proto__.polluted', true],
      ] as const)
        assert.is(desk.set(key, value).ok, false, key);
      assert.equal(file(), before);
    },
    { env: { REGRANT_POOL_STRATEGY: 'fill-first' } },
  ));

test('a file that is wrong says so and changes nothing; what somebody else changed since is not undone', () =>
  withSettings(async ({ screen, dir, live, desk }) => {
    const file = dir.at('settings.json');
    assert.ok(desk.set('pool.waitSeconds', 20).ok);
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace('20', '30'));
    assert.match(desk.undo().text, /changed by somebody else since/);
    writeFileSync(file, '{ "pool": ');
    assert.is(desk.set('pool.waitSeconds', 25).ok, false);
    assert.is(live.values.pool.waitSeconds, 20);
    assert.match(desk.shown().fault ?? '', /not JSON, see line 1/);
    assert.ok(desk.shown().rows.length > 30, 'the last good ones');
    await screen.press('r');
    assert.is(readFileSync(file, 'utf8'), '{ "pool": ');
  }));

test('at 80x24 the list ends in all of the chosen setting; G and g go to its ends', () =>
  withSettings(
    async ({ screen }) => {
      await find(screen, 'scopes');
      assert.ok(screen.has('for an editor, or regrant config set'), screen.text());
      await screen.press('Escape', 'G');
      assert.ok(screen.has(/[▶>] mine\.kept/), screen.text());
      await screen.press('g');
      assert.ok(screen.has(/[▶>] proxy\.host/), screen.text());
      assert.ok(screen.rows().every(({ text }) => text.length <= 80));
    },
    { rows: 24, cols: 80 },
  ));

test('each setting of the table is a switch, a choice, a number within bounds, or for an editor', () =>
  withDirectory((dir) => {
    const kinds = new Map<string, string[]>();
    for (const { key } of settingsInEffect(settingsLayers(dir.at('settings.json'), {}))) {
      const { kind } = settingKind(settingPath(key));
      kinds.set(kind, [...(kinds.get(kind) ?? []), key]);
    }
    const of = (kind: string): string[] => kinds.get(kind) ?? [];
    assert.equal([of('switch').includes('ui.mouse'), of('choice').includes('notify.format')], [true, true]);
    assert.ok(of('number').includes('proxy.replayBytes') && of('number').length >= 12, of('number').join());
    assert.equal(
      of('other').filter((key) => /Seconds$|Bytes$|Days$|^ui\./.test(key)),
      [],
    );
    assert.equal(settingKind(['accounts', 'a@b.c', 'maxInFlight']), { kind: 'number', least: 0, most: 1_000_000 });
    assert.equal(settingKind(['constructor', 'name']), { kind: 'other' });
  }));

test.run();
