import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { translatedMessages } from '../../../../src/proxy/protocols/anthropic/request.js';
import { thoughtSignature } from '../../../../src/proxy/protocols/anthropic/thought-signature.js';
import type { GeminiContent } from '../../../../src/proxy/protocols/translation/gemini/gemini.js';
import { callId } from '../../../../src/proxy/protocols/translation/request/signatures.js';
import { freshSignature, geminiTakes } from '../../../support/strict-gemini.js';
import { type Around, contextOf } from '../../../support/translation.js';

const go = { role: 'user', content: 'go' };
const call = (id: string, input: object = {}) => ({ type: 'tool_use', id, name: 'f', input });
const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } };
const pictured = { inlineData: { mimeType: 'image/png', data: 'aGk=' } };

function contentsOf(messages: readonly object[], around: Around = {}): readonly GeminiContent[] {
  const { body } = translatedMessages({ model: 'm', max_tokens: 9_000, messages }, contextOf(around));
  geminiTakes(body, { model: around.model ?? 'gemini-3-pro', codeAssist: around.kind === 'cloudcode' });
  return body.contents;
}

/** The last turn, after one call for each of the results. */
function answered(...results: readonly object[]): GeminiContent | undefined {
  const calls = results.map((_, at) => call(`t${at}`));
  const content = results.map((result, at) => ({ type: 'tool_result', tool_use_id: `t${at}`, ...result }));
  return contentsOf([go, { role: 'assistant', content: calls }, { role: 'user', content }]).at(-1);
}
const response = (id: string, said: object) => ({ functionResponse: { id, name: 'f', response: said } });

test('pictures and documents are data, a text document is text, and an address is left to Google', () => {
  const source = (one: object) => ({ type: 'document', source: one });
  const content = [
    picture,
    source({ type: 'base64', media_type: 'application/pdf', data: 'cGRm' }),
    source({ type: 'text', media_type: 'text/plain', data: 'written' }),
    source({ type: 'url', url: 'https://example.com/a.pdf' }),
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    source({ type: 'content', content: [{ type: 'text', text: 'inner' }] }),
    { type: 'search_result', source: 'https://x.example', title: 'X', content: [{ type: 'text', text: 'found' }] },
  ];
  assert.equal(contentsOf([{ role: 'user', content }])[0]?.parts, [
    pictured,
    { inlineData: { mimeType: 'application/pdf', data: 'cGRm' } },
    { text: 'written' },
    { fileData: { fileUri: 'https://example.com/a.pdf', mimeType: 'application/pdf' } },
    { fileData: { fileUri: 'https://example.com/a.png' } },
    { text: 'inner' },
    { text: 'X\nhttps://x.example\nfound' },
  ]);
});

test('a result is always a text, an error one under its own name, and what is no text follows all results', () => {
  const blocks = [{ type: 'text', text: 'one' }, picture, { type: 'text', text: 'two' }];
  assert.equal(answered({ content: blocks }, { content: 'bad', is_error: true }, {}, { content: [picture] })?.parts, [
    response('t0', { output: 'one\ntwo' }),
    response('t1', { error: 'bad' }),
    response('t2', { output: '' }),
    response('t3', { output: 'see the attachment' }),
    pictured,
    pictured,
  ]);
});

test('JSON in a result stays text, $ref and all', () => {
  const content = JSON.stringify({ $ref: '#/components/schemas/Pet', type: 'object' });
  assert.equal(answered({ content })?.parts, [response('t0', { output: content })]);
});

test('a document beside results comes after them', () => {
  const document = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'cGRm' } };
  const content = [document, { tool_use_id: 't', content: 'ok', type: 'tool_result' }];
  const turn = contentsOf([go, { role: 'assistant', content: [call('t')] }, { role: 'user', content }]).at(-1);
  assert.equal(turn?.parts, [
    response('t', { output: 'ok' }),
    { inlineData: { mimeType: 'application/pdf', data: 'cGRm' } },
  ]);
});

test('a call goes back with the signature that its id carries, of 16,000 characters too', () => {
  const signature = freshSignature(16_000);
  const id = callId('toolu_', '0123456789abcdef01', signature);
  const [, model, user] = contentsOf([
    go,
    { role: 'assistant', content: [{ type: 'text', text: 'well' }, call(id, { a: 1 })] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
  ]);
  const short = 'toolu_0123456789abcdef01';
  assert.equal(model?.parts, [
    { text: 'well' },
    { functionCall: { id: short, name: 'f', args: { a: 1 } }, thoughtSignature: signature },
  ]);
  assert.equal(user?.parts, [response(short, { output: 'ok' })]);
});

test('thoughts of the history are nothing to Gemini, nor are the tools of other servers', () => {
  const content = [
    { type: 'thinking', thinking: 'hm', signature: thoughtSignature(undefined) },
    { type: 'redacted_thinking', data: 'x' },
    { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
    { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
    { type: 'text', text: 'so' },
  ];
  assert.equal(contentsOf([go, { role: 'assistant', content }, go])[1]?.parts, [{ text: 'so' }]);
});

test('Claude gets back the thoughts that it had here, and none of another maker', () => {
  const claude: Around = { model: 'claude-sonnet-4-5', kind: 'cloudcode' };
  const signature = freshSignature();
  const thought = (text: string, of: string) => ({ type: 'thinking', thinking: text, signature: of });
  const content = [
    thought('elsewhere', 'RXNv'),
    thought('hm', thoughtSignature(signature)),
    { type: 'text', text: 'so' },
  ];
  assert.equal(contentsOf([go, { role: 'assistant', content }, go], claude)[1]?.parts, [
    { text: 'hm', thought: true, thoughtSignature: signature },
    { text: 'so' },
  ]);
});

test('Claude is not told to think on after calls whose thoughts are lost', () => {
  const messages = [
    go,
    { role: 'assistant', content: [call('t')] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] },
  ];
  const body = { model: 'm', max_tokens: 9_000, thinking: { type: 'enabled', budget_tokens: 2_000 } };
  const thinkingOf = (list: object[]) =>
    translatedMessages({ ...body, messages: list }, contextOf({ model: 'claude-opus-4-5', kind: 'cloudcode' })).body
      .generationConfig?.thinkingConfig;
  assert.is(thinkingOf(messages), undefined);
  assert.equal(thinkingOf([go]), { thinkingBudget: 2_000, includeThoughts: true });
});

test.run();
