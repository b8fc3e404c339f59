/** The whole record of a request. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RecordSheet } from '../../../src/panes/sheets/record.js';

test('both names of a model are in it: the one that was asked for and the one that served', () => {
  const line = JSON.stringify({ level: 30, msg: 'request', model: 'gemini-3-pro', asked: 'claude-sonnet-4-5' });
  const sheet = new RecordSheet({
    seq: 0,
    time: 0,
    level: 30,
    msg: 'request',
    account: null,
    access: null,
    source: '',
    line,
  });
  const text = sheet.lines(null, 60).map(({ spans }) => spans.map((span) => span.text).join(''));
  assert.ok(text.includes('   "model": "gemini-3-pro",'), text.join('\n'));
  assert.ok(text.includes('   "asked": "claude-sonnet-4-5"'), text.join('\n'));
});

test.run();
