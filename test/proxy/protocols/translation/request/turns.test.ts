import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GeminiContent, GeminiPart } from '../../../../../src/proxy/protocols/translation/gemini/gemini.js';
import { SignatureMemory, callId } from '../../../../../src/proxy/protocols/translation/request/signatures.js';
import { ToolNames } from '../../../../../src/proxy/protocols/translation/request/tool-names.js';
import { Turns, argumentsOf } from '../../../../../src/proxy/protocols/translation/request/turns.js';
import { geminiTakes, giveOut } from '../../../../support/strict-gemini.js';

const image: GeminiPart = { inlineData: { mimeType: 'image/png', data: 'aGk=' } };

function contentsOf(tell: (turns: Turns) => void, signatures = new SignatureMemory()): GeminiContent[] {
  const turns = new Turns(new ToolNames(), signatures);
  tell(turns);
  const contents = turns.contents();
  if (contents.length > 0) geminiTakes({ contents }, { model: 'gemini-3-pro' });
  return contents;
}

/** A turn in a line: who, and what it is made of. */
const lines = (contents: readonly GeminiContent[]): string[] =>
  contents.map(({ role, parts }) => `${role}: ${parts.map(word).join(' ')}`);

function word(part: GeminiPart): string {
  if ('text' in part) return part.text;
  if ('functionCall' in part) return `${part.functionCall.name}(${part.functionCall.id ?? ''})`;
  if (!('functionResponse' in part)) return 'attachment';
  const { id = '', response } = part.functionResponse;
  return `${id}=${'output' in response ? response.output : `!${response.error}`}`;
}
const told = (tell: (turns: Turns) => void): string[] => lines(contentsOf(tell));

test('turns of one role are one, and empty texts are nothing', () => {
  assert.equal(
    told((turns) => {
      turns.say('user', { text: 'a' });
      turns.say('user', { text: '' }, { text: 'b' });
      turns.say('model', { text: '' });
      turns.say('user', { text: 'c' });
    }),
    ['user: a b c'],
  );
  assert.equal(
    told((turns) => turns.say('user', { text: '' })),
    [],
  );
});

test('parallel calls are answered in their order, before attachments, and those before what the user says', () => {
  assert.equal(
    told((turns) => {
      turns.say('user', { text: 'go' });
      turns.call('a', 'f', {});
      turns.call('b', 'g', {});
      turns.say('user', { text: 'hurry' });
      turns.result('b', { output: '2' }, [image]);
      turns.result('a', { output: '1' }, [image]);
    }),
    ['user: go', 'model: f(a) g(b)', 'user: a=1 b=2 attachment attachment hurry'],
  );
});

test('a call without a result is answered by an error, also where the conversation ends with it', () => {
  const lost = '!no result: the call was interrupted';
  assert.equal(
    told((turns) => {
      turns.say('user', { text: 'go' });
      turns.call('a', 'f', {});
      turns.call('b', 'f', {});
      turns.result('b', { output: '2' });
      turns.say('model', { text: 'well' });
      turns.call('c', 'f', {});
    }),
    ['user: go', 'model: f(a) f(b)', `user: a=${lost} b=2`, 'model: well f(c)', `user: c=${lost}`],
  );
});

test('a result that comes late is put where its call was made', () => {
  assert.equal(
    told((turns) => {
      turns.say('user', { text: 'go' });
      turns.call('a', 'f', {});
      turns.say('user', { text: 'and?' });
      turns.say('model', { text: 'wait' });
      turns.result('a', { output: 'late' });
      turns.say('model', { text: 'there' });
    }),
    ['user: go', 'model: f(a)', 'user: a=late and?', 'model: wait there'],
  );
});

test('a result of no call, and a second one of the same, become words of the user', () => {
  const stray = (id: string, text: string) => `Result of a tool call that is not in this conversation (${id}): ${text}`;
  assert.equal(
    told((turns) => {
      turns.result('x', { output: 'lost' }, [image]);
      turns.call('a', 'f', {});
      turns.result('a', { output: '1' });
      turns.result('a', { error: '2' });
    }),
    [`user: ${stray('x', 'lost')} attachment`, 'model: f(a)', `user: a=1 ${stray('a', '2')}`],
  );
});

test('a conversation never starts with a call', () => {
  const [first, second] = told((turns) => {
    turns.call('a', 'f', {});
    turns.result('a', { output: '1' });
  });
  assert.match(first ?? '', /^user: /);
  assert.is(second, 'model: f(a)');
  assert.equal(
    told((turns) => turns.say('model', { text: 'hello, how can I help?' })),
    ['model: hello, how can I help?'],
  );
});

test('ids that repeat are told apart by their order', () => {
  assert.equal(
    told((turns) => {
      turns.say('user', { text: 'go' });
      turns.call('f', 'f', { n: 1 });
      turns.call('f', 'f', { n: 2 });
      turns.result('f', { output: '1' });
      turns.result('f', { output: '2' });
      turns.call('f', 'f', { n: 3 });
      turns.result('f', { output: '3' });
      turns.call('f_2', 'f', {});
    }),
    [
      'user: go',
      'model: f(f) f(f_2)',
      'user: f=1 f_2=2',
      'model: f(f_3)',
      'user: f_3=3',
      'model: f(f_2_2)',
      'user: f_2_2=!no result: the call was interrupted',
    ],
  );
});

test('a result goes to the last turn that has such a call open, not to one that was interrupted long ago', () => {
  assert.equal(
    told((turns) => {
      turns.say('user', { text: 'go' });
      turns.call('f', 'f', {});
      turns.say('user', { text: 'stop' });
      turns.call('f', 'f', {});
      turns.result('f', { output: 'second' });
    }).slice(2),
    ['user: f=!no result: the call was interrupted stop', 'model: f(f_2)', 'user: f_2=second'],
  );
});

test('ids of twenty thousand calls that are all alike are told apart at once', () => {
  const turns = new Turns(new ToolNames(), new SignatureMemory());
  const start = performance.now();
  for (let i = 0; i < 20_000; i++) turns.call('same', 'f', {});
  turns.contents();
  assert.ok(performance.now() - start < 2_000);
});

test('a signature comes from the id, else from memory, else from what the client kept, else there is a stand-in for it', () => {
  const id = '0123456789abcdef01';
  for (const signature of ['inid', 'inmemory', 'kept']) giveOut(signature);
  const signatures = new SignatureMemory();
  signatures.remember(`call_${id}`, 'inmemory');
  const signatureOf = (called: string, kept?: string) => {
    const contents = contentsOf((turns) => {
      turns.say('user', { text: 'go' });
      turns.call(called, 'f', {}, kept);
    }, signatures);
    const part = contents[1]?.parts[0];
    return part !== undefined && 'thoughtSignature' in part ? part.thoughtSignature : undefined;
  };
  assert.is(signatureOf(callId('call_', id, 'inid'), 'kept'), 'inid');
  assert.is(signatureOf(`call_${id}`, 'kept'), 'inmemory');
  assert.is(signatureOf('other', 'kept'), 'kept');
  assert.is(signatureOf('other'), 'skip_thought_signature_validator');
});

test('only the first of parallel calls has a stand-in for its signature', () => {
  const contents = contentsOf((turns) => {
    turns.say('user', { text: 'go' });
    turns.call('a', 'f', {});
    turns.call('b', 'f', {});
  });
  assert.equal(
    contents[1]?.parts.map((part) => 'thoughtSignature' in part),
    [true, false],
  );
});

test('arguments in the history are not touched, whatever they look like', () => {
  const args = { $schema: 'x', $ref: '#/y', additionalProperties: false, schema: { const: 1 }, __proto__: null };
  const contents = contentsOf((turns) => {
    turns.say('user', { text: 'go' });
    turns.call('a', 'f', args);
  });
  const part = contents[1]?.parts[0];
  assert.is(part !== undefined && 'functionCall' in part ? part.functionCall.args : undefined, args);
});

test('arguments that are no object are shown as the text that they were', () => {
  assert.equal(argumentsOf('{"a":1}'), { a: 1 });
  assert.equal(argumentsOf(' '), {});
  for (const text of ['[1]', '{"a":', 'null', '"x"']) assert.equal(argumentsOf(text), { arguments: text });
});

test.run();
