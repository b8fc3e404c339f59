import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { argumentSchema, inlined } from '../../../../../src/proxy/protocols/translation/request/json-schema.js';

const written = (schema: unknown) => inlined(schema);
const argumentsFor = (schema: unknown) => argumentSchema(schema);

test('a local reference is written out where it stands, with what stands beside it', () => {
  assert.equal(
    written({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: { Point: { type: 'object', properties: { x: { $ref: '#/definitions/N' } } } },
      definitions: { N: { type: 'number', description: 'a number' } },
      type: 'object',
      properties: { from: { $ref: '#/$defs/Point' }, n: { $ref: '#/definitions/N', description: 'mine' } },
    }),
    {
      type: 'object',
      properties: {
        from: { type: 'object', properties: { x: { type: 'number', description: 'a number' } } },
        n: { type: 'number', description: 'mine' },
      },
    },
  );
});

test('a schema that refers to itself is written out once, and is anything below that', () => {
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } };
  assert.equal(written({ $ref: '#/$defs/Node', $defs: { Node: node } }), {
    type: 'object',
    properties: { next: {} },
  });
  const root = { type: 'object', properties: { child: { $ref: '#' } } };
  assert.equal(written(root), { type: 'object', properties: { child: { type: 'object', properties: { child: {} } } } });
});

test('pointers are decoded as RFC 6901 and fragments want it', () => {
  assert.equal(written({ $defs: { 'a/b~c d': { type: 'string' } }, items: { $ref: '#/$defs/a~1b~0c%20d' } }), {
    items: { type: 'string' },
  });
});

test('a reference that leads nowhere or elsewhere may be anything', () => {
  for (const $ref of [
    '#/$defs/None',
    'https://example.com/schema.json',
    '#anchor',
    '#/%',
    '#/__proto__',
    '#/type/length',
  ])
    assert.equal(written({ type: 'array', items: { $ref } }), { type: 'array', items: {} });
});

test('what only looks like a keyword is none: names of properties, values, examples', () => {
  const schema = {
    type: 'object',
    properties: {
      $ref: { type: 'string' },
      $schema: { const: { $schema: 'x', $ref: '#/y' } },
      definitions: { enum: [{ $ref: '#' }], default: { $defs: 1 }, examples: [{ $ref: 'z' }] },
    },
    required: ['$ref', 'definitions'],
  };
  assert.equal(written(schema), schema);
});

test('lists and maps of schemas are gone through', () => {
  const ref = { $ref: '#/$defs/T' };
  const type = { type: 'boolean' };
  const [before, after] = [ref, type].map((one) => ({
    ...{ anyOf: [one, { not: one }], prefixItems: [one], items: [one], additionalProperties: one },
    ...{ patternProperties: { '^x': one }, if: one, dependentSchemas: { a: one } },
  }));
  assert.equal(written({ ...before, $defs: { T: type } }), after);
});

test('references that would grow beyond all measure are cut', () => {
  const $defs: Record<string, unknown> = { D0: { type: 'string' } };
  for (let i = 1; i <= 40; i++) {
    const before = { $ref: `#/$defs/D${i - 1}` };
    $defs[`D${i}`] = { anyOf: [before, before] };
  }
  assert.ok(JSON.stringify(written({ $ref: '#/$defs/D40', $defs })).length < 500_000);
});

test('a schema that is nested ten thousand deep is cut, and nothing breaks', () => {
  let deep: unknown = { type: 'string' };
  for (let i = 0; i < 10_000; i++) deep = { type: 'array', items: deep };
  assert.ok(JSON.stringify(written(deep)).length < 10_000);
});

test('arguments are an object at the root, whatever the schema says', () => {
  assert.equal(argumentsFor({ properties: { a: {} } }), { properties: { a: {} }, type: 'object' });
  assert.equal(argumentsFor({ type: ['object', 'null'], properties: {} }), { type: 'object', properties: {} });
  assert.equal(argumentsFor({ anyOf: [{ type: 'object' }] }), { anyOf: [{ type: 'object' }], type: 'object' });
  for (const schema of [true, null, 'x', { type: 'string' }, []])
    assert.equal(argumentsFor(schema), { type: 'object', properties: {} });
});

test('any JSON gives a schema without references', () => {
  const ref = fc.record({ $ref: fc.constantFrom('#', '#/$defs/a', '#/properties/b', '#/items') });
  const { schema } = fc.letrec((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small' },
      ref,
      fc.jsonValue(),
      fc.record(
        {
          ...{ type: fc.constantFrom('object', 'array', 'string'), items: tie('schema'), not: tie('schema') },
          ...{ $defs: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')) },
          ...{
            properties: fc.dictionary(fc.constantFrom('a', 'b', '$ref'), tie('schema')),
            anyOf: fc.array(tie('schema')),
          },
        },
        { requiredKeys: [] },
      ),
    ),
  }));
  fc.assert(
    fc.property(schema, (value) => {
      const whole = argumentsFor(value);
      assert.is(whole.type, 'object');
      assert.not.match(JSON.stringify(whole.properties ?? {}), /"\$ref":"#/);
    }),
  );
});

test.run();
