import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { messageFor, type NoticeBody, type NoticeFormat, refusalIn } from '../../../src/proxy/notices/formats.js';

const notice: NoticeBody = {
  ...{ event: 'account_disabled', account: 'bob@example.com', client: null, cause: 'revoked' },
  text: 'bob@example.com is out: <revoked> & gone',
  ...{ at: '2026-11-30T05:00:00.000Z', health: 'degraded', accounts: 7, address: '127.0.0.1:8045' },
  ...{ host: 'box', pid: 4711, regrant: '0.1.0' },
};
const line = 'regrant on box: bob@example.com is out: <revoked> & gone';

/** Each service's own documentation says what it takes; JSON bodies as they are parsed there. */
const table: readonly (readonly [format: NoticeFormat, type: string, body: unknown])[] = [
  ['json', 'application/json', notice],
  ['text', 'text/plain; charset=utf-8', `${line}\n`],
  ['slack', 'application/json', { text: 'regrant on box: bob@example.com is out: &lt;revoked&gt; &amp; gone' }],
  ['discord', 'application/json', { content: line, allowed_mentions: { parse: [] } }],
  ['telegram', 'application/json', { chat_id: '-100200', text: line }],
  ['ntfy', 'text/plain; charset=utf-8', line],
  ['feishu', 'application/json', { msg_type: 'text', content: { text: line } }],
];

for (const [format, type, expected] of table) {
  test(`${format} is sent as the service that reads it documents it`, () => {
    const { body, headers } = messageFor(format, notice, '-100200');
    assert.is(headers['content-type'], type);
    assert.equal(type === 'application/json' ? JSON.parse(body) : body, expected);
  });
}

test('ntfy has its title, priority and tags in headers of ASCII', () => {
  const { headers } = messageFor('ntfy', notice, '');
  assert.equal([headers.title, headers.priority, headers.tags], ['regrant: account_disabled', 'high', 'warning']);
  const { headers: back } = messageFor('ntfy', { ...notice, event: 'account_recovered' }, '');
  assert.equal([back.priority, back.tags], ['default', 'white_check_mark']);
});

test('no message is longer than its service takes, and none has a line break or a half letter in it', () => {
  const long = { ...notice, text: `${'줄 바꿈\n😀 '.repeat(2_000)}end` };
  const content = (format: NoticeFormat, ...keys: string[]): string =>
    keys.reduce<unknown>(
      (at, key) => (at as Record<string, unknown>)[key],
      JSON.parse(messageFor(format, long, '1').body),
    ) as string;
  assert.ok(Array.from(content('discord', 'content')).length <= 2_000);
  assert.ok(Array.from(content('telegram', 'text')).length <= 4_096);
  const ntfy = messageFor('ntfy', long, '').body;
  assert.ok(Buffer.byteLength(ntfy) <= 4_096);
  for (const text of [content('discord', 'content'), content('telegram', 'text'), ntfy]) {
    assert.ok(text.endsWith('…'));
    assert.ok(!/[\ud800-\udfff]/u.test(text) && !text.includes('\n'));
  }
});

test('an answer that says it took nothing counts as a failure, whatever its status', () => {
  assert.is(
    refusalIn('feishu', '{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}')?.slice(0, 5),
    '19001',
  );
  assert.is(refusalIn('feishu', '{"StatusCode":0,"code":0,"msg":"success"}'), null);
  assert.is(
    refusalIn('telegram', '{"ok":false,"description":"Bad Request: chat not found"}'),
    'Bad Request: chat not found',
  );
  assert.is(refusalIn('telegram', '{"ok":true}'), null);
  for (const format of ['json', 'text', 'slack', 'discord', 'ntfy'] as const)
    assert.is(refusalIn(format, '{"code":1}'), null);
});

test.run();
