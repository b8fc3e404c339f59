import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Purpose, translatedMessages } from '../../../../src/proxy/protocols/anthropic/request.js';
import type { GeminiRequest } from '../../../../src/proxy/protocols/translation/gemini/gemini.js';
import { BadRequest } from '../../../../src/proxy/protocols/translation/request/bad-request.js';
import { geminiTakes } from '../../../support/strict-gemini.js';
import { type Around, contextOf } from '../../../support/translation.js';

const hello = [{ role: 'user', content: 'hello' }];
const asked = (more: object = {}) => ({ model: 'm', max_tokens: 1_000, messages: hello, ...more });
const weather = { name: 'weather', description: 'tells it', input_schema: { type: 'object', properties: {} } };
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 };

function translated(body: object, around: Around = {}, purpose: Purpose = 'answer') {
  const request = translatedMessages({ ...body }, contextOf(around), purpose);
  geminiTakes(request.body, { model: around.model ?? 'gemini-3-pro', codeAssist: around.kind === 'cloudcode' });
  return request;
}
const said = (body: object, around: Around = {}): GeminiRequest => translated(body, around).body;

/** The field that a request is refused for; the message has to name it. */
function refusedFor(body: object, around: Around = {}): string {
  try {
    translatedMessages({ ...body }, contextOf(around));
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    assert.ok(error.message.includes(error.field), error.message);
    return error.field;
  }
  return 'taken';
}

test('a plain question is one turn', () => {
  assert.equal(said(asked()), {
    contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
    generationConfig: { maxOutputTokens: 1_000 },
  });
});

test('system blocks are the system instruction, without the one that is about billing', () => {
  const system = [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=9;' },
    { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
    { type: 'text', text: '' },
  ];
  assert.equal(said(asked({ system })).systemInstruction, { parts: [{ text: 'Be brief.' }] });
  assert.equal(said(asked({ system: 'Be brief.' })).systemInstruction, { parts: [{ text: 'Be brief.' }] });
  assert.is(said(asked({ system: system.slice(0, 1) })).systemInstruction, undefined);
});

test('a system message among the others stays in its place, as a reminder to the user', () => {
  const messages = [
    ...hello,
    {
      role: 'system',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b', cache_control: {} },
      ],
    },
    { role: 'assistant', content: 'hi' },
    { role: 'user', content: 'go' },
    { role: 'system', content: 'c' },
  ];
  const reminder = (text: string) => ({ text: `<system-reminder>\n${text}\n</system-reminder>` });
  assert.equal(said(asked({ messages })).contents, [
    { role: 'user', parts: [{ text: 'hello' }, reminder('a\nb')] },
    { role: 'model', parts: [{ text: 'hi' }] },
    { role: 'user', parts: [{ text: 'go' }, reminder('c')] },
  ]);
});

test('settings of an answer are said in words of Gemini, the most tokens no more than the model has', () => {
  const settings = { temperature: 0.5, top_p: 0.9, top_k: 40, stop_sequences: ['a', 'b', 'c', 'd', 'e'] };
  assert.equal(said(asked({ ...settings, max_tokens: 200_000 })).generationConfig, {
    ...{ maxOutputTokens: 65_536, temperature: 0.5, topP: 0.9, topK: 40 },
    stopSequences: ['a', 'b', 'c', 'd', 'e'],
  });
  assert.is(said(asked({ top_k: 0 })).generationConfig?.topK, undefined);
});

test('thinking is told as the model wants it, and thoughts are shown where they were asked for', () => {
  const of = (more: object, around: Around = {}) => {
    const { body, thoughtsShown } = translated(asked({ max_tokens: 32_000, ...more }), around);
    return [body.generationConfig?.thinkingConfig, thoughtsShown];
  };
  const old = { model: 'gemini-2.5-pro' };
  const enabled = { thinking: { type: 'enabled', budget_tokens: 31_999 } };
  assert.equal(of(enabled), [{ thinkingLevel: 'high', includeThoughts: true }, true]);
  assert.equal(of(enabled, old), [{ thinkingBudget: 31_999, includeThoughts: true }, true]);
  assert.equal(of({ ...enabled, max_tokens: 100 }, old), [{ includeThoughts: true }, true]);
  assert.equal(of({ thinking: { type: 'adaptive' } }), [{ thinkingLevel: 'high', includeThoughts: true }, true]);
  assert.equal(of({ thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } }), [
    { thinkingLevel: 'medium', includeThoughts: true },
    true,
  ]);
  assert.equal(of({ thinking: { type: 'adaptive', display: 'omitted' } }), [{ thinkingLevel: 'high' }, false]);
  assert.equal(of({ thinking: { type: 'disabled' } }), [{ thinkingLevel: 'minimal' }, false]);
  assert.equal(of({ output_config: { effort: 'max' } }), [{ thinkingLevel: 'high' }, false]);
  assert.equal(of({}), [undefined, false]);
});

test('an answer can be held to a schema, under its name of today and that of the beta', () => {
  const format = {
    type: 'json_schema',
    schema: { $schema: 'x', type: 'object', properties: { a: { type: 'string' } } },
  };
  const config = {
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'object', properties: { a: { type: 'string' } } },
  };
  for (const more of [{ output_config: { format } }, { output_format: format }])
    assert.equal(said(asked(more)).generationConfig, { maxOutputTokens: 1_000, ...config });
});

test('what has no use here is ignored without a word, and what is not known is named', () => {
  const ignored = {
    ...{
      metadata: { user_id: 'u' },
      context_management: { edits: [] },
      service_tier: 'auto',
      betas: ['x'],
      safeguards: [],
    },
    ...{ cache_control: null, mcp_servers: [], container: null },
  };
  const { unknown, body } = translated(
    asked({ ...ignored, brand_new: 1, tools: [{ ...weather, eager_input_streaming: true }] }),
  );
  assert.equal(unknown, ['brand_new']);
  assert.equal(Object.keys(body), ['contents', 'tools', 'generationConfig']);
});

test('prefill is refused by its name, also as blocks, but is no matter where tokens are counted', () => {
  const messages = [...hello, { role: 'assistant', content: [{ type: 'text', text: 'Sure:' }] }];
  assert.throws(() => translated(asked({ messages })), /prefill/);
  assert.is(refusedFor(asked({ messages })), 'messages');
  assert.is(translated({ model: 'm', messages }, {}, 'count').body.contents.length, 2);
});

test('what cannot be had is refused with the field that it stands in', () => {
  const block = (content: object) => ({ messages: [{ role: 'user', content: [content] }] });
  const cases: readonly (readonly [string, object])[] = [
    ['messages', { messages: 'x' }],
    ['messages', { messages: [] }],
    ['messages', { messages: [{ role: 'user', content: '' }] }],
    ['messages[0]', { messages: ['x'] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 1 }] }],
    ['messages[0].content[0].type', block({ type: 'container_upload', file_id: 'f' })],
    ['messages[0].content[0].source', block({ type: 'document', source: { type: 'file', file_id: 'f' } })],
    ['messages[0].content[0].source.url', block({ type: 'image', source: { type: 'url', url: 'file:///etc/passwd' } })],
    [
      'messages[0].content[0].source',
      block({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: '' } }),
    ],
    ['messages[0].content[0].tool_use_id', block({ type: 'tool_result', content: 'x' })],
    ['system[0].text', { system: [{ type: 'text' }] }],
    ['stop_sequences', { stop_sequences: ['1', '2', '3', '4', '5', '6'] }],
    ['max_tokens', { max_tokens: 0 }],
    ['temperature', { temperature: 'hot' }],
    ['thinking.type', { thinking: { type: 'deep' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
    ['output_config.effort', { output_config: { effort: 'utmost' } }],
    ['output_config.format.type', { output_config: { format: { type: 'grammar' } } }],
    ['mcp_servers', { mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'x' }] }],
    ['container', { container: 'c1' }],
    ['stream', { stream: 'yes' }],
    ['tools[0].type', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }],
    ['tools[0].type', { tools: [{ type: 'bash_20250124', name: 'bash' }] }],
    ['tools[0].name', { tools: [{ input_schema: {} }] }],
    ['tools[1]', { tools: [weather, search] }],
    ['tool_choice.type', { tools: [weather], tool_choice: { type: 'some' } }],
    ['tool_choice.name', { tools: [weather], tool_choice: { type: 'tool', name: 'other' } }],
  ];
  for (const [field, more] of cases) assert.is(refusedFor(asked(more)), field);
});

test('tools are declared, and chosen as the client wants', () => {
  const modeOf = (tool_choice: object) =>
    said(asked({ tools: [weather], tool_choice })).toolConfig?.functionCallingConfig;
  assert.equal(said(asked({ tools: [weather] })).tools, [
    {
      functionDeclarations: [{ name: 'weather', description: 'tells it', parametersJsonSchema: weather.input_schema }],
    },
  ]);
  assert.is(modeOf({ type: 'auto', disable_parallel_tool_use: true }), undefined);
  assert.equal(modeOf({ type: 'none' }), { mode: 'NONE' });
  assert.equal(modeOf({ type: 'any' }), { mode: 'ANY' });
  assert.equal(modeOf({ type: 'tool', name: 'weather' }), { mode: 'ANY', allowedFunctionNames: ['weather'] });
});

test('of tools with one name the last is meant, and a name that Gemini refuses is another there', () => {
  const tools = [weather, { name: 'my tool/1', input_schema: {} }, { ...weather, description: 'better' }];
  const body = said(asked({ tools, tool_choice: { type: 'tool', name: 'my tool/1' } }));
  const [tool] = body.tools ?? [];
  const declared = tool !== undefined && 'functionDeclarations' in tool ? tool.functionDeclarations : [];
  assert.equal(
    declared.map(({ description }) => description),
    ['better', undefined],
  );
  assert.match(declared[1]?.name ?? '', /^my_tool_1_[0-9a-f]{8}$/);
  assert.equal(body.toolConfig?.functionCallingConfig.allowedFunctionNames, [declared[1]?.name]);
});

test('Claude on Code Assist gets the schema that the protobuf knows', () => {
  const schema = { type: 'object', properties: { a: { type: ['string', 'null'] } }, additionalProperties: false };
  const claude = { model: 'claude-sonnet-4-5', kind: 'cloudcode' as const };
  assert.equal(said(asked({ tools: [{ name: 'f', input_schema: schema }] }), claude).tools, [
    {
      functionDeclarations: [
        { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string', nullable: true } } } },
      ],
    },
  ]);
});

test('a deferred tool is declared once a result has referred to it', () => {
  const later = { ...weather, name: 'later', defer_loading: true };
  const namesOf = (messages: object[]) => {
    const [tool] = said(asked({ messages, tools: [weather, later] })).tools ?? [];
    return tool !== undefined && 'functionDeclarations' in tool
      ? tool.functionDeclarations.map(({ name }) => name)
      : [];
  };
  const content = [{ type: 'tool_reference', tool_name: 'later' }];
  const found = [
    ...hello,
    { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'ToolSearch', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content }] },
  ];
  assert.equal(namesOf(hello), ['weather']);
  assert.equal(namesOf(found), ['weather', 'later']);
});

test('a web search alone is Google Search; beside functions it is refused, or dropped where that is set', () => {
  const googleSearch = [{ googleSearch: {} }];
  assert.equal(said(asked({ tools: [search], tool_choice: { type: 'auto' } })).tools, googleSearch);
  assert.equal(said(asked({ tools: [search], tool_choice: { type: 'tool', name: 'web_search' } })).tools, googleSearch);
  assert.equal(said(asked({ tools: [search, { ...weather, defer_loading: true }] })).tools, googleSearch);
  assert.throws(() => said(asked({ tools: [search, weather] })), /protocols\.searchBesideTools/);
  const dropped = said(asked({ tools: [search, weather] }), { searchBesideTools: 'drop' });
  assert.is(JSON.stringify(dropped.tools).includes('googleSearch'), false);
});

test.run();
