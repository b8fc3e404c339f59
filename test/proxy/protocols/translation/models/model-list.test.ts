import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  geminiModelList,
  listedModels,
  sharedModelList,
} from '../../../../../src/proxy/protocols/translation/models/model-list.js';

const list = {
  models: [
    { name: 'models/gemini-3-pro', displayName: 'Gemini 3 Pro', outputTokenLimit: 65_536 },
    { name: 'models/gemini-2.5-flash', outputTokenLimit: 65_536 },
    { name: 'models/claude-opus-4-5' },
  ],
  nextPageToken: 'x',
};
const settings = { aliases: { 'claude-*': 'gemini-3-pro', sonnet: 'gemini-3-pro' }, hidden: ['*flash'] };

test('what is hidden is not listed, exact aliases are, and patterns are not', () => {
  assert.equal(
    listedModels(list, settings).map(({ id, aliasOf }) => [id, aliasOf]),
    [
      ['gemini-3-pro', null],
      ['claude-opus-4-5', null],
      ['sonnet', 'gemini-3-pro'],
    ],
  );
});

test("an alias is in Google's list what its model is there", () => {
  assert.equal(geminiModelList(list, settings), {
    nextPageToken: 'x',
    models: [
      list.models[0],
      list.models[2],
      { name: 'models/sonnet', displayName: 'sonnet', outputTokenLimit: 65_536 },
    ],
  });
});

test('an alias that is called like a model is listed once, and an alias of a hidden model not at all', () => {
  const both = { aliases: { 'gemini-3-pro': 'claude-opus-4-5', fast: 'gemini-2.5-flash' }, hidden: ['*flash'] };
  assert.equal(
    listedModels(list, both).map(({ id, aliasOf }) => [id, aliasOf]),
    [
      ['gemini-3-pro', 'claude-opus-4-5'],
      ['claude-opus-4-5', null],
    ],
  );
});

test('one list is read by both SDKs', () => {
  const shared = sharedModelList(listedModels(list, settings));
  assert.equal(
    { ...shared, data: null },
    { object: 'list', data: null, has_more: false, first_id: 'gemini-3-pro', last_id: 'sonnet' },
  );
  assert.equal((shared.data as unknown[])[0], {
    ...{ id: 'gemini-3-pro', object: 'model', type: 'model', display_name: 'Gemini 3 Pro', owned_by: 'google' },
    ...{ created: 0, created_at: '1970-01-01T00:00:00Z' },
  });
  assert.equal(sharedModelList([]), { object: 'list', data: [], has_more: false, first_id: null, last_id: null });
});

test('a list that is none is empty', () => {
  for (const value of [null, 1, {}, { models: 'x' }, { models: [null, {}, { name: 1 }] }])
    assert.equal(listedModels(value, { aliases: {}, hidden: [] }), []);
});

test.run();
