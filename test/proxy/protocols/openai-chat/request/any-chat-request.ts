import fc from 'fast-check';
import { freshSignature } from '../../../../support/strict-gemini.js';

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
/** What is wrong now and then only, so that most requests are taken and say something. */
const mostly = <T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rare });
const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('', ' ', '🙂'));
const TINY_IMAGE = 'data:image/png;base64,aW1n';

const pieces = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('text'), text }),
    fc.record({
      type: fc.constant('image_url'),
      image_url: fc.record({ url: fc.constantFrom(TINY_IMAGE, 'https://example.com/a.png', 'gs://bucket/a') }),
    }),
    fc.record({
      type: fc.constant('input_audio'),
      input_audio: fc.record({ data: fc.constant('c291bmQ='), format: fc.constantFrom('wav', 'mp3') }),
    }),
    fc.record({
      type: fc.constant('file'),
      file: fc.record({
        file_data: fc.constantFrom('data:application/pdf;base64,JVBERg==', 'JVBERg=='),
        filename: fc.constantFrom('a.pdf', 'b'),
      }),
    }),
  ),
  { maxLength: 3 },
);

/** Few ids, so that they repeat and go astray; some carry a signature. */
const ids = ['call_1', 'call_2', 'x/y z', `call_${'0'.repeat(18)}`, ''];
const callId = fc.constantFrom(...ids);
const functionName = fc.constantFrom('look_up', 'run', 'my tool/2', '9lives', 'x'.repeat(80), 'ünlaut');

const argumentsText = fc.oneof(
  fc
    .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 })
    .map((o) => JSON.stringify(o)),
  fc.constantFrom('', 'not json', '[1]', '"x"', 'null', '{"$ref":"#/x"}'),
);

const toolCall = fc
  .record({ id: callId, name: functionName, args: argumentsText, kept: fc.boolean() })
  .map(({ id, name, args, kept }) => ({
    ...{ id, type: 'function', function: { name, arguments: args } },
    ...(kept && { extra_content: { google: { thought_signature: freshSignature() } } }),
  }));

const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer'), content: fc.oneof(text, fc.constant(null)) }),
  fc.record({ role: fc.constant('user'), content: fc.oneof(text, pieces), name: maybe(fc.constant('bob')) }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.oneof(text, fc.constant(null)),
    reasoning_content: maybe(text),
    tool_calls: maybe(fc.array(toolCall, { maxLength: 3 })),
  }),
  fc.record({ role: fc.constant('tool'), tool_call_id: callId, content: fc.oneof(text, pieces) }),
);

/** Schemas as clients send them: with what Gemini knows, with what it does not, and with what is none. */
const parameters = fc.constantFrom(
  { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', properties: {} },
  {
    type: 'object',
    properties: { n: { $ref: '#/$defs/n' } },
    $defs: { n: { type: ['integer', 'null'], exclusiveMinimum: 0 } },
  },
  {
    $ref: '#/definitions/node',
    definitions: { node: { type: 'object', properties: { next: { $ref: '#/definitions/node' } } } },
  },
  { anyOf: [{ type: 'object', properties: { a: { const: 1 } } }, { type: 'object' }] },
  {
    type: 'object',
    properties: { kind: { enum: ['a', 1, null] }, list: { type: 'array', items: [{ type: 'string' }] } },
  },
  {},
  { type: 'string' },
);

const tool = fc.record({
  type: fc.constant('function'),
  function: fc.record(
    { name: functionName, description: fc.oneof(text, fc.constant(null)), parameters, strict: fc.boolean() },
    { requiredKeys: ['name'] },
  ),
});

const choice = fc.oneof(
  fc.constantFrom('auto', 'none', 'required', null),
  functionName.map((name) => ({ type: 'function', function: { name } })),
  fc.record({
    type: fc.constant('allowed_tools'),
    allowed_tools: fc.record({
      mode: fc.constantFrom('auto', 'required'),
      tools: fc.array(
        functionName.map((name) => ({ type: 'function', function: { name } })),
        { maxLength: 2 },
      ),
    }),
  }),
);

const settings = {
  stream: fc.constantFrom(true, false, null),
  stream_options: fc.constantFrom(null, { include_usage: true }),
  temperature: fc.double({ min: 0, max: 2, noNaN: true }),
  top_p: fc.double({ min: 0, max: 1, noNaN: true }),
  n: mostly(fc.integer({ min: 1, max: 8 }), fc.integer({ min: -1, max: 10 })),
  stop: mostly(
    fc.array(fc.constantFrom('END', '\n'), { maxLength: 5 }),
    fc.oneof(text, fc.array(text, { maxLength: 6 })),
  ),
  max_tokens: fc.integer({ min: -1, max: 1_000_000 }),
  max_completion_tokens: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(null)),
  seed: fc.maxSafeInteger(),
  presence_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
  frequency_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
  reasoning_effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', null),
  logprobs: fc.constantFrom(true, false, null),
  top_logprobs: fc.oneof(fc.integer({ min: 0, max: 21 }), fc.constant(null)),
  response_format: fc.oneof(
    fc.constantFrom({ type: 'text' }, { type: 'json_object' }, null),
    parameters.map((schema) => ({ type: 'json_schema', json_schema: { name: 'x', schema, strict: true } })),
  ),
  web_search_options: mostly(fc.constant(null), fc.constant({})),
  tools: fc.array(tool, { maxLength: 4 }),
  tool_choice: mostly(fc.constantFrom('auto', 'none', null), choice),
  user: fc.string(),
  store: fc.boolean(),
  parallel_tool_calls: fc.boolean(),
  verbosity: fc.constant('low'),
  something_new: fc.jsonValue(),
};

/** A request as the schema of Chat Completions allows it, sensible or not. */
export const anyChatRequest = fc.record(
  { model: fc.constant('gemini-3-pro'), messages: fc.array(message, { maxLength: 8 }), ...settings },
  { requiredKeys: ['model', 'messages'] },
);
