import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configCheck, configPath, configSet, configShow } from '../../../src/commands/settings/config.js';
import type { Context, CommandArguments } from '../../../src/commands/context.js';
import { withDirectory } from '../../support/directory.js';
import { runVerb, type Said } from '../../support/verb.js';

const test = suite('config');
type Code = (context: Context, given: CommandArguments) => Promise<number>;
const run = (dataDir: string, code: Code, words: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Said> =>
  runVerb((context) => code({ ...context, env }, { words, options: { json: true } }), dataDir);
interface Shown {
  readonly schema: number;
  readonly settings: readonly { readonly key: string; readonly value: unknown; readonly from: string }[];
}
const shown = async (dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<(key: string) => unknown[]> => {
  const { settings } = JSON.parse((await run(dataDir, configShow, [], env)).stdout) as Shown;
  return (key) => settings.filter((row) => row.key === key).flatMap(({ value, from }) => [value, from]);
};

test('show names each value and where it comes from, secrets masked; it makes nothing', () =>
  withDirectory(async (dir) => {
    const nowhere = dir.at('not-there');
    assert.equal((await shown(nowhere))('proxy.port'), [8045, 'default']);
    assert.not(existsSync(nowhere));
    await dir.settings({ proxy: { apiKey: 'sk-very-secret' }, pool: { stickySeconds: 60 } });
    const row = await shown(dir.path, { REGRANT_PROXY_PORT: '9000' });
    assert.equal(row('proxy.port'), [9000, 'environment']);
    assert.equal(row('pool.stickySeconds'), [60, 'file']);
    assert.equal(row('proxy.apiKey'), ['(not shown)', 'file']);
  }));

test('set keeps one key, JSON or text, a dot in a name escaped; what is not allowed changes nothing', () =>
  withDirectory(async (dir) => {
    await dir.settings({ mine: { kept: 1 } });
    assert.is((await run(dir.path, configSet, ['proxy.port', '9001'])).status, 0);
    assert.is((await run(dir.path, configSet, ['pool.strategy', 'fill-first'])).status, 0);
    assert.is((await run(dir.path, configSet, ['accounts.bob@example\\.com.label', 'Bob'])).status, 0);
    const file = dir.at('settings.json');
    const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    assert.equal(json.proxy, { port: 9001 });
    assert.equal(json.accounts, { 'bob@example.com': { label: 'Bob' } });
    assert.equal(json.mine, { kept: 1 });
    const before = readFileSync(file, 'utf8');
    for (const words of [
      ['proxy.port', 'many'],
      ['nothing.here', '1'],
      ['proxy', '{}'],
      ['pool.strategy', 'wish'],
      // a name that no setting has, or a dot that was not escaped, would change nothing but the file
      ...['proxy.prot', 'ui.', '', 'models.hidden.0', 'accounts.bob@example.com.label', 'oauth.clients.a.name'].map(
        (key) => [key, '1'],
      ),
    ]) {
      try {
        await run(dir.path, configSet, words);
        assert.unreachable(words.join(' '));
      } catch (error) {
        assert.is((error as { code?: string }).code, 'SETTINGS', words.join(' '));
      }
      assert.is(readFileSync(file, 'utf8'), before);
    }
  }));

test('set takes digits as the text that a text setting wants, a whole map, and an e-mail without its case', () =>
  withDirectory(async (dir) => {
    await dir.settings({ accounts: { 'Bob@Example.com': { label: 'Bob' } } });
    for (const words of [
      ['notify.chatId', '-1001234567890123456789'],
      ['oauth.clients.own.id', '42'],
      ['accounts.bob@example\\.COM.priority', '3'],
      ['accounts.BOB@example\\.com.label', 'true'],
      ['models.aliases', '{"a.b":"gemini-x"}'],
    ])
      assert.is((await run(dir.path, configSet, words)).status, 0, words.join(' '));
    assert.equal(JSON.parse(readFileSync(dir.at('settings.json'), 'utf8')), {
      accounts: { 'Bob@Example.com': { label: 'true', priority: 3 } },
      notify: { chatId: '-1001234567890123456789' },
      oauth: { clients: { own: { id: '42' } } },
      models: { aliases: { 'a.b': 'gemini-x' } },
    });
    assert.is((await run(dir.path, configSet, ['accounts', '{}'])).status, 0);
  }));

test('check says the line of what is no JSON, and the key of what is not allowed (exit 2)', () =>
  withDirectory(async (dir) => {
    await dir.settings({ proxy: { port: 1 } });
    assert.is((await run(dir.path, configCheck)).status, 0);
    writeFileSync(dir.at('settings.json'), '{\n  "proxy": {\n    port: 1\n');
    const torn = await run(dir.path, configCheck);
    assert.equal([torn.status, torn.stdout.includes('line 3')], [2, true], torn.stdout);
    await dir.settings({ proxy: { port: 'x' } });
    const wrong = await run(dir.path, configCheck);
    assert.equal([wrong.status, wrong.stdout.includes('proxy.port')], [2, true], wrong.stdout);
    assert.match((await run(dir.path, configPath)).stdout, /settings\.json/);
    await dir.settings({});
    writeFileSync(dir.at('keys.json'), '{"schema":1,"keys":{"ci":{"sha256":5}}}');
    const keys = await run(dir.path, configCheck);
    assert.equal([keys.status, keys.stdout.includes('keys.ci.sha256')], [2, true], keys.stdout);
    // while a supervisor runs a file that is gone is a fault; before the first start there need not be any
    rmSync(dir.at('keys.json'));
    rmSync(dir.at('settings.json'));
    assert.is((await run(dir.path, configCheck)).status, 0);
    mkdirSync(dir.at('state'), { recursive: true });
    writeFileSync(dir.at('state/lock'), JSON.stringify({ pid: process.pid }));
    const gone = await run(dir.path, configCheck);
    assert.equal([gone.status, gone.stdout.includes('settings.json is gone')], [2, true], gone.stdout);
  }));

test.run();
