import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelGroup } from '../../../src/proxy/subject/model-group.js';
import { protectedAfter, protectionOf } from '../../../src/proxy/pool/quota-protection.js';
import { accountOf } from '../../../src/store/accounts/account.js';
import { account } from '../../support/directory.js';

const now = Date.UTC(2026, 10, 23, 12);
const later = new Date(now + 3600_000).toISOString();
const passed = new Date(now - 1).toISOString();
const rules = { enabled: true, thresholdPercent: 10, models: [] as string[] };
const off = { ...rules, enabled: false };
const left = (name: string, percentage: number, reset_time: string = later) => ({ name, percentage, reset_time });
const read = (name: string, percentage: number) => ({ name, percentage, resetTime: later });
const accountWith = (models: object[], protected_models: string[] = []) =>
  accountOf(account({ quota: { models }, protected_models }), 'a1');

test('a model with less than the threshold is kept until its reset, one at the threshold is not', () => {
  const anna = accountWith([left('gemini-2.5-pro', 9), left('gemini-2.5-flash', 10)]);
  assert.equal(protectionOf(anna, rules, now), { models: ['gemini-2.5-pro'], until: now + 3600_000 });
  assert.equal(protectionOf(anna, rules, now + 3600_000), { models: [], until: null });
  assert.equal(protectionOf(anna, off, now), { models: [], until: null });
});

test('what another program marked counts although nothing is switched on, until the reset that the file names', () => {
  const anna = accountWith([left('claude-sonnet-4', 3)], ['claude', 'gemini-3-pro-high']);
  assert.equal(protectionOf(anna, off, now).models, ['claude', 'gemini-3-pro-high']);
  assert.equal(protectionOf(anna, off, now + 3600_000).models, ['gemini-3-pro-high']);
});

test('a quota that was to be reset by now says nothing any more', () => {
  assert.equal(protectionOf(accountWith([left('gemini-2.5-pro', 0, passed)]), rules, now).models, []);
  assert.equal(protectionOf(accountWith([left('gemini-2.5-pro', 0, '')]), rules, now), {
    models: ['gemini-2.5-pro'],
    until: null,
  });
});

test('only the models that are named are protected, by their own name or by their group’s', () => {
  const anna = accountWith([left('gemini-2.5-pro', 1), left('claude-opus-4', 1), left('gemini-2.5-flash', 1)]);
  assert.equal(protectionOf(anna, { ...rules, models: ['gemini-2.5-pro', 'claude'] }, now).models, [
    'gemini-2.5-pro',
    'claude-opus-4',
  ]);
});

test('a reading marks what is low, releases what is not, and leaves alone what it knows nothing of', () => {
  const reading = [read('gemini-2.5-pro', 4), read('gemini-2.5-flash', 80), read('claude-opus-4', 0)];
  const before = ['claude', 'gemini-2.5-flash', 'gemini-3-flash', 'a-model-of-theirs'];
  assert.equal(protectedAfter(reading, before, rules), [
    'gemini-2.5-pro',
    'claude-opus-4',
    'claude',
    'a-model-of-theirs',
  ]);
  assert.equal(protectedAfter(reading, ['claude'], { ...rules, models: ['gemini-2.5-flash'] }), ['claude']);
});

const bucket = (bucket_id: string, remaining_fraction: number, reset_time: string = later) => ({
  ...{ bucket_id, remaining_fraction, reset_time },
  window: bucket_id.split('-').at(-1),
});
const gemini = (...buckets: object[]) => ({ display_name: 'Gemini Models', buckets });
const others = (...buckets: object[]) => ({ display_name: 'Claude and GPT models', buckets });

/** What a file's groups say, by which rules, and whether these models are spared. */
const groupTable: readonly (readonly [
  what: string,
  groups: readonly object[],
  over: Partial<typeof rules>,
  spared: readonly string[],
  served: readonly string[],
])[] = [
  [
    'an empty week',
    [gemini(bucket('gemini-weekly', 0), bucket('gemini-5h', 1))],
    {},
    ['gemini-2.5-pro', 'gemini-3-flash', 'gemini-9-new-flash'],
    ['claude-sonnet-4'],
  ],
  [
    'nearly nothing left of a week',
    [gemini(bucket('gemini-weekly', 0.05), bucket('gemini-5h', 1))],
    {},
    ['gemini-2.5-pro'],
    ['claude-sonnet-4'],
  ],
  [
    'an empty week of the others',
    [others(bucket('3p-weekly', 0))],
    {},
    ['claude-sonnet-4', 'gpt-oss-120b'],
    ['gemini-2.5-pro'],
  ],
  ['empty five hours', [gemini(bucket('gemini-weekly', 1), bucket('gemini-5h', 0))], {}, ['gemini-2.5-pro'], []],
  [
    'few of five hours left',
    [gemini(bucket('gemini-weekly', 1), bucket('gemini-5h', 0.05))],
    {},
    [],
    ['gemini-2.5-pro'],
  ],
  ['a week that is reset by now', [gemini(bucket('gemini-weekly', 0, passed))], {}, [], ['gemini-2.5-pro']],
  ['a switch that is off', [gemini(bucket('gemini-weekly', 0))], { enabled: false }, [], ['gemini-2.5-pro']],
  [
    'protection of one model only',
    [gemini(bucket('gemini-weekly', 0))],
    { models: ['gemini-2.5-pro'] },
    ['gemini-2.5-pro'],
    ['gemini-2.5-flash'],
  ],
  [
    'a week without a group name',
    [{ buckets: [bucket('gemini-weekly', 0)] }],
    {},
    ['gemini-2.5-pro'],
    ['claude-sonnet-4'],
  ],
  [
    'buckets that make no sense',
    [gemini({ bucket_id: 7 }, { remaining_fraction: 'x' }), { buckets: 3 }],
    {},
    [],
    ['gemini-2.5-pro'],
  ],
];

for (const [what, quota_groups, over, spared, served] of groupTable) {
  test(`${what}: ${spared.length === 0 ? 'nothing is spared' : `${spared.join(', ')} is spared`}`, () => {
    const models = ['gemini-2.5-pro', 'gemini-2.5-flash', 'claude-sonnet-4', 'gpt-oss-120b'].map((name) =>
      left(name, 90),
    );
    const anna = accountOf(account({ quota: { models, quota_groups } }), 'a1');
    const kept = protectionOf(anna, { ...rules, ...over }, now).models;
    const isKept = (model: string): boolean => kept.includes(model) || kept.includes(modelGroup(model));
    assert.equal(
      spared.filter((model) => !isKept(model)),
      [],
      'spared',
    );
    assert.equal(served.filter(isKept), [], 'served');
  });
}

test('a group is released at the reset of its empty bucket', () => {
  const anna = accountOf(account({ quota: { models: [], quota_groups: [gemini(bucket('gemini-weekly', 0))] } }), 'a1');
  assert.is(protectionOf(anna, rules, now).until, now + 3600_000);
  assert.equal(protectionOf(anna, rules, now + 3600_000), { models: [], until: null });
});

test.run();
