import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { chatRequest } from '../../../../../src/proxy/protocols/openai-chat/request/chat-request.js';
import type { JsonObject } from '../../../../../src/store/ground/json.js';
import { freshSignature, geminiTakes } from '../../../../support/strict-gemini.js';
import { type Around, contextOf } from '../../../../support/translation.js';
import { BadRequest } from '../../../../../src/proxy/protocols/translation/request/bad-request.js';

const ASK = [{ role: 'user', content: 'How warm is it in Oslo?' }];
const WEATHER = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'tells the weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

/** The body for Gemini, as a Gemini has taken it. */
function sent(body: JsonObject, around: Around = {}) {
  const { body: said } = chatRequest({ model: 'gemini-3-pro', messages: ASK, ...body }, contextOf(around));
  return geminiTakes(said, { model: around.model ?? 'gemini-3-pro', codeAssist: around.kind === 'cloudcode' });
}

/** The field that a refused request is refused for. */
function refusedField(body: JsonObject): string {
  try {
    sent(body);
  } catch (error) {
    assert.ok(error instanceof BadRequest, String(error));
    assert.ok(error.message.includes(error.field), `${error.message} names ${error.field}`);
    return error.field;
  }
  return assert.fail('was taken');
}

test('system and developer messages become the instructions, in order', () => {
  const body = sent({
    messages: [
      { role: 'system', content: 'Be short.' },
      { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
      ...ASK,
    ],
  });
  assert.deepEqual(body.systemInstruction, { parts: [{ text: 'Be short.' }, { text: 'Be kind.' }] });
  assert.deepEqual(body.contents, [{ role: 'user', parts: [{ text: 'How warm is it in Oslo?' }] }]);
});

test('a request of instructions alone asks with them; one that says nothing is refused', () => {
  const body = sent({ messages: [{ role: 'system', content: 'Say hello.' }] });
  assert.deepEqual(body.contents, [{ role: 'user', parts: [{ text: 'Say hello.' }] }]);
  assert.equal(body.systemInstruction, undefined);
  assert.equal(refusedField({ messages: [] }), 'messages');
  assert.equal(refusedField({ messages: [{ role: 'user', content: '' }] }), 'messages');
});

test('messages of one role that follow each other are one turn', () => {
  const body = sent({ messages: [...ASK, ...ASK] });
  assert.equal(body.contents.length, 1);
  assert.equal(body.contents[0]?.parts.length, 2);
});

test('images, sound and files of a user become data or addresses; nothing is fetched', () => {
  const body = sent({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look and listen.' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aW1n', detail: 'high' } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg?size=2' } },
          { type: 'input_audio', input_audio: { data: 'c291bmQ=', format: 'wav' } },
          { type: 'file', file: { filename: 'bill.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
          { type: 'file', file: { filename: 'notes.txt', file_data: 'bm90ZXM=' } },
        ],
      },
    ],
  });
  assert.deepEqual(body.contents[0]?.parts, [
    { text: 'Look and listen.' },
    { inlineData: { mimeType: 'image/png', data: 'aW1n' } },
    { fileData: { fileUri: 'https://example.com/cat.jpg?size=2', mimeType: 'image/jpeg' } },
    { inlineData: { mimeType: 'audio/wav', data: 'c291bmQ=' } },
    { inlineData: { mimeType: 'application/pdf', data: 'JVBERg==' } },
    { inlineData: { mimeType: 'text/plain', data: 'bm90ZXM=' } },
  ]);
});

test('an address that is no web address is refused, whatever it names', () => {
  for (const url of ['file:///etc/passwd', '/etc/passwd', 'C:\\x.png', 'data:image/png;base64,', 'javascript:1']) {
    const content = [{ type: 'image_url', image_url: { url } }];
    assert.equal(refusedField({ messages: [{ role: 'user', content }] }), 'messages[0].content[0].image_url.url');
  }
  const uploaded = [{ type: 'file', file: { file_id: 'file-1' } }];
  assert.equal(
    refusedField({ messages: [{ role: 'user', content: uploaded }] }),
    'messages[0].content[0].file.file_id',
  );
});

const CALLS = [
  { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
  { id: 'call_2', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } },
];

test('parallel calls and their results come in the order of the calls, with content null or empty alike', () => {
  for (const content of [null, '']) {
    const { contents } = sent({
      messages: [
        ...ASK,
        { role: 'assistant', content, tool_calls: CALLS },
        { role: 'tool', tool_call_id: 'call_2', content: 'warm' },
        { role: 'tool', tool_call_id: 'call_1', content: '{"cold":true}' },
      ],
      tools: [WEATHER],
    });
    const [, called, answered] = contents;
    assert.deepEqual(
      called?.parts.map(({ functionCall }) => functionCall?.args),
      [{ city: 'Oslo' }, { city: 'Rome' }],
    );
    assert.deepEqual(
      answered?.parts.map(({ functionResponse }) => functionResponse?.response),
      [{ output: '{"cold":true}' }, { output: 'warm' }],
    );
  }
});

test('the signature comes out of the id, else out of extra_content, else Google is told that it is lost', () => {
  const [inId, kept] = [freshSignature(2_600), freshSignature()];
  const id = `call_${'a'.repeat(18)}_sig${/=*$/.exec(inId)?.[0].length ?? 0}${inId.replace(/=/g, '').replaceAll('+', '-').replaceAll('/', '_')}`;
  const signatures = [
    { ...CALLS[0], id },
    { ...CALLS[0], extra_content: { google: { thought_signature: kept } } },
    { ...CALLS[0] },
  ].map((call) => {
    const { contents } = sent({ messages: [...ASK, { role: 'assistant', content: null, tool_calls: [call] }] });
    return contents[1]?.parts[0]?.thoughtSignature;
  });
  assert.deepEqual(signatures, [inId, kept, 'skip_thought_signature_validator']);
});

test('a call whose result is missing is answered by an error, and a stray result is the user’s words', () => {
  const { contents } = sent({
    messages: [
      ...ASK,
      { role: 'assistant', content: null, tool_calls: CALLS },
      { role: 'tool', tool_call_id: 'call_2', content: 'warm' },
      { role: 'tool', tool_call_id: 'call_9', content: 'who asked?' },
      { role: 'user', content: 'Go on.' },
    ],
  });
  const [first, second, stray, ask] = contents[2]?.parts ?? [];
  assert.ok('error' in (first?.functionResponse?.response ?? {}));
  assert.deepEqual(second?.functionResponse?.response, { output: 'warm' });
  assert.match(stray?.text ?? '', /who asked\?/);
  assert.deepEqual(ask, { text: 'Go on.' });
});

test('a history that was cut and begins with a call gets a turn of the user before it', () => {
  const { contents } = sent({ messages: [{ role: 'assistant', content: null, tool_calls: CALLS }] });
  assert.deepEqual(
    contents.map(({ role }) => role),
    ['user', 'model', 'user'],
  );
});

test('an image that a tool gives follows all responses', () => {
  const { contents } = sent({
    messages: [
      ...ASK,
      { role: 'assistant', content: null, tool_calls: CALLS },
      {
        role: 'tool',
        tool_call_id: 'call_1',
        content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aW1n' } }],
      },
      { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'warm' }] },
    ],
  });
  assert.deepEqual(
    contents[2]?.parts.map((part) => Object.keys(part)[0]),
    ['functionResponse', 'functionResponse', 'inlineData'],
  );
});

test('arguments in the history are not touched: neither their keys nor a $ref in a result', () => {
  const args = { $schema: 'x', type: ['a', 'b'], properties: { additionalProperties: false } };
  const call = { id: 'call_1', type: 'function', function: { name: 'save', arguments: JSON.stringify(args) } };
  const { contents } = sent({
    messages: [
      ...ASK,
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '{"$ref":"#/components/x"}' },
    ],
  });
  assert.deepEqual(contents[1]?.parts[0]?.functionCall?.args, args);
  assert.deepEqual(contents[2]?.parts[0]?.functionResponse?.response, { output: '{"$ref":"#/components/x"}' });
});

test('tool_choice: auto and none, a demanded call, a named function, and some that are allowed', () => {
  const other = { type: 'function', function: { name: 'get_time' } };
  const tools = [WEATHER, other];
  const named = { type: 'function', function: { name: 'get_time' } };
  const config = (tool_choice: unknown) => sent({ tools, tool_choice }).toolConfig?.functionCallingConfig;
  assert.equal(config('auto'), undefined);
  assert.deepEqual(config('none'), { mode: 'NONE' });
  assert.deepEqual(config('required'), { mode: 'ANY' });
  assert.deepEqual(config(named), { mode: 'ANY', allowedFunctionNames: ['get_time'] });
  const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [named] } };
  assert.deepEqual(
    sent({ tools, tool_choice: allowed }).tools?.[0]?.functionDeclarations?.map(({ name }) => name),
    ['get_time'],
  );
  assert.equal(refusedField({ tools, tool_choice: { type: 'function', function: { name: 'gone' } } }), 'tool_choice');
  assert.equal(refusedField({ tool_choice: 'required' }), 'tool_choice');
  assert.equal(refusedField({ tools, tool_choice: 'constructor' }), 'tool_choice');
});

test('names that Gemini refuses are changed on the way, in declaration, choice and history alike', () => {
  const name = 'mcp/server:do it';
  const { tools, toolConfig, contents } = sent({
    tools: [{ type: 'function', function: { name } }],
    tool_choice: { type: 'function', function: { name } },
    messages: [
      ...ASK,
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name, arguments: '' } }] },
    ],
  });
  const wire = tools?.[0]?.functionDeclarations?.[0]?.name;
  assert.deepEqual(toolConfig?.functionCallingConfig.allowedFunctionNames, [wire]);
  assert.equal(contents[1]?.parts[0]?.functionCall?.name, wire);
});

test('Claude models on Code Assist get the older schema, without what it does not know', () => {
  const parameters = {
    ...{ $schema: 'x', type: 'object', additionalProperties: false },
    properties: { n: { type: ['integer', 'null'], exclusiveMinimum: 1 }, kind: { const: 'a' } },
  };
  const { tools } = sent(
    { tools: [{ type: 'function', function: { name: 'f', parameters } }] },
    { model: 'claude-sonnet-4-5', kind: 'cloudcode' },
  );
  assert.deepEqual(tools?.[0]?.functionDeclarations?.[0]?.parameters, {
    type: 'object',
    properties: { n: { type: 'integer', nullable: true }, kind: { enum: ['a'] } },
  });
});

test('settings of generation are said in Gemini’s names', () => {
  const { generationConfig } = sent({
    ...{ max_tokens: 7, max_completion_tokens: 900, stop: 'END', temperature: 0.5, top_p: 0.25, seed: 7, n: 2 },
    ...{ presence_penalty: 1, frequency_penalty: -1, logprobs: true, top_logprobs: 3 },
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'x', strict: true, schema: { $schema: 's', type: 'object' } },
    },
  });
  assert.deepEqual(generationConfig, {
    ...{ maxOutputTokens: 900, stopSequences: ['END'], temperature: 0.5, topP: 0.25, seed: 7, candidateCount: 2 },
    ...{ presencePenalty: 1, frequencyPenalty: -1, responseLogprobs: true, logprobs: 3 },
    ...{ responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
  });
});

test('a limit above what the model can do is brought down to that', () => {
  assert.equal(sent({ max_tokens: 1_000_000 }).generationConfig?.maxOutputTokens, 65_536);
});

test('an effort is a level for Gemini 3, a budget for 2.5 and on Code Assist, never both', () => {
  const thinking = (reasoning_effort: string, around: Around, limit?: number) =>
    sent({ reasoning_effort, ...(limit && { max_tokens: limit }) }, around).generationConfig?.thinkingConfig;
  assert.deepEqual(thinking('xhigh', {}), { thinkingLevel: 'high', includeThoughts: true });
  assert.deepEqual(thinking('none', {}), { thinkingLevel: 'minimal' });
  assert.deepEqual(thinking('low', { model: 'gemini-2.5-pro' }), { thinkingBudget: 1_024, includeThoughts: true });
  assert.deepEqual(thinking('none', { model: 'gemini-2.5-flash' }), { thinkingBudget: 0 });
  assert.equal(thinking('high', { kind: 'cloudcode' })?.thinkingLevel, undefined);
  const claude = thinking('high', { model: 'claude-sonnet-4-5', kind: 'cloudcode' }, 4_000);
  assert.ok((claude?.thinkingBudget ?? Infinity) < 4_000);
  assert.equal(thinking('high', { model: 'gemini-2.5-pro' }, 100)?.thinkingBudget, undefined);
});

test('a search by itself is Google’s; beside tools it is refused, or dropped where the setting says so', () => {
  assert.deepEqual(sent({ web_search_options: {} }).tools, [{ googleSearch: {} }]);
  assert.equal(refusedField({ web_search_options: {}, tools: [WEATHER] }), 'web_search_options');
  const { tools } = sent({ web_search_options: {}, tools: [WEATHER] }, { searchBesideTools: 'drop' });
  assert.equal(tools?.[0]?.functionDeclarations?.length, 1);
});

test('what cannot be had is refused, and the message names the field', () => {
  const refusals: [string, JsonObject][] = [
    ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['logit_bias', { logit_bias: { 50256: -100 } }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['n', { n: 9 }],
    ['stop', { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['reasoning_effort', { reasoning_effort: 'huge' }],
    ['messages[0].role', { messages: [{ role: 'function', name: 'f', content: 'x' }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'video' }] }] }],
    ['messages', { messages: 'hello' }],
    ['temperature', { temperature: 'warm' }],
  ];
  for (const [field, body] of refusals) assert.equal(refusedField(body), field);
});

test('what says nothing is passed over, and what is not known is named', () => {
  const { unknown, stream, body } = chatRequest(
    {
      ...{ model: 'm', messages: ASK, logit_bias: {}, functions: [], audio: null, stream: true, modalities: ['text'] },
      ...{ user: 'u', store: true, metadata: {}, service_tier: 'auto', parallel_tool_calls: false, verbosity: 'low' },
      ...{ prediction: {}, brand_new: 1, tools: [] },
    },
    contextOf(),
  );
  assert.deepEqual(unknown, ['brand_new']);
  assert.equal(stream, true);
  assert.deepEqual(Object.keys(body), ['contents']);
});

test.run();
