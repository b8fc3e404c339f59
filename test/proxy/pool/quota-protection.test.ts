import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { protectedAfter, protectionOf } from '../../../src/proxy/pool/quota-protection.js';
import { accountOf } from '../../../src/store/accounts/account.js';
import { account } from '../../support/directory.js';

const now = Date.UTC(2026, 10, 23, 12);
const later = new Date(now + 3600_000).toISOString();
const passed = new Date(now - 1).toISOString();
const rules = { enabled: true, thresholdPercent: 10, models: [] };
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

test.run();
