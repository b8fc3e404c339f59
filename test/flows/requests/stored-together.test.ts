/** What one client stores comes to lie together, so that it can be used together: one account a project, every strategy. */
import { GoogleGenAI } from '@google/genai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, type House, withHouse } from '../../support/house.js';

const model = 'gemini-2.5-flash';
const ids = ['ann', 'bob', 'cy', 'dee', 'eve'];
const grantOf = (id: string): string => `1//0grant-of-${id}-abc`;
const ROUNDS = 20;

const house = (strategy: string, use: (running: House, sdk: GoogleGenAI) => Promise<void>): Promise<void> =>
  withHouse(
    {
      accounts: ids.map((id) => ({ id, email: `${id}@example.com`, refreshToken: grantOf(id) })),
      settings: { pool: { strategy } },
      prepare: (google) => {
        for (const id of ids) google.grant(grantOf(id), { email: `${id}@example.com` });
      },
    },
    (running) =>
      use(
        running,
        new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl: `http://${running.supervisor.address}` } }),
      ),
  );

const upload = async (sdk: GoogleGenAI): Promise<{ name: string; uri: string }> => {
  const { name = '', uri = '' } = await sdk.files.upload({
    file: new Blob([Buffer.alloc(500, 'regrant')]),
    config: { mimeType: 'text/plain' },
  });
  return { name, uri };
};

const prompt = (...uris: string[]) => [
  {
    role: 'user',
    parts: [...uris.map((fileUri) => ({ fileData: { fileUri, mimeType: 'text/plain' } })), { text: 'Say.' }],
  },
];

for (const strategy of ['round-robin', 'least-busy', 'fill-first']) {
  test(`two uploads in one prompt, a file and a cache, a chain of interactions: ${ROUNDS} of ${ROUNDS} (${strategy})`, () =>
    house(strategy, async ({ google }, sdk) => {
      for (let round = 0; round < ROUNDS; round++) {
        const first = await upload(sdk);
        // other traffic turns the pool on meanwhile
        await sdk.models.generateContent({ model, contents: 'hi' });
        const second = await upload(sdk);
        assert.ok((await sdk.models.generateContent({ model, contents: prompt(first.uri, second.uri) })).text);
        const { name: cachedContent = '' } = await sdk.caches.create({
          model,
          config: { contents: prompt(first.uri) },
        });
        const both = { model, contents: prompt(second.uri), config: { cachedContent } };
        assert.ok((await sdk.models.generateContent(both)).text);
        await chain(sdk);
      }
      const projects = google.calls.gemini
        .filter(({ path }) => path.startsWith('/upload/'))
        .map(({ project }) => project);
      assert.is(new Set(projects).size, 1, 'all that the client uploaded');
    }));
}

/** Three that go on from one another, the second one as a stream. */
async function chain(sdk: GoogleGenAI): Promise<void> {
  const first = await sdk.interactions.create({ model, input: 'hi' });
  const stream = await sdk.interactions.create({ model, input: 'on', previous_interaction_id: first.id, stream: true });
  let id = '';
  for await (const event of stream) if ('interaction' in event) ({ id } = event.interaction);
  const third = await sdk.interactions.create({ model, input: 'on', previous_interaction_id: id });
  assert.is((await sdk.interactions.get(third.id)).id, third.id);
}

test('two uploads that begin at once come to lie together too', () =>
  house('round-robin', async (_running, sdk) => {
    for (let round = 0; round < 5; round++) {
      const both = await Promise.all([upload(sdk), upload(sdk)]);
      assert.ok((await sdk.models.generateContent({ model, contents: prompt(...both.map(({ uri }) => uri)) })).text);
      for (const { name } of both) await sdk.files.delete({ name });
    }
  }));

test('where nothing is left of what a client stored, and after a restart, the next thing lies where it should', () =>
  house('round-robin', async (running, sdk) => {
    const projects = (from: number) => running.google.calls.gemini.slice(from).map(({ project }) => project);
    const first = await upload(sdk);
    const [where] = projects(0);
    await running.stop();
    await running.start();
    const again = new GoogleGenAI({
      apiKey: API_KEY,
      httpOptions: { baseUrl: `http://${running.supervisor.address}` },
    });
    const before = running.google.calls.gemini.length;
    const second = await upload(again);
    assert.equal(new Set(projects(before)), new Set([where]));
    assert.ok((await again.models.generateContent({ model, contents: prompt(first.uri, second.uri) })).text);
  }));

test.run();
