/** Google's own SDK, unmodified, with Code Assist behind the proxy. */
import { GoogleGenAI } from '@google/genai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, type House, withHouse } from '../../support/house.js';

const model = 'gemini-2.5-flash';
const sentence =
  'A refresh token is a promise that its owner can take back at any time. Until then it buys an hour at a time.';
const ann = {
  id: 'ann',
  email: 'ann@example.com',
  refreshToken: '1//0ann-refresh-token',
  token: { project_id: undefined },
};
const fresh = '1//0ann-second-refresh-token';

/** One account, whose file names no project. */
const house = (use: (running: House, sdk: GoogleGenAI) => Promise<void>): Promise<void> =>
  withHouse(
    {
      accounts: [ann],
      prepare: async (google, dir) => {
        google.grant(ann.refreshToken, { email: ann.email });
        google.grant(fresh, { email: ann.email });
        await dir.settings({
          proxy: { port: 0, apiKey: API_KEY },
          oauth: {
            clients: { default: { id: 'x', secret: 'y' } },
            tokenUrl: google.tokenUrl,
            userInfoUrl: google.userInfoUrl,
          },
          upstream: { kind: 'cloudcode', baseUrls: [google.url] },
        });
      },
    },
    (running) =>
      use(
        running,
        new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl: `http://${running.supervisor.address}` } }),
      ),
  );

test('it generates, streams, counts and lists; the project that Google names is saved', () =>
  house(async (running, sdk) => {
    assert.is((await sdk.models.generateContent({ model, contents: 'hi' })).text, sentence);
    const parts: string[] = [];
    for await (const part of await sdk.models.generateContentStream({ model, contents: 'hi' }))
      parts.push(part.text ?? '');
    assert.ok(parts.length > 1);
    assert.is(parts.join(''), sentence);
    assert.ok(((await sdk.models.countTokens({ model, contents: 'hi' })).totalTokens ?? 0) > 0);
    const names: string[] = [];
    for await (const { name } of await sdk.models.list()) names.push(name ?? '');
    assert.ok(names.includes(`models/${model}`));
    assert.is((await sdk.models.get({ model })).name, `models/${model}`);
    const asked = running.google.calls.gemini.map(({ path }) => path.replace('/v1internal:', ''));
    assert.is(asked.filter((path) => path === 'loadCodeAssist').length, 1);
    await running.store.accounts.flush();
    assert.is((await running.dir.read('ann')).token.project_id, 'project-of-ann');
  }));

test('a re-add is proven by the free call of Code Assist', () =>
  house(async (running) => {
    const steps: string[] = [];
    const request = { accountId: 'ann', refreshToken: fresh, client: null, otherAccount: 'ask' } as const;
    await running.supervisor.operations.readd(request, ({ step, status, text }) =>
      steps.push(`${step} ${status} ${text}`),
    );
    await running.until(() => steps.some((step) => /^upstream (done|warning)/.test(step)));
    assert.ok(steps.includes('upstream done models list 200'), steps.join('\n'));
    assert.ok(running.google.calls.gemini.every(({ path }) => path.startsWith('/v1internal:')));
  }));

test.run();
