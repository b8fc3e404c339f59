import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolNames } from '../../../../../src/proxy/protocols/translation/request/tool-names.js';

const TAKEN = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

test('a name that Gemini takes stays as it is', () => {
  const names = new ToolNames();
  for (const name of ['Bash', '_x', 'mcp__server__tool', 'a.b-c', 'x'.repeat(64)])
    assert.is(names.toGemini(name), name);
});

test('any names are mapped to ones that Gemini takes, no two to one, and back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme' })), (list) => {
      const names = new ToolNames();
      const wires = list.map((name) => names.toGemini(name));
      for (const wire of wires) assert.match(wire, TAKEN);
      assert.is(new Set(wires).size, list.length);
      assert.equal(
        wires.map((wire) => names.toClient(wire)),
        list,
      );
    }),
  );
});

test('a mapped name is the same in every request, whatever was declared before it', () => {
  const long = `mcp__${'long'.repeat(40)}`;
  const names = new ToolNames();
  names.toGemini('a b');
  names.toGemini('another/one');
  assert.is(names.toGemini(long), new ToolNames().toGemini(long));
  assert.is.not(names.toGemini(`${long}1`), names.toGemini(`${long}2`));
});

test('a name that the model has invented is left to the client', () => {
  assert.is(new ToolNames().toClient('invented'), 'invented');
});

test.run();
