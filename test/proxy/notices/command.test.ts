/** A command that is told in each format, from the supervisor's own conditions, over a restart. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NoticeFormat } from '../../../src/proxy/notices/formats.js';
import { fastClock } from '../../support/clock.js';
import { withHouse, type House } from '../../support/house.js';
import { pickyDisk } from '../../support/picky-disk.js';

const LINK = 'https://accounts.google.com/signin/continue?sarp=1&plt=secret-free';
const CHAT = '-1001';
const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna', accessEndsIn: 3600 };
const bob = { id: 'b1', email: 'bob@example.com', refreshToken: '1//0dead-token-of-bob', accessEndsIn: 3600 };
const gus = {
  ...{ id: 'g1', email: 'gus@example.com', refreshToken: '1//0good-token-of-gus', accessEndsIn: 3600 },
  ...{
    validation_blocked: true,
    validation_blocked_until: 4_000_000_000,
    validation_blocked_reason: 'verify your account',
    validation_url: LINK,
  },
};
const KEY = 'key-of-the-night-watch-in-this-test-0001';
const SECRETS = [anna, bob, gus].map(({ refreshToken }) => refreshToken).concat(KEY, 'ya29.');

/** What is on the command's standard input, as the receiving service reads it: the words for a person. */
const wordsOf: Readonly<Record<NoticeFormat, (input: string) => string>> = {
  json: (input) => (JSON.parse(input) as { text: string }).text,
  text: (input) => input,
  slack: (input) => (JSON.parse(input) as { text: string }).text.replaceAll('&amp;', '&'),
  discord: (input) => (JSON.parse(input) as { content: string }).content,
  telegram: (input) => {
    const { chat_id: chat, text } = JSON.parse(input) as { chat_id: string; text: string };
    assert.is(chat, CHAT);
    return text;
  },
  ntfy: (input) => input,
  feishu: (input) => (JSON.parse(input) as { content: { text: string } }).content.text,
};

/** Each event and what its words have to say. */
const expected: Readonly<Record<string, RegExp>> = {
  account_disabled: /bob@example\.com/,
  blocked:
    /gus@example\.com is blocked \(verify your account\): https:\/\/accounts\.google\.com\/signin\/continue\?sarp=1&plt=secret-free/,
  key_ending: /the client key night ends in \d.*; `regrant key set night --expires`/,
  not_saved: /one account's newest credential or flag is in memory only/,
};

/** What the command was given so far: the event of its environment, and its input. */
function toldIn(file: string): readonly (readonly [event: string, input: string])[] {
  if (!existsSync(file)) return [];
  const parts = readFileSync(file, 'utf8').split('\u0001');
  return parts.flatMap((part) => {
    const [event = '', input = ''] = part.split('\u0002');
    return event === '' ? [] : [[event, input] as const];
  });
}

/** A death, a block, a key that ends and a full disk, all told to the command in this format. */
const tellsAll = async (format: string, wordsIn: (input: string) => string): Promise<void> => {
  const clock = fastClock(5);
  const disk = pickyDisk();
  let file = '';
  await withHouse(
    {
      ...{ accounts: [anna, bob, gus], clock, disk },
      settings: { notify: { format, chatId: CHAT } },
      prepare(google, dir) {
        file = dir.at('told');
        for (const { refreshToken, email } of [anna, gus]) google.grant(refreshToken, { email });
        const settings = JSON.parse(readFileSync(dir.at('settings.json'), 'utf8')) as { notify: object };
        // one write a notice, so that two at the same time do not mix
        const command = `input=$(cat); printf '%s\\002%s\\001' "$REGRANT_EVENT" "$input" >> '${file}'`;
        writeFileSync(
          dir.at('settings.json'),
          JSON.stringify({ ...settings, notify: { ...settings.notify, command } }),
        );
        const sha256 = createHash('sha256').update(KEY).digest('hex');
        const night = { sha256, created: 1, expires: Math.floor(clock.now() / 1000) + 24 * 3_600 };
        writeFileSync(dir.at('keys.json'), JSON.stringify({ schema: 1, keys: { night } }));
        disk.refuse('ENOSPC', /b1\.json/);
      },
    },
    async (house: House) => {
      const told = (): string[] => toldIn(file).map(([event]) => event);
      const until = async (events: readonly string[]): Promise<void> => {
        for (let waited = 0; waited < 8_000 && told().length < events.length; waited += 25)
          await new Promise((resolve) => setTimeout(resolve, 25));
        assert.equal(told().sort(), [...events].sort(), format);
      };
      await house.supervisor.operations.testNow(['b1']);
      await until(Object.keys(expected));
      for (const [event, input] of toldIn(file)) {
        assert.match(wordsIn(input), expected[event] ?? /^$/, `${format}: ${event}`);
        for (const secret of SECRETS) assert.not(input.includes(secret), `${event} has a secret in it`);
      }
      disk.mend();
      await house.stop();
      await house.start();
      await new Promise((resolve) => setTimeout(resolve, 400));
      await until(Object.keys(expected));
    },
  );
};

test('notify.command gets a death, a block with its link, an ending key and what is not saved: in each format, once each, over a restart', async () => {
  await Promise.all(Object.entries(wordsOf).map(([format, wordsIn]) => tellsAll(format, wordsIn)));
});

test.run();
