import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withApp } from '../../support/app.js';

const PG = 'node_modules/pg/';

test('without `database.url` nothing of the client for PostgreSQL is loaded; with it, it is', () =>
  withApp({}, async (app) => {
    const loaded = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> => {
      const { stdout, stderr } = await app.run(args, { env: { NODE_DEBUG: 'module', ...env } });
      return `${stdout}${stderr}`.includes(PG);
    };
    const url = { REGRANT_DATABASE_URL: 'postgres://127.0.0.1:1/none' };
    assert.equal([await loaded(['doctor'], {}), await loaded(['doctor'], url)], [false, true]);
    const running = await app.headless({ NODE_DEBUG: 'module' });
    const { stdout, stderr } = await running.stop();
    assert.not.ok(`${stdout}${stderr}`.includes(PG));
  }));

test.run();
