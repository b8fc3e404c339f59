import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { protobufSchema } from '../../../../../src/proxy/protocols/translation/request/protobuf-schema.js';

test('what the protobuf Schema has words for is said in them', () => {
  assert.equal(
    protobufSchema({
      type: 'object',
      title: 'T',
      description: 'd',
      properties: {
        a: { type: ['string', 'null'], enum: ['x', 'y'], minLength: 1, pattern: '^x' },
        b: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 9 }, minItems: 1 },
        c: { const: 'one' },
        d: { type: ['string', 'number'] },
        e: { oneOf: [{ type: 'string' }, { type: 'null' }] },
      },
      required: ['a', 'gone', 'a'],
    }),
    {
      type: 'object',
      title: 'T',
      description: 'd',
      properties: {
        a: { type: 'string', nullable: true, enum: ['x', 'y'], minLength: 1, pattern: '^x' },
        b: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 9 }, minItems: 1 },
        c: { enum: ['one'] },
        d: { anyOf: [{ type: 'string' }, { type: 'number' }] },
        e: { anyOf: [{ type: 'string' }] },
      },
      required: ['a'],
    },
  );
});

test('what it has no words for is left out', () => {
  assert.equal(
    protobufSchema({
      ...{ type: 'object', additionalProperties: false, propertyNames: {}, patternProperties: {}, examples: [1] },
      ...{ properties: { n: { type: 'integer', exclusiveMinimum: 0, enum: [1, 2], format: 'uri' } }, $comment: 'x' },
    }),
    { type: 'object', properties: { n: { type: 'integer' } } },
  );
  assert.equal(protobufSchema({ type: 'array', items: [{ type: 'string' }] }), { type: 'array' });
  assert.equal(protobufSchema(true), {});
});

test('all of several schemas is one', () => {
  assert.equal(
    protobufSchema({
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { properties: { b: { type: 'string' } }, required: ['b'] },
      ],
      properties: { c: {} },
    }),
    {
      type: 'object',
      properties: { b: { type: 'string' }, a: { type: 'string' }, c: {} },
      required: ['a', 'b'],
    },
  );
});

test.run();
