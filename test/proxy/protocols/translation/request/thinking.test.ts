import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answeringModel } from '../../../../../src/proxy/protocols/translation/models/answering-model.js';
import { type Effort, thinkingConfig } from '../../../../../src/proxy/protocols/translation/request/thinking.js';
import { geminiTakes } from '../../../../support/strict-gemini.js';

const gemini = (name: string) => answeringModel(name, name, 'gemini');
const codeAssist = (name: string) => answeringModel(name, name, 'cloudcode');
const shown = { thoughtsShown: true };
const hidden = { thoughtsShown: false };

test('Gemini 3 is told a level, and the efforts it does not know are the nearest it does', () => {
  const levels = Object.entries({
    ...{ none: 'minimal', minimal: 'minimal', low: 'low', medium: 'medium' },
    ...{ high: 'high', xhigh: 'high', max: 'high' },
  }) as [Effort, string][];
  for (const [effort, thinkingLevel] of levels)
    assert.equal(thinkingConfig({ effort, ...hidden }, gemini('gemini-3-pro'), undefined), { thinkingLevel });
});

test('Gemini 3 is told a level for a budget too, and an effort beside it decides', () => {
  const told = (budget: number, effort?: Effort) =>
    thinkingConfig({ budget, effort, ...shown }, gemini('gemini-3.1-pro'), 100)?.thinkingLevel;
  assert.equal(
    [0, 1_024, 10_000, 31_999].map((budget) => told(budget)),
    ['minimal', 'low', 'medium', 'high'],
  );
  assert.is(told(31_999, 'low'), 'low');
});

test('Gemini 2.5 and all of Code Assist are told a budget', () => {
  const of = (model: ReturnType<typeof gemini>, effort: Effort) =>
    thinkingConfig({ effort, ...shown }, model, undefined);
  assert.equal(of(gemini('gemini-2.5-pro'), 'low'), { thinkingBudget: 1_024, includeThoughts: true });
  assert.equal(of(codeAssist('gemini-3-pro'), 'high'), { thinkingBudget: 24_576, includeThoughts: true });
  assert.equal(of(codeAssist('claude-sonnet-4-5'), 'medium'), { thinkingBudget: 8_192, includeThoughts: true });
});

test('a budget keeps within what the model takes', () => {
  const budgetOf = (name: string, budget: number) =>
    thinkingConfig({ budget, ...hidden }, gemini(name), undefined)?.thinkingBudget;
  assert.is(budgetOf('gemini-2.5-pro', 31_999), 31_999);
  assert.is(budgetOf('gemini-2.5-pro', 63_999), 32_768);
  assert.is(budgetOf('gemini-2.5-pro', 1), 128);
  assert.is(budgetOf('gemini-2.5-flash', 63_999), 24_576);
  assert.is(budgetOf('gemini-2.5-flash-lite', 100), 512);
});

test('no thinking is a budget of 0, where thinking can be turned off', () => {
  const none = (name: string) => thinkingConfig({ effort: 'none', ...hidden }, gemini(name), undefined);
  assert.equal(none('gemini-2.5-flash'), { thinkingBudget: 0 });
  assert.equal(none('gemini-2.5-pro'), { thinkingBudget: 128 });
});

test('a budget stays below the most tokens, and where none is left there none is sent', () => {
  const of = (name: string, most: number) => thinkingConfig({ budget: 8_000, ...shown }, gemini(name), most);
  assert.equal(of('gemini-2.5-pro', 4_096), { thinkingBudget: 4_095, includeThoughts: true });
  assert.equal(of('gemini-2.5-pro', 128), { includeThoughts: true });
  assert.equal(of('gemini-2.5-flash-lite', 512), undefined);
  assert.equal(of('gemini-2.5-flash', 2), { thinkingBudget: 1, includeThoughts: true });
});

test('thoughts alone can be asked for, and a model that does not think is told nothing', () => {
  assert.equal(thinkingConfig(shown, gemini('gemini-3-flash'), 10), { includeThoughts: true });
  assert.is(thinkingConfig(hidden, gemini('gemini-3-flash'), 10), undefined);
  for (const name of ['gemini-2.0-flash', 'gemma-3-27b-it', 'gemini-2.5-flash-image', 'unheard-of'])
    assert.is(thinkingConfig({ effort: 'high', ...shown }, gemini(name), 10), undefined);
});

test('whatever is asked for, Gemini takes what comes of it', () => {
  const efforts = fc.constantFrom<(Effort | undefined)[]>(
    'none',
    'minimal',
    'low',
    'medium',
    'high',
    'xhigh',
    'max',
    undefined,
  );
  const tokens = fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined });
  const names = ['gemini-3-pro', 'gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite', 'claude-opus-4-5'];
  const wanted = fc.record({ effort: efforts, budget: tokens, thoughtsShown: fc.boolean() });
  fc.assert(
    fc.property(wanted, tokens, fc.constantFrom(...names), fc.boolean(), (want, most, model, isCodeAssist) => {
      const answering = isCodeAssist || model.startsWith('claude') ? codeAssist(model) : gemini(model);
      const config = thinkingConfig(want, answering, most);
      geminiTakes(
        {
          contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
          generationConfig: { maxOutputTokens: most, thinkingConfig: config },
        },
        { model, codeAssist: isCodeAssist },
      );
    }),
  );
});

test.run();
