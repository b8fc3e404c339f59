/** Accounts that Code Assist never saw: set up once, waited for, saved; or out with Google's words. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { API_KEY, type House, withHouse } from '../../support/house.js';

const model = 'gemini-2.5-flash';
const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann', token: { project_id: undefined } };
const freeTier = { id: 'free-tier', isDefault: true };
const paidTier = { id: 'standard-tier', userDefinedCloudaicompanionProject: true };
const ready = { done: true, response: { cloudaicompanionProject: { id: 'made-for-ann' } } };

interface Simulated {
  readonly loaded: unknown;
  /** What comes of onboardUser, and of each question after it. */
  readonly operations?: readonly unknown[];
  readonly onboard?: boolean;
}

/** A house whose Code Assist says this of an account that it never saw. */
async function withCodeAssist(
  { loaded, operations = [], onboard = true }: Simulated,
  use: (house: House, asked: readonly string[], clock: ReturnType<typeof setClock>) => Promise<void>,
): Promise<void> {
  const clock = setClock();
  const asked: string[] = [];
  const left = [...operations];
  await withHouse(
    {
      clock,
      accounts: [ann],
      async prepare(google, dir) {
        google.grant(ann.refreshToken, { email: ann.email, expiresIn: 360_000 });
        google.upstream(({ path, body }) => {
          if (path.endsWith(':loadCodeAssist')) return { status: 200, body: loaded };
          const isOperation = path.endsWith(':onboardUser') || path.startsWith('/v1internal/');
          if (!isOperation) return undefined;
          const { tierId = '' } = (body === '' ? {} : JSON.parse(body)) as { tierId?: string };
          asked.push(`${path.replace(/^\/v1internal[:/]/, '')} ${tierId}`.trim());
          const next = left.shift() ?? {};
          return typeof next === 'number'
            ? { status: next, body: { error: { code: next, message: 'busy' } } }
            : { status: 200, body: next };
        });
        await dir.settings({
          proxy: { port: 0, apiKey: API_KEY },
          pool: { waitSeconds: 0 },
          oauth: {
            clients: { default: { id: 'x', secret: 'y' } },
            tokenUrl: google.tokenUrl,
            userInfoUrl: google.userInfoUrl,
          },
          upstream: { kind: 'cloudcode', baseUrls: [google.url], onboard },
        });
      },
    },
    (house) => use(house, asked, clock),
  );
}

/** Lets time pass until an answer is there. */
async function answered<T>(clock: ReturnType<typeof setClock>, answer: Promise<T>): Promise<T> {
  const seen = { isThere: false };
  void answer.finally(() => (seen.isThere = true)).catch(() => undefined);
  while (!seen.isThere) {
    clock.advance(500);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return answer;
}

const projectOf = async (house: House): Promise<unknown> => {
  await house.store.accounts.flush();
  return (await house.dir.read('ann')).token.project_id;
};

test('an account without a project is set up once with the default tier, asked after, and its project saved', () =>
  withCodeAssist(
    {
      loaded: { allowedTiers: [paidTier, { id: 'legacy-tier' }, freeTier] },
      operations: [{ name: 'operations/o1' }, { name: 'operations/o1', done: false }, ready],
    },
    async (house, asked, clock) => {
      const answers = await answered(clock, Promise.all([house.ask(model), house.ask(model)]));
      assert.equal(
        answers.map(({ status }) => status),
        [200, 200],
      );
      assert.equal(asked, ['onboardUser free-tier', 'operations/o1', 'operations/o1']);
      assert.is(await projectOf(house), 'made-for-ann');
      assert.is((await answered(clock, house.ask(model))).status, 200);
      assert.is(asked.length, 3);
    },
  ));

test('one that is done at once is not asked after; without a default the first usable tier is taken', () =>
  withCodeAssist(
    { loaded: { allowedTiers: [paidTier, { id: 'legacy-tier' }] }, operations: [ready] },
    async (house, asked, clock) => {
      assert.is((await answered(clock, house.ask(model))).status, 200);
      assert.equal(asked, ['onboardUser legacy-tier']);
    },
  ));

test('a setting up that takes longer is asked after by the next request, and not begun twice', () =>
  withCodeAssist(
    {
      loaded: { allowedTiers: [freeTier] },
      operations: [...Array.from({ length: 18 }, () => ({ name: 'operations/o1' })), ready],
    },
    async (house, asked, clock) => {
      assert.is((await answered(clock, house.ask(model))).status >= 429, true);
      clock.advance(60_000);
      assert.is((await answered(clock, house.ask(model))).status, 200);
      assert.equal(asked.filter((each) => each.startsWith('onboardUser')).length, 1);
      assert.is(await projectOf(house), 'made-for-ann');
    },
  ));

/** What Code Assist says of an account that it serves nothing, and the cause and words on its row. */
const shut: readonly (readonly [what: string, simulated: Simulated, cause: string, words: RegExp])[] = [
  [
    'an ineligible tier',
    { loaded: { ineligibleTiers: [{ reasonCode: 'RESTRICTED_AGE', reasonMessage: 'You must be 18 or over.' }] } },
    'subscription',
    /You must be 18 or over\./,
  ],
  [
    'a country without the service',
    { loaded: { ineligibleTiers: [{ reasonCode: 'UNSUPPORTED_LOCATION', reasonMessage: 'Not available here.' }] } },
    'precondition',
    /Not available here\./,
  ],
  [
    'an account that a human has to verify',
    {
      loaded: {
        ineligibleTiers: [
          { reasonCode: 'OTHER', reasonMessage: 'x' },
          { reasonCode: 'VALIDATION_REQUIRED', reasonMessage: 'Verify first.', validationUrl: 'https://g.co/verify' },
        ],
      },
    },
    'validation',
    /Verify first\./,
  ],
  [
    'a tier that wants a project of the owner',
    { loaded: { allowedTiers: [paidTier] } },
    'project_denied',
    /set token\.project_id/,
  ],
  [
    'a tier but no project',
    { loaded: { currentTier: { id: 'standard-tier' }, allowedTiers: [freeTier] } },
    'project_denied',
    /set token\.project_id/,
  ],
  [
    'setting up forbidden by the settings',
    { loaded: { allowedTiers: [freeTier] }, onboard: false },
    'project_denied',
    /upstream\.onboard forbids/,
  ],
];

for (const [what, simulated, cause, words] of shut) {
  test(`${what}: the account is blocked with the words, and its clients hear 403 or 503`, () =>
    withCodeAssist(simulated, async (house, asked, clock) => {
      for (let n = 0; n < 2; n++) {
        const { status } = await answered(clock, house.ask(model));
        assert.ok(status === 403 || status === 503, String(status));
      }
      assert.equal(asked, []);
      await house.store.accounts.flush();
      const row = house.supervisor.snapshot().accounts[0];
      assert.is(row?.state, 'blocked');
      assert.match(row?.reason ?? '', words);
      assert.is([...house.supervisor.listing()][0]?.cause ?? row?.cause, row?.cause);
      assert.ok(row?.cause === cause || cause === 'validation', String(row?.cause));
      if (cause === 'validation') assert.is(row?.validationUrl, 'https://g.co/verify');
    }));
}

test('an answer that passes keeps nobody out', () =>
  withCodeAssist({ loaded: { allowedTiers: [freeTier] }, operations: [503, ready] }, async (house, _asked, clock) => {
    assert.ok((await answered(clock, house.ask(model))).status >= 429);
    assert.is.not(house.state('ann'), 'blocked');
    clock.advance(15_000);
    assert.is((await answered(clock, house.ask(model))).status, 200);
  }));

test.run();
