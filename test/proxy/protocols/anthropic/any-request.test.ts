/** Any JSON of the schema of the Messages API gives a body that Gemini takes, or is refused with the name of a field. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { translatedMessages } from '../../../../src/proxy/protocols/anthropic/request.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { BadRequest } from '../../../../src/proxy/protocols/translation/request/bad-request.js';
import { callId } from '../../../../src/proxy/protocols/translation/request/signatures.js';
import { freshSignature, geminiTakes } from '../../../support/strict-gemini.js';
import { contextOf } from '../../../support/translation.js';

const some = <T>(model: Record<string, fc.Arbitrary<T>>) => fc.record(model, { requiredKeys: [] });
const text = fc.constantFrom('', 'hi', 'ü🙂', '{"$ref":"#/a"}');
const id = fc.constantFrom('t1', 't2', 't3', callId('toolu_', '0123456789abcdef01', freshSignature()));
const name = fc.constantFrom('Bash', 'my tool', 'mcp__a__b', 'x'.repeat(80));
const wild = fc.jsonValue({ maxDepth: 2 });

const source = fc.oneof(
  fc.record({
    type: fc.constant('base64'),
    media_type: fc.constantFrom('image/png', 'application/pdf', ''),
    data: text,
  }),
  fc.record({
    type: fc.constant('url'),
    url: fc.constantFrom('https://x.example/a', 'data:image/png;base64,aGk='),
  }),
  fc.record({ type: fc.constantFrom('text', 'text', 'content', 'file'), data: text, content: text }),
);
const leaf = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constantFrom('image', 'document'), source }),
);
const reference = fc.record({ type: fc.constant('tool_reference'), tool_name: name });
const result = fc.record(
  {
    ...{ type: fc.constant('tool_result'), tool_use_id: id, is_error: fc.boolean() },
    content: fc.oneof(text, fc.array(fc.oneof(leaf, reference), { maxLength: 3 })),
  },
  { requiredKeys: ['type', 'tool_use_id'] },
);
const call = fc.record({ type: fc.constant('tool_use'), id, name, input: fc.object({ maxDepth: 1 }) });
const passed = fc.record({
  type: fc.constantFrom('thinking', 'redacted_thinking', 'server_tool_use'),
  ...{ thinking: text, signature: text },
});
const contentOf = (...blocks: readonly fc.Arbitrary<unknown>[]) =>
  fc.oneof(text, fc.array(fc.oneof(...blocks), { maxLength: 4 }));
const message = fc.oneof(
  fc.record({ role: fc.constant('user'), content: contentOf(leaf, result) }),
  fc.record({ role: fc.constant('assistant'), content: contentOf(leaf, call, passed) }),
  fc.record({ role: fc.constant('system'), content: text }),
);
const last = fc.record({ role: fc.constant('user'), content: contentOf(leaf, result) });
const tool = fc.oneof(
  fc.record(
    {
      name,
      description: text,
      input_schema: fc.oneof(fc.constant({ type: 'object' }), wild),
      defer_loading: fc.boolean(),
    },
    { requiredKeys: ['name'] },
  ),
  fc.record({ type: fc.constantFrom('web_search_20250305', 'custom', 'custom'), name }),
);
/** Now and then anything at all. */
const odd = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 40, arbitrary }, { weight: 1, arbitrary: wild });
const share = fc.oneof({ weight: 9, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }, fc.integer());
const count = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 100_000 }) }, share);

const request = fc.tuple(
  fc.record({
    messages: odd(fc.tuple(fc.array(odd(message), { maxLength: 6 }), last).map(([list, one]) => [...list, one])),
  }),
  some<unknown>({
    system: odd(fc.oneof(text, fc.array(fc.record({ type: fc.constant('text'), text }), { maxLength: 2 }))),
    tools: odd(fc.array(odd(tool), { maxLength: 3 })),
    tool_choice: odd(
      fc.record({ type: fc.constantFrom('auto', 'any', 'none', 'tool'), name }, { requiredKeys: ['type'] }),
    ),
    max_tokens: odd(fc.integer({ min: 1, max: 100_000 })),
    ...{ temperature: share, top_p: share, top_k: count, stream: odd(fc.boolean()) },
    stop_sequences: odd(fc.array(text, { maxLength: 5 })),
    thinking: odd(
      fc.record(
        { type: fc.constantFrom('enabled', 'adaptive', 'disabled'), budget_tokens: count, display: text },
        { requiredKeys: ['type'] },
      ),
    ),
    output_config: odd(
      some<unknown>({
        effort: fc.constantFrom('low', 'max', 'medium'),
        format: fc.record({ type: fc.constant('json_schema'), schema: fc.object({ maxDepth: 2 }) }),
      }),
    ),
  }),
);

test('any JSON is a body that Gemini takes or a refusal that names its field', () => {
  let taken = 0;
  const models = [
    { model: 'gemini-3-pro' },
    { model: 'gemini-2.5-pro' },
    { model: 'gemini-3-flash', kind: 'cloudcode' as const },
    { model: 'claude-opus-4-5', kind: 'cloudcode' as const },
  ];
  fc.assert(
    fc.property(request, fc.constantFrom(...models), ([first, more], around) => {
      const body = { model: 'm', ...first, ...more } as JsonObject;
      const before = JSON.stringify(body);
      try {
        const translated = translatedMessages(body, contextOf({ ...around, searchBesideTools: 'drop' }));
        geminiTakes(translated.body, { model: around.model, codeAssist: around.kind === 'cloudcode' });
        taken++;
      } catch (error) {
        if (!(error instanceof BadRequest)) throw error;
        assert.ok((error.field.split(/[.[]/)[0] ?? '') in body, error.field);
        assert.ok(error.message.includes(error.field), error.message);
      }
      assert.is(JSON.stringify(body), before);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(taken > 500, `${taken} were taken`);
});

test.run();
