import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  SignatureMemory,
  callId,
  packedSignature,
  shortId,
  signatureIn,
  unpackedSignature,
} from '../../../../../src/proxy/protocols/translation/request/signatures.js';

const ID = '0123456789abcdef01';

test('a signature in an id has its characters exchanged one for one, and says how many = it had', () => {
  assert.is(callId('toolu_', ID, 'ab+/cd=='), `toolu_${ID}_sig2ab-_cd`);
  assert.is(callId('call_', ID, 'abcd'), `call_${ID}_sig0abcd`);
});

test('a signature that is no canonical base64 comes back as it was, since it is never decoded', () => {
  for (const signature of ['QR==', 'QQ=', 'A', 'ab+/==', '+'.repeat(70_000)])
    assert.is(signatureIn(callId('call_', ID, signature)), signature);
});

test('what is no base64 at all travels as base64url of its bytes', () => {
  assert.is(callId('toolu_', ID, 'a-b'), `toolu_${ID}_sigu${Buffer.from('a-b').toString('base64url')}`);
  assert.is(signatureIn(callId('toolu_', ID, 'gr\u00fc\u00df dich ====')), 'gr\u00fc\u00df dich ====');
});

test('any signature comes back, through JSON too, in characters that every client takes', () => {
  const wellFormed = fc.string({ unit: 'grapheme', minLength: 1 });
  const base64 = fc.base64String({ minLength: 1 });
  fc.assert(
    fc.property(
      fc.oneof(wellFormed, base64),
      fc.constantFrom('toolu_' as const, 'call_' as const),
      (signature, prefix) => {
        const id = JSON.parse(JSON.stringify({ id: callId(prefix, ID, signature) })) as { id: string };
        assert.match(id.id, /^[A-Za-z0-9_-]+$/);
        assert.is(signatureIn(id.id), signature);
        assert.is(shortId(id.id), prefix + ID);
        assert.is(unpackedSignature(packedSignature(signature)), signature);
      },
    ),
  );
});

test('an id that was not made here is whole, whatever is written in it', () => {
  for (const id of [
    'call_1',
    'my_sig0abc',
    'toolu_01ABC_sig0abc',
    `call_${ID}x`,
    '',
    'call_abc_sigu',
    `x_${ID}_sig1a`,
  ]) {
    assert.is(shortId(id), id);
    assert.is(signatureIn(id), undefined);
  }
});

test('an id without a signature has none', () => {
  assert.is(callId('call_', ID, undefined), `call_${ID}`);
  assert.is(callId('call_', ID, ''), `call_${ID}`);
  assert.is(signatureIn(`call_${ID}`), undefined);
});

test('a signature is remembered by the part before it, for clients that cut ids', () => {
  const memory = new SignatureMemory();
  memory.remember(callId('call_', ID, 'abc'), 'abc');
  assert.is(memory.recall(`call_${ID}`), 'abc');
  assert.is(memory.recall(`call_${ID}_sig0a`), 'abc');
  assert.is(memory.recall('call_1'), undefined);
});

test('of 4,096 signatures the one goes that was longest not asked for', () => {
  const memory = new SignatureMemory();
  for (let i = 0; i < 4_096; i++) memory.remember(`id${i}`, `s${i}`);
  assert.is(memory.recall('id0'), 's0');
  memory.remember('new', 'sig');
  assert.is(memory.recall('id0'), 's0');
  assert.is(memory.recall('id1'), undefined);
  assert.is(memory.recall('id2'), 's2');
});

test.run();
