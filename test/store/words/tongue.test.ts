import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { particleAfter } from '../../../src/store/words/catalogue/particles.js';
import { korean, koreanSentences } from '../../../src/store/words/korean/korean.js';
import { told } from '../../../src/store/words/told.js';
import { languageOf, speak, tell } from '../../../src/store/words/tongue.js';

test('the language is that of the first of LC_ALL, LC_MESSAGES and LANG that is set', () => {
  const table: readonly (readonly [NodeJS.ProcessEnv, string])[] = [
    [{}, 'en'],
    [{ LANG: 'ko_KR.UTF-8' }, 'ko'],
    [{ LANG: 'ko' }, 'ko'],
    [{ LANG: 'kok_IN.UTF-8' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{ LC_MESSAGES: 'C', LANG: 'ko_KR.UTF-8' }, 'en'],
    [{ LC_ALL: '', LC_MESSAGES: 'ko_KR.UTF-8', LANG: 'C' }, 'ko'],
    [{ LC_ALL: 'C.UTF-8', LC_MESSAGES: 'ko_KR.UTF-8', LANG: 'ko_KR.UTF-8' }, 'en'],
  ];
  for (const [env, language] of table) assert.is(languageOf(env), language, JSON.stringify(env));
});

test('a word is the English one until a language is spoken, and again after it', async () => {
  assert.is(tell('{n} hidden', { n: 3 }), '3 hidden');
  assert.is(tell('refused ¦ event'), 'refused');
  await speak('ko');
  assert.is(tell('{n} hidden', { n: 3 }), '3개 숨김');
  assert.is(tell('refused ¦ event'), '거부됨');
  await speak('en');
  assert.is(tell('{n} hidden', { n: 3 }), '3 hidden');
});

test('a particle follows the sound of what is before it', () => {
  const closed = ['을', '를'] as const;
  const towards = ['으로', '로'] as const;
  const table: readonly (readonly [text: string, object: string, towards: string])[] = [
    ['계정', '을', '으로'],
    ['주소', '를', '로'],
    ['서울', '을', '로'],
    ['(값)', '을', '으로'],
    ...['0', '3', '6', '10', '127.0.0.1:8100', 'pid 40'].map((text) => [text, '을', '으로'] as const),
    ...['1', '7', '8', '127.0.0.1:8048', 'v1.7'].map((text) => [text, '을', '로'] as const),
    ...['2', '4', '5', '9', '8045'].map((text) => [text, '를', '로'] as const),
    // letters by their names, words as they are said
    ...['m', 'N', 'anna@example.com', 'token', 'settings.json', 'ping', 'home'].map(
      (text) => [text, '을', '으로'] as const,
    ),
    ...['Tab', 'laptop', 'slack', 'bot', 'secret', '"web"'].map((text) => [text, '을', '으로'] as const),
    ...['r', 'l', 'box.kr', 'URL', 'gmail', 'google', 'file'].map((text) => [text, '을', '로'] as const),
    ...['API', 'default', 'o', 'server', 'disk', 'codex', 'store', 'kim@corp.org', ''].map(
      (text) => [text, '를', '로'] as const,
    ),
  ];
  for (const [text, object, direction] of table) {
    assert.is(particleAfter(text, closed), object, text);
    assert.is(particleAfter(text, towards), direction, text);
  }
});

test('a sentence of the supervisor is read with all that stands in it', async () => {
  await speak('ko');
  assert.is(told('rate limit, asked to wait 30s'), '요청 한도, 30s 기다리라고 함');
  assert.is(
    told('likeliest: revoked (it was 43 d old and worked 59 min before) · on disk · out of pool in 3 ms'),
    '가장 유력: 취소됨 (발급 43일째였고 59분 전까지 쓰임) · 디스크에 기록됨 · 계정 풀에서 3 ms 만에 제외',
  );
  assert.is(told('kim@example.com is re-added and ready'), 'kim@example.com을 다시 추가했고 바로 쓸 수 있습니다');
  assert.is(
    told('regrant: this screen only looks (attach --read-only)'),
    'regrant: 이 화면은 보기만 합니다(attach --read-only)',
  );
  assert.is(
    told('rate limit, asked to wait 10s: gemini-2.5-flash is left alone for 10s'),
    '요청 한도, 10s 기다리라고 함: gemini-2.5-flash, 10s 동안 요청하지 않음',
  );
  assert.is(
    told('Google has closed the service to this account over its terms of service: Gemini is off, as it says; ask us'),
    'Google이 서비스 약관을 이유로 이 계정의 서비스를 닫음: Gemini is off, as it says; ask us',
  );
  assert.is(told('+1 re-enabled, 5 unchanged'), '다시 활성화 +1, 그대로 5');
  assert.is(
    told('kim@example.com: its new refresh token has served a request, so the one before it is not kept any more'),
    'kim@example.com: 새 refresh_token으로 이미 요청을 처리했으므로 이전 것은 더 보관하지 않습니다',
  );
  assert.is(told('Token has been expired or revoked.'), 'Token has been expired or revoked.');
  await speak('en');
  assert.is(told('rate limit'), 'rate limit');
});

test('a sentence that is read has its own text, not that of another one', async () => {
  await speak('ko');
  for (const [english, text] of Object.entries(koreanSentences)) {
    const values = new Map(Array.from(english.matchAll(/\{(\w+)\}/g), ([, name = ''], at) => [name, `${at + 1}`]));
    const filled = (words: string): string =>
      words.replace(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '').replace(/\[[가-힣]+\/[가-힣]*\]/g, '¤');
    const pattern = filled(text).replace(/[.*+?^${}()|[\]\\¤]/g, (sign) => (sign === '¤' ? '[가-힣]+' : `\\${sign}`));
    assert.match(told(filled(english)), new RegExp(`^${pattern}$`), english);
  }
  await speak('en');
});

const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith(join('store', 'words', 'korean')))
  .map((name) => readFileSync(join('src', name), 'utf8'))
  .join('\n')
  .replaceAll("\\'", "'")
  .replaceAll('\\\\', '\\');

test('no word of the catalogue is one that nobody says', () => {
  const causes = new Set(Object.keys(koreanSentences));
  const unsaid = Object.keys(korean).filter((word) => !source.includes(word) && !causes.has(word));
  assert.equal(unsaid, []);
});

test('texts in Korean hold no blank at their ends that the English word has not', () => {
  for (const [word, text] of Object.entries({ ...korean, ...koreanSentences }))
    assert.is(/^\s/.test(text) === /^\s/.test(word) && !/\s$/.test(text), true, word);
});

test.run();
