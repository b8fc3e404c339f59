import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keysAsVerbs } from '../../src/commands/keys-as-verbs.js';
import { causes } from '../../src/proxy/contract/causes.js';

test('no next step of any cause names a key in a shell', () => {
  for (const [cause, { next }] of Object.entries(causes)) {
    const said = keysAsVerbs(next);
    assert.not.match(said, /\bpress\b/, cause);
    assert.not.match(said, /(?<![`'\w])(?!a\b)[a-zA-Z](?![\w'`])/, `${cause}: ${said}`);
  }
});

test('each key is its verb, pressed or only named', () => {
  const table: Readonly<Record<string, string>> = {
    'press r and paste a new refresh token': 'run `regrant add` and paste a new refresh token',
    'none is configured: press O and give its id': 'none is configured: run `regrant client set` and give its id',
    'allow the app, then t': 'allow the app, then `regrant test`',
    'remove it here with x': 'remove it here with `regrant remove`',
    'nothing: it is asked again then; c asks at once': 'nothing: it is asked again then; `regrant clear` asks at once',
    'log in again with o, or press r': 'log in again with `regrant login`, or run `regrant add`',
  };
  for (const [on, inShell] of Object.entries(table)) assert.is(keysAsVerbs(on), inShell);
});

test('articles, initials and words that begin with such a letter stay as they are', () => {
  for (const text of [
    'ask a human, then a machine',
    'press Enter',
    'r@example.com: not tested',
    'see https://g.co/r and t.example.com',
    "read Google's words",
  ])
    assert.is(keysAsVerbs(text), text);
});

test.run();
