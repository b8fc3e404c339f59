import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Places, ReplacedStrings } from '../../../src/proxy/http/replaced-strings.js';

const places: Places = { model: 'here', batch: { model: 'here', list: { '[]': { request: { model: 'here' } } } } };
const other = (name: string): string => (name.startsWith('x') ? `other of ${name}` : name);

/** Goes through a text that is cut at these indexes. */
function replaced(text: string | Buffer, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const replacing = new ReplacedStrings(places, other);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const pieces = ends.map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end));
  return Buffer.concat([...pieces.flatMap((piece) => replacing.push(piece)), ...replacing.end()]).toString();
}

/** The same by parsing. */
function expected(value: unknown, at: Places | 'here' = places): unknown {
  if (typeof value === 'string') return at === 'here' ? other(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const inner = typeof at === 'object' ? at : {};
  if (Array.isArray(value)) return value.map((one) => expected(one, inner['[]'] ?? {}));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, expected(one, inner[key] ?? {})]));
}

const text = fc.oneof(fc.constantFrom('x', 'xa"b', 'x\\', 'y', 'x\n', '\\"x', 'xé'), fc.string());
const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec<{ tree: unknown; object: unknown; list: unknown }>((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, leaf, tie('object'), tie('list')),
  object: fc.dictionary(fc.constantFrom('model', 'batch', 'list', 'request', 'a"', '[]', 'x'), tie('tree')),
  list: fc.array(tie('tree'), { maxLength: 3 }),
}));
const body = fc.dictionary(fc.constantFrom('model', 'batch', 'z'), tree);

test('strings at the places are replaced and nothing else, however the text is cut and written', () => {
  fc.assert(
    fc.property(
      body,
      fc.array(fc.nat(400), { maxLength: 8 }),
      fc.constantFrom(undefined, 2, '\t'),
      (json, cuts, by) => {
        const written = JSON.stringify(json, null, by);
        assert.is(replaced(written, cuts), JSON.stringify(expected(json), null, by));
      },
    ),
    { numRuns: 500 },
  );
});

test('what is not replaced keeps its bytes, and what is no JSON passes', () => {
  for (const same of [
    '{ "model" : "y\\u0041" , "model":1}',
    '{"model":"y',
    '{"model":"x',
    ']}{"model',
    '"model":"x"',
    '["model","x"]',
    '{"other":{"model":"x"},"list":[{"model":"x"}]}',
    `{"model":"x${'a'.repeat(5_000)}"}`,
    '',
  ]) {
    for (const cuts of [[], [3, 9, 12]]) assert.is(replaced(same, cuts), same);
  }
  const bytes = Buffer.from([0x7b, 0xff, 0x22, 0xc3, 0x22, 0x00]);
  assert.is(replaced(bytes), bytes.toString());
});

test('a key may be escaped, come twice, or have underscores', () => {
  for (const [written, wanted] of [
    ['{"\\u006dodel":"x"}', '{"\\u006dodel":"other of x"}'],
    ['{"model":"x1","model":"\\u00782"}', '{"model":"other of x1","model":"other of x2"}'],
    ['{"batch":{"list":[1,{"request":{"model":"x"}}]}}', '{"batch":{"list":[1,{"request":{"model":"other of x"}}]}}'],
  ] as const) {
    for (const cuts of [[], [2], [5, 6, 7, 8], [11, 12]]) assert.is(replaced(written, cuts), wanted);
  }
  const snake = new ReplacedStrings({ inputConfig: { baseModel: 'here' } }, other);
  const out = snake.push(Buffer.from('{"input_config":{"base_model":"x"}}'));
  assert.is(Buffer.concat(out).toString(), '{"input_config":{"base_model":"other of x"}}');
});

test('what Google reads beside JSON is read: single quotes, keys without quotes, needless backslashes', () => {
  for (const [written, wanted] of [
    [`{'model':'x'}`, `{'model':"other of x"}`],
    [
      `{ model : "x", batch:{list:[{request:{model:'x'}}]}}`,
      `{ model : "other of x", batch:{list:[{request:{model:"other of x"}}]}}`,
    ],
    [`{'a':'"','model':"x'"}`, `{'a':'"','model':"other of x'"}`],
    [String.raw`{"a":"'",'\m\u006fdel':'x\'"\\'}`, String.raw`{"a":"'",'\m\u006fdel':"other of x'\"\\"}`],
    [`{a:{'b':'}"'},modelx:'x',model_:'x','model':'y'}`, null],
    [`{model:true,batch:null,a:[model,'x']}`, null],
  ] as const) {
    for (const cuts of [[], [2], [3, 4, 5, 6, 7, 8], [9, 13], [15, 16, 17]])
      assert.is(replaced(written, cuts), wanted ?? written);
  }
});

test('a body of megabytes is not parsed: it takes time in proportion to its bytes', () => {
  const took = (megabytes: number): number => {
    const words = Buffer.from(`{"contents":"${'\\"x'.repeat((megabytes * 1_048_576) / 3)}","model":"x"}`);
    const start = process.cpuUsage();
    new ReplacedStrings(places, other).push(words);
    return process.cpuUsage(start).user;
  };
  took(1);
  assert.ok(took(8) < 40 * Math.max(1_000, took(1)));
});

test.run();
