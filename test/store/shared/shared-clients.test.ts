/** OAuth clients and the API key that boxes share. */
import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LiveSettings } from '../../../src/store/settings/live-settings.js';
import { settingsLayers } from '../../../src/store/settings/settings.js';
import { SettingsError } from '../../../src/store/settings/settings-error.js';
import { fillFromFiles } from '../../../src/store/shared/fill-from-files.js';
import { ClientsInDatabase } from '../../../src/store/shared/shared-clients.js';
import { setClock } from '../../support/clock.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';
import { testOnPostgres } from '../../support/postgres.js';
import { type BoxAtPool, until, withBoxes } from '../../support/shared-pool.js';

const fromFile = {
  oauth: {
    clients: { default: { id: 'id-of-file', secret: 'secret-of-file' }, desk: { id: 'desk', secret: '' } },
    defaultClient: 'desk',
  },
  proxy: { apiKey: 'sk-of-the-file', port: 8046 },
};
const clientsOn = (
  { database, listening, sealing, name: box }: BoxAtPool,
  dir: DataDirectory,
  env: NodeJS.ProcessEnv = {},
): Promise<ClientsInDatabase> =>
  ClientsInDatabase.open({ database, listening, sealing, box, file: dir.at('settings.json'), env });
const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

testOnPostgres('the database is filled where it is empty; then its clients and key count, and no file', (server) =>
  withBoxes(server, ['a'], (a) =>
    withDirectory(async (dir) => {
      await dir.settings({
        oauth: { clients: { default: { id: 'x', secret: 'y' } } },
        proxy: { apiKey: 'sk-own', port: 9 },
      });
      const fill = async (settings: Record<string, unknown>, keys: object): Promise<unknown> => {
        writeFileSync(dir.at('first.json'), JSON.stringify(settings));
        writeFileSync(dir.at('keys.json'), JSON.stringify({ schema: 1, keys }));
        const places = { settings: dir.at('first.json'), keys: dir.at('keys.json') };
        return fillFromFiles(a.database, a.sealing, places, {});
      };
      const ci = { sha256: 'a'.repeat(64) };
      assert.equal(await fill(fromFile, { ci }), {
        settings: ['oauth.clients.default', 'oauth.clients.desk', 'oauth.defaultClient', 'proxy.apiKey'],
        keys: ['ci'],
      });
      const other = { oauth: { clients: { default: { id: 'other', secret: '' } } } };
      assert.equal(await fill(other, { ci: { sha256: 'b'.repeat(64) } }), { settings: [], keys: [] });
      const { values } = await clientsOn(a, dir);
      const { settings } = settingsLayers(dir.at('settings.json'), {}, values);
      assert.equal([settings.oauth.clients, settings.oauth.defaultClient], [fromFile.oauth.clients, 'desk']);
      assert.equal([settings.proxy.apiKey, settings.proxy.port], ['sk-of-the-file', 9]);
      const env = { REGRANT_PROXY_API_KEY: 'sk-of-the-box', REGRANT_OAUTH_CLIENTS_DESK_SECRET: 'boxed' };
      const here = settingsLayers(dir.at('settings.json'), env, values).settings;
      assert.equal([here.proxy.apiKey, here.oauth.clients.desk?.secret], ['sk-of-the-box', 'boxed']);
      const secrets = await server.sql<{ text: string }>(
        `select encode(secret, 'escape') as text from "${a.schema}".setting`,
      );
      assert.is(secrets.length, 4);
      for (const { text } of secrets) assert.not.match(text, /secret-of-file|sk-of-the-file|id-of-file/);
    }),
  ),
);

testOnPostgres('a client or a key that one box saves counts on the other at once, as if a file had changed', (server) =>
  withBoxes(server, ['a', 'b'], (a, b) =>
    withDirectory(async (dir) => {
      const [here, there] = [await clientsOn(a, dir), await clientsOn(b, dir)];
      // made by whoever came first
      assert.match(here.values.proxy.apiKey, /^sk-.{32}$/);
      assert.is(there.values.proxy.apiKey, here.values.proxy.apiKey);
      const parts = { file: dir.at('settings.json'), env: {}, clock: setClock(), shared: there };
      const live = new LiveSettings(parts, settingsLayers(parts.file, {}, there.values).settings);
      const changed: string[] = [];
      live.onChange((keys) => changed.push(...keys));
      live.start();
      const saved = await here.saveClient({ name: 'default', id: 'id-1', secret: 'secret-1' });
      assert.equal(saved.clients.default, { id: 'id-1', secret: 'secret-1' });
      const tookMs = await until(() => live.values.oauth.clients.default?.id === 'id-1');
      await here.saveApiKey('sk-another-key-for-everybody-here');
      await here.addClient({ name: 'came-along', id: 'id-2', secret: 'secret-2' });
      await until(() => live.values.oauth.clients['came-along']?.id === 'id-2');
      assert.is(live.values.proxy.apiKey, 'sk-another-key-for-everybody-here');
      assert.equal(new Set(changed), new Set(['oauth.clients', 'proxy.apiKey']));
      assert.ok(tookMs < 250, `${tookMs}`);
      live.stop();
    }),
  ),
);

testOnPostgres(
  'what is not allowed, what the environment says, and a database that is away are one line each',
  (server) =>
    withBoxes(server, ['a'], (a) =>
      withDirectory(async (dir) => {
        const clients = await clientsOn(a, dir, { REGRANT_PROXY_API_KEY: 'sk-of-the-box' });
        assert.match(String(await thrown(clients.saveApiKey('sk-x'))), /REGRANT_PROXY_API_KEY says which key it is/);
        assert.instance(await thrown(clients.saveClient({ name: 'No Name', id: 'i', secret: '' })), SettingsError);
        await a.database.run(`insert into {setting} (key, secret) values ('oauth.clients.hand', 'nothing that opens')`);
        await until(() => clients.unreadable.includes('oauth.clients.hand'));
        assert.not.ok(Object.hasOwn(clients.values.oauth.clients, 'hand'));
        await server.stop('fast');
        assert.match(
          String(await thrown(clients.addClient({ name: 'n', id: 'i', secret: '' }))),
          /has to be kept there$/,
        );
      }),
    ),
);

test.run();
