import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { responsesRequest } from '../../../../src/proxy/protocols/openai-responses/request.js';
import { BadRequest } from '../../../../src/proxy/protocols/translation/request/bad-request.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { geminiTakes } from '../../../support/strict-gemini.js';
import { type Around, contextOf } from '../../../support/translation.js';

const ASK = { role: 'user', content: 'Tidy up.' };
const SHELL = {
  ...{ type: 'function', name: 'shell', description: 'runs a command', strict: false },
  parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
};

/** The body for Gemini, as a Gemini has taken it. */
function sent(body: JsonObject, around: Around = {}) {
  const { body: said } = responsesRequest({ model: 'gemini-3-pro', input: [ASK], ...body }, contextOf(around));
  return geminiTakes(said, { model: around.model ?? 'gemini-3-pro', codeAssist: around.kind === 'cloudcode' });
}

/** A refused request's field and code. */
function refused(body: JsonObject): [field: string, code: string | null] {
  try {
    sent(body);
  } catch (error) {
    assert.ok(error instanceof BadRequest, String(error));
    assert.ok(error.message.includes(error.field), `${error.message} names ${error.field}`);
    return [error.field, error.protocolCode];
  }
  return assert.fail('was taken');
}

const declared = (body: JsonObject) => sent(body).tools?.[0]?.functionDeclarations?.map(({ name }) => name);

test('a text is what the user says, with instructions beside it', () => {
  assert.deepEqual(sent({ input: 'Hello', instructions: 'Be brief.' }), {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
  });
  assert.deepEqual(sent({ input: [], instructions: 'Be brief.' }).contents, [
    { role: 'user', parts: [{ text: 'Be brief.' }] },
  ]);
  assert.equal(refused({ input: [] })[0], 'input');
});

test('messages of the developer at the front are instructions, later ones keep their place', () => {
  const said = (role: string, text: string) => ({ type: 'message', role, content: [{ type: 'input_text', text }] });
  const body = sent({
    input: [said('developer', 'You are Cox.'), said('system', 'Be kind.'), ASK, said('developer', 'Quick now.')],
  });
  assert.deepEqual(body.systemInstruction?.parts, [{ text: 'You are Cox.' }, { text: 'Be kind.' }]);
  assert.deepEqual(body.contents, [{ role: 'user', parts: [{ text: 'Tidy up.' }, { text: 'Quick now.' }] }]);
});

test('images and files of a user, and what the model has said before', () => {
  const { contents } = sent({
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'data:image/png;base64,aW1n', detail: 'high' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' },
          { type: 'input_file', file_url: 'https://example.com/b.pdf' },
        ],
      },
      { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'I see.' }] },
      ASK,
    ],
  });
  assert.deepEqual(contents[0]?.parts, [
    { inlineData: { mimeType: 'image/png', data: 'aW1n' } },
    { inlineData: { mimeType: 'application/pdf', data: 'JVBERg==' } },
    { fileData: { fileUri: 'https://example.com/b.pdf', mimeType: 'application/pdf' } },
  ]);
  assert.deepEqual(contents[1], { role: 'model', parts: [{ text: 'I see.' }] });
});

test('reasoning that comes back, in whole or by reference, is passed over', () => {
  const { contents } = sent({
    input: [
      ASK,
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'eA==' },
      { type: 'reasoning', summary: [], content: null },
      { type: 'item_reference', id: 'rs_2' },
      { id: 'rs_3' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'message', role: 'assistant', content: 'Done.' },
      ASK,
    ],
  });
  assert.deepEqual(
    contents.map(({ role }) => role),
    ['user', 'model', 'user'],
  );
  assert.equal(refused({ input: [ASK, { type: 'item_reference', id: 'msg_1' }] })[0], 'input[1]');
});

test('a call and its output, with an image in it', () => {
  const { contents } = sent({
    tools: [SHELL],
    input: [
      ASK,
      {
        type: 'function_call',
        id: 'fc_1',
        status: 'completed',
        call_id: 'call_1',
        name: 'shell',
        arguments: '{"cmd":"ls"}',
      },
      {
        ...{ type: 'function_call_output', id: 'fco_1', call_id: 'call_1' },
        output: [
          { type: 'input_text', text: 'two files' },
          { type: 'input_image', image_url: 'data:image/png;base64,aW1n', detail: 'original' },
        ],
      },
    ],
  });
  const [, called, answered] = contents;
  assert.deepEqual(called?.parts[0]?.functionCall, { id: 'call_1', name: 'shell', args: { cmd: 'ls' } });
  assert.deepEqual(answered?.parts, [
    { functionResponse: { id: 'call_1', name: 'shell', response: { output: 'two files' } } },
    { inlineData: { mimeType: 'image/png', data: 'aW1n' } },
  ]);
});

test('a custom tool is a function with its text for an argument, and is told of its grammar there', () => {
  const { tools, contents } = sent({
    tools: [
      {
        type: 'custom',
        name: 'patch',
        description: 'edits files',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
      },
    ],
    input: [
      ASK,
      { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'patch', input: '*** Begin' },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: 'ok' },
    ],
  });
  assert.deepEqual(tools?.[0]?.functionDeclarations, [
    {
      ...{ name: 'patch', description: 'edits files' },
      parametersJsonSchema: {
        type: 'object',
        properties: { input: { type: 'string', description: 'Text of this lark grammar:\nstart: "x"' } },
        required: ['input'],
      },
    },
  ]);
  assert.deepEqual(contents[1]?.parts[0]?.functionCall?.args, { input: '*** Begin' });
  assert.deepEqual(contents[2]?.parts[0]?.functionResponse?.response, { output: 'ok' });
});

test('a namespace is a part of the name, in declarations and in the history', () => {
  const body = {
    tools: [
      {
        type: 'namespace',
        name: 'agents',
        tools: [
          { type: 'function', name: 'close' },
          { type: 'custom', name: 'ask' },
        ],
      },
    ],
    input: [
      ASK,
      { type: 'function_call', call_id: 'call_1', namespace: 'agents', name: 'close', arguments: '{}' },
      { type: 'function_call', call_id: 'call_2', name: 'agents__close', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'closed' },
      { type: 'function_call_output', call_id: 'call_2', output: 'unsupported call' },
    ],
  };
  assert.deepEqual(declared(body), ['agents__close', 'agents__ask']);
  assert.deepEqual(
    sent(body).contents[1]?.parts.map(({ functionCall }) => functionCall?.name),
    ['agents__close', 'agents__close'],
  );
});

test('tools whose names come to the same are told apart; of two that are the same the last one counts', () => {
  const names = declared({
    tools: [
      { type: 'namespace', name: 'a', tools: [{ type: 'function', name: 'b__c' }] },
      { type: 'namespace', name: 'a__b', tools: [{ type: 'function', name: 'c' }] },
      { type: 'function', name: 'a__b__c' },
      { ...SHELL, description: 'first' },
      { ...SHELL, description: 'last' },
    ],
  });
  assert.equal(new Set(names).size, 4);
  const { tools } = sent({
    tools: [
      { ...SHELL, description: 'first' },
      { ...SHELL, description: 'last' },
    ],
  });
  assert.deepEqual(
    tools?.[0]?.functionDeclarations?.map(({ description }) => description),
    ['last'],
  );
});

const SEARCH = { type: 'tool_search', execution: 'client', description: 'finds tools' };
const FOUND = [
  { type: 'namespace', name: 'agents', tools: [{ type: 'function', name: 'spawn', defer_loading: true }] },
  { type: 'function', name: 'clock', defer_loading: true },
];

test('tools that the client’s search has found are declared from then on', () => {
  const found = {
    tools: [SHELL, SEARCH, { type: 'function', name: 'later', defer_loading: true }],
    input: [
      ASK,
      { type: 'tool_search_call', id: 'ts_1', call_id: 'call_1', execution: 'client', arguments: { query: 'agents' } },
      { type: 'tool_search_output', call_id: 'call_1', status: 'completed', execution: 'client', tools: FOUND },
    ],
  };
  assert.deepEqual(declared({ tools: found.tools }), ['shell', 'tool_search']);
  assert.deepEqual(declared(found), ['shell', 'tool_search', 'agents__spawn', 'clock']);
  const [, called, answered] = sent(found).contents;
  assert.deepEqual(called?.parts[0]?.functionCall?.args, { query: 'agents' });
  assert.deepEqual(answered?.parts[0]?.functionResponse?.response, { output: '{"tools":["agents__spawn","clock"]}' });
});

test('a search for tools that would run at OpenAI leaves nothing to find: all are declared', () => {
  assert.deepEqual(declared({ tools: [{ type: 'tool_search' }, ...FOUND] }), ['agents__spawn', 'clock']);
});

test('a web search alone is Google’s; beside functions it is passed over', () => {
  for (const type of ['web_search', 'web_search_preview', 'web_search_2025_08_26']) {
    assert.deepEqual(sent({ tools: [{ type }], tool_choice: { type } }).tools, [{ googleSearch: {} }]);
    assert.deepEqual(declared({ tools: [SHELL, { type, external_web_access: true }] }), ['shell']);
  }
});

test('tool_choice names a function, one in a namespace, a custom tool, or the search for tools', () => {
  const tools = [SHELL, { type: 'custom', name: 'patch' }, SEARCH, ...FOUND.slice(0, 1)].map(
    (tool) => JSON.parse(JSON.stringify(tool).replace(',"defer_loading":true', '')) as JsonObject,
  );
  const allowed = (tool_choice: unknown) => sent({ tools, tool_choice }).toolConfig?.functionCallingConfig;
  const only = (name: string) => ({ mode: 'ANY', allowedFunctionNames: [name] });
  assert.deepEqual(allowed('required'), { mode: 'ANY' });
  assert.deepEqual(allowed({ type: 'function', name: 'shell' }), only('shell'));
  assert.deepEqual(allowed({ type: 'custom', name: 'patch' }), only('patch'));
  assert.deepEqual(allowed({ type: 'function', name: 'spawn', namespace: 'agents' }), only('agents__spawn'));
  assert.deepEqual(allowed({ type: 'tool_search' }), only('tool_search'));
  const some = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'shell' }] };
  assert.deepEqual(allowed(some), only('shell'));
  assert.deepEqual(refused({ tools, tool_choice: { type: 'mcp', server_label: 'x' } })[0], 'tool_choice.type');
});

test('settings of generation are said in Gemini’s names', () => {
  const { generationConfig } = sent({
    ...{ max_output_tokens: 900, temperature: 0.5, top_p: 0.25, reasoning: { effort: 'high', summary: 'auto' } },
    text: {
      verbosity: 'low',
      format: { type: 'json_schema', name: 'x', strict: true, schema: { $schema: 's', type: 'object' } },
    },
  });
  assert.deepEqual(generationConfig, {
    ...{ maxOutputTokens: 900, temperature: 0.5, topP: 0.25 },
    ...{ responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
    thinkingConfig: { thinkingLevel: 'high', includeThoughts: true },
  });
});

test('a summary that is asked for without an effort shows thoughts and leaves their amount to the model', () => {
  assert.deepEqual(sent({ reasoning: { summary: 'auto' } }).generationConfig?.thinkingConfig, {
    includeThoughts: true,
  });
  assert.deepEqual(sent({ reasoning: { effort: 'low' } }).generationConfig?.thinkingConfig, { thinkingLevel: 'low' });
});

test('what cannot be had is refused, and the message names the field', () => {
  const image = (content: JsonObject) => ({ input: [{ role: 'user', content: [content] }] });
  const refusals: [string, JsonObject][] = [
    ['conversation', { conversation: 'conv_1' }],
    ['background', { background: true }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['tools[0].type', { tools: [{ type: 'computer_use_preview' }] }],
    ['tools[0].type', { tools: [{ type: 'mcp', server_label: 'x' }] }],
    ['tools[1].type', { tools: [SHELL, { type: 'code_interpreter', container: { type: 'auto' } }] }],
    [
      'tools[0].tools[0].type',
      { tools: [{ type: 'namespace', name: 'a', tools: [{ type: 'namespace', name: 'b', tools: [] }] }] },
    ],
    ['input[0].content[0].file_id', image({ type: 'input_file', file_id: 'file-1' })],
    ['input[0].content[0].file_id', image({ type: 'input_image', file_id: 'file-1' })],
    ['input[0].content[0].image_url', image({ type: 'input_image', image_url: 'file:///etc/passwd' })],
    ['input[0].type', { input: [{ type: 'computer_call', call_id: 'c' }] }],
    ['input[0].type', { input: [{ type: 'mcp_approval_response' }] }],
    ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }],
    ['input', { input: 7 }],
    ['reasoning.effort', { reasoning: { effort: 'huge' } }],
  ];
  for (const [field, body] of refusals) assert.equal(refused(body)[0], field);
});

test('a response that is referred to is refused in OpenAI’s own words for it', () => {
  assert.deepEqual(refused({ previous_response_id: 'resp_1' }), [
    'previous_response_id',
    'previous_response_not_found',
  ]);
});

test('what says nothing is passed over, and what is not known is named', () => {
  const { unknown, stream, thoughtsShown } = responsesRequest(
    {
      ...{ model: 'm', input: 'x', previous_response_id: null, background: false, conversation: null, stream: true },
      ...{ store: true, include: [], metadata: {}, client_metadata: {}, truncation: 'auto', prompt_cache_key: 'k' },
      ...{ parallel_tool_calls: false, text: { verbosity: 'high' }, brand_new: 1 },
    },
    contextOf(),
  );
  assert.deepEqual([unknown, stream, thoughtsShown], [['brand_new'], true, false]);
});

test.run();
