import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fits, servedModel, withoutPrefix } from '../../../../../src/proxy/protocols/translation/models/model-names.js';

const settings = (aliases: Record<string, string>, hidden: string[] = []) => ({ aliases, hidden });

test('prefixes of other makers are taken off', () => {
  for (const prefix of ['models/', 'google/', 'anthropic/', 'openai/', 'models/google/'])
    assert.is(withoutPrefix(`${prefix}gemini-3-pro`), 'gemini-3-pro');
  assert.is(withoutPrefix('meta/llama'), 'meta/llama');
});

test('an exact alias comes before patterns, and those come in their order', () => {
  const aliases = {
    'claude-*': 'gemini-3-pro',
    'claude-haiku-*': 'gemini-3-flash',
    'claude-haiku-4': 'gemini-2.5-flash',
  };
  assert.is(servedModel('claude-haiku-4', settings(aliases)), 'gemini-2.5-flash');
  assert.is(servedModel('claude-haiku-5', settings(aliases)), 'gemini-3-pro');
  assert.is(servedModel('anthropic/claude-opus', settings(aliases)), 'gemini-3-pro');
  assert.is(servedModel('gpt-5', settings(aliases)), 'gpt-5');
});

test('an alias leads to a model, never to another alias', () => {
  assert.is(servedModel('a', settings({ a: 'models/b', b: 'c' })), 'b');
});

test('a name that every object has is no alias', () => {
  assert.is(servedModel('constructor', settings({})), 'constructor');
  assert.is(servedModel('__proto__', settings({ x: 'y' })), '__proto__');
});

test('what is hidden is not served, under its own name or another', () => {
  const hiding = settings({ fast: 'gemini-2.5-flash', secret: 'gemini-3-pro' }, ['gemini-2.5-*', 'secret']);
  assert.is(servedModel('gemini-2.5-flash', hiding), null);
  assert.is(servedModel('fast', hiding), null);
  assert.is(servedModel('models/secret', hiding), null);
  assert.is(servedModel('gemini-3-pro', hiding), 'gemini-3-pro');
});

test('* stands for any characters, none included, and nothing else stands for anything', () => {
  for (const [pattern, name] of [
    ['*', ''],
    ['a*', 'a'],
    ['*-pro', 'x-pro'],
    ['a*b*c', 'a1b2b3c'],
    ['a**', 'ab'],
    ['a.c', 'a.c'],
  ] as const)
    assert.ok(fits(pattern, name), `${pattern} ${name}`);
  for (const [pattern, name] of [
    ['a*', 'ba'],
    ['*-pro', 'x-pro-1'],
    ['ab*bc', 'abc'],
    ['a.c', 'abc'],
    ['A*', 'abc'],
    ['a', 'ab'],
  ] as const)
    assert.not.ok(fits(pattern, name), `${pattern} ${name}`);
});

test('a pattern of many stars takes no time', () => {
  const start = performance.now();
  assert.not.ok(fits(`${'*a'.repeat(1_000)}b`, 'a'.repeat(10_000)));
  assert.ok(performance.now() - start < 100);
});

test.run();
