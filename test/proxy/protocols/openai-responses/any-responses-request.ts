import fc from 'fast-check';

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
/** What is wrong now and then only, so that most requests are taken and say something. */
const mostly = <T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: rare });
const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('', '🙂'));

const pieces = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('input_text'), text }),
    fc.record({
      type: fc.constant('input_image'),
      image_url: fc.constantFrom('data:image/png;base64,aW1n', 'https://example.com/a.png'),
      detail: fc.constant('auto'),
    }),
    fc.record({
      type: fc.constant('input_file'),
      filename: fc.constant('a.pdf'),
      file_data: fc.constantFrom('data:application/pdf;base64,JVBERg==', 'JVBERg=='),
    }),
  ),
  { maxLength: 3 },
);

const callId = fc.constantFrom('call_1', 'call_2', 'c/ö', '');
const name = fc.constantFrom('run', 'b__c', 'c', 'my tool/2', 'x'.repeat(80));
const namespace = fc.constantFrom('a', 'a__b', 'mcp server');

const item = fc.oneof(
  fc.record({ role: fc.constant('user'), content: fc.oneof(text, pieces) }),
  fc.record({ type: fc.constant('message'), role: fc.constantFrom('system', 'developer'), content: text }),
  fc.record({
    ...{ type: fc.constant('message'), id: fc.constant('msg_1'), role: fc.constant('assistant') },
    content: fc.array(fc.record({ type: fc.constant('output_text'), text }), { maxLength: 2 }),
  }),
  fc.record({
    ...{ type: fc.constant('function_call'), call_id: callId, name, namespace: maybe(namespace) },
    arguments: fc.constantFrom('{}', '{"a":[1]}', '', 'no json', '[]'),
  }),
  fc.record({ type: fc.constant('custom_tool_call'), call_id: callId, name, input: text }),
  fc.record({
    ...{ type: fc.constant('tool_search_call'), call_id: callId, execution: fc.constant('client') },
    arguments: fc.constantFrom({ query: 'x' }, null),
  }),
  fc.record({
    type: fc.constantFrom('function_call_output', 'custom_tool_call_output'),
    ...{ call_id: callId, output: fc.oneof(text, pieces) },
  }),
  fc.record({
    ...{ type: fc.constant('tool_search_output'), call_id: callId },
    tools: fc.constantFrom([], [{ type: 'namespace', name: 'a', tools: [{ type: 'function', name: 'found' }] }], null),
  }),
  fc.record({ type: fc.constant('reasoning'), summary: fc.constant([]), encrypted_content: fc.constant('eA==') }),
  fc.record({ type: fc.constant('item_reference'), id: mostly(fc.constant('rs_1'), fc.constant('msg_1')) }),
);

const parameters = fc.constantFrom(
  { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
  { $ref: '#/$defs/x', $defs: { x: { type: 'object', properties: { y: { $ref: '#/$defs/x' } } } } },
  null,
);
const plainTool = fc.oneof(
  fc.record({ type: fc.constant('function'), name, description: maybe(text), parameters, strict: fc.boolean() }),
  fc.record({
    ...{ type: fc.constant('custom'), name },
    format: fc.constantFrom({ type: 'text' }, { type: 'grammar', syntax: 'lark', definition: 'start: "x"' }),
  }),
);
const tool = fc.oneof(
  { weight: 6, arbitrary: plainTool },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ type: fc.constant('namespace'), name: namespace, tools: fc.array(plainTool, { maxLength: 3 }) },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('tool_search'), execution: fc.constantFrom('client', 'server') }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('web_search', 'web_search_preview') }) },
);

/** A request as the schema of Responses allows it, sensible or not. */
export const anyResponsesRequest = fc.record(
  {
    ...{ model: fc.constant('gemini-3-pro'), input: fc.oneof(text, fc.array(item, { maxLength: 9 })) },
    ...{ instructions: fc.oneof(text, fc.constant(null)), stream: fc.constantFrom(true, false, null) },
    tools: fc.array(tool, { maxLength: 5 }),
    tool_choice: mostly(
      fc.constantFrom('auto', 'none', null),
      fc.oneof(
        fc.constant('required'),
        name.map((chosen) => ({ type: 'function', name: chosen })),
        fc.constant({ type: 'web_search' }),
      ),
    ),
    max_output_tokens: mostly(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: -1, max: 0 })),
    ...{ temperature: fc.double({ min: 0, max: 2, noNaN: true }), top_p: fc.double({ min: 0, max: 1, noNaN: true }) },
    reasoning: fc.constantFrom(
      null,
      { effort: 'high', summary: 'auto' },
      { effort: null, summary: null },
      { effort: 'none' },
    ),
    text: fc.constantFrom(
      ...[null, { verbosity: 'low' }, { format: { type: 'text' } }, { format: { type: 'json_object' } }],
      { format: { type: 'json_schema', name: 'x', strict: true, schema: { type: 'object' } } },
    ),
    ...{ store: fc.boolean(), include: fc.constant(['reasoning.encrypted_content']), metadata: fc.constant(null) },
    ...{ previous_response_id: mostly(fc.constant(null), fc.constant('resp_1')), something_new: fc.jsonValue() },
  },
  { requiredKeys: ['model', 'input'] },
);
