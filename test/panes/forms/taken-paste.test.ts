/** What a form makes of a paste, as a decision of its own. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LONGEST_TOKEN_BYTES } from '../../../src/proxy/contract/token-text.js';
import { takenPaste, type PasteTarget } from '../../../src/panes/forms/taken-paste.js';

const clients = [
  { name: 'default', id: '1.apps.googleusercontent.com', hasSecret: true },
  { name: 'work', id: '2.apps.googleusercontent.com', hasSecret: true },
];
const adding: PasteTarget = { takesSeveral: true, clients, chosen: null, held: 0 };
const readding: PasteTarget = { ...adding, takesSeveral: false };
const paste = (text: string, over: Partial<Parameters<typeof takenPaste>[0]> = {}) => ({
  ...{ text, cut: false, unfinished: false, bytes: text.length },
  ...over,
});

test('a token is taken as it is, whatever it looks like, with what was done to the paste', () => {
  assert.equal(takenPaste(paste('anything'), readding), {
    kind: 'one',
    token: 'anything',
    issuer: undefined,
    note: null,
  });
  const spaced = takenPaste(paste(' 1//0a '), readding);
  assert.is(spaced.kind === 'one' && spaced.token, '1//0a');
  assert.match(spaced.note?.text ?? '', /white space taken out/);
});

test('the client that it names is the one to ask with; one that is not here is said', () => {
  const json = (id: string) => paste(JSON.stringify({ client_id: id, refresh_token: '1//0a' }));
  const known = takenPaste(json('2.apps.googleusercontent.com'), readding);
  assert.is(known.kind === 'one' && known.issuer, clients[1]);
  assert.match(takenPaste(json('9-gone'), readding).note?.text ?? '', /\(9-gone\) is not configured here: Esc, then O/);
});

test('several are taken where accounts are added, each with its client, and nowhere else', () => {
  const list = paste('1//0first-token\n1//0second-token');
  const taken = takenPaste(list, { ...adding, chosen: clients[1] ?? null });
  assert.equal(taken.kind === 'several' && taken.tokens.map(({ client }) => client), ['work', 'work']);
  assert.is(takenPaste(list, readding).kind, 'nothing');
  assert.match(takenPaste(list, readding).note?.text ?? '', /this form takes one; Esc, then a takes several/);
});

test('nothing is taken of what is empty, too long, or half a list', () => {
  assert.match(takenPaste(paste('  \n '), readding).note?.text ?? '', /empty/);
  assert.match(takenPaste(paste('x'.repeat(LONGEST_TOKEN_BYTES + 1)), readding).note?.text ?? '', /8,193 bytes/);
  assert.match(takenPaste(paste('x'), { ...readding, held: LONGEST_TOKEN_BYTES }).note?.text ?? '', /8,193 bytes/);
  const half = paste('1//0first-token\n1//0sec', { cut: true, bytes: 9000 });
  assert.match(takenPaste(half, adding).note?.text ?? '', /9,000 bytes were pasted.*nothing taken/);
});

test.run();
