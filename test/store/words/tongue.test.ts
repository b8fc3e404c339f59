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
  assert.is(told('rate limit, asked to wait 30s'), '요청 한도, 30초 대기 요구');
  assert.is(
    told('likeliest: revoked (it was 43 d old and worked 59 min before) · on disk · out of pool in 3 ms'),
    '가장 유력: 취소됨 (발급 43일째였고 59분 전까지 유효했음) · 디스크에 기록됨 · 계정 풀에서 3 ms 만에 제외',
  );
  assert.is(told('kim@example.com is re-added and ready'), 'kim@example.com을 다시 추가했고 바로 쓸 수 있습니다');
  assert.is(
    told('regrant: this screen only looks (attach --read-only)'),
    'regrant: 이 화면은 보기만 합니다(attach --read-only)',
  );
  assert.is(
    told('rate limit, asked to wait 10s: gemini-2.5-flash is left alone for 10s'),
    '요청 한도, 10초 대기 요구: gemini-2.5-flash, 10초 동안 요청하지 않음',
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

test('clauses one after the other are read each by itself, whatever would fit into a placeholder of the first', async () => {
  await speak('ko');
  const table: readonly (readonly [english: string, korean: string])[] = [
    [
      'removed ann@example.com, bob@example.com again; its file lies in the trash',
      '다시 삭제했습니다: ann@example.com, bob@example.com. 파일은 휴지통에 있습니다',
    ],
    [
      'a1, a2, a3 and 4 more: taken out of the proxy; e puts it back',
      'a1, a2, a3 외 4개: 프록시에서 제외했습니다. e로 되돌립니다',
    ],
    [
      'ann@example.com is re-added, but not saved: permission denied (EACCES) (the write is tried again); it serves from memory, and is lost with this process',
      'ann@example.com을 다시 추가했습니다. 하지만 저장되지 않았습니다: 권한이 없음(EACCES). 쓰기를 다시 시도합니다. 메모리로 서비스하며 이 프로세스가 끝나면 잃게 됩니다',
    ],
    [
      'the settings stay as they were: settings.json is not JSON, see line 4; mend it, or move it away to start anew; pool reloaded: 5 unchanged',
      '설정을 그대로 둡니다: settings.json: JSON이 아님, 4번째 줄. 고치거나, 새로 시작하려면 다른 곳으로 옮기십시오. 계정 풀을 다시 읽었습니다: 그대로 5',
    ],
    [
      'pool reloaded: +1 re-enabled, 24 unchanged, 2 unreadable (a.json, b.json)',
      '계정 풀을 다시 읽었습니다: 다시 활성화 +1, 그대로 24, 읽을 수 없음 2(a.json, b.json)',
    ],
    [
      'Google refused the code: invalid_grant (Bad Request): a code works once and for a few minutes; open the link again for another one',
      'Google이 code를 거부했습니다: invalid_grant (Bad Request). code는 몇 분 안에 한 번만 쓸 수 있습니다. 링크를 다시 열어 새로 받으십시오',
    ],
    ['settings changed: a, b; from the next start on: c', '바뀐 설정: a, b; 다음 시작부터: c'],
    [
      'none of 5 accounts serves gemini-3-flash and 2 more: requests get 503; next in 3h28m',
      '계정 5개 모두 gemini-3-flash 외 2개를 서비스하지 못합니다: 요청에 503으로 응답합니다. 3시간 28분 뒤 재개',
    ],
  ];
  for (const [english, text] of table) assert.is(told(english), text);
  await speak('en');
});

test('words of others that end in a full stop get no second one', async () => {
  await speak('ko');
  const next = 'browser';
  assert.is(
    tell('it is blocked: {words}; {next}, then t', { words: 'Verify your account to continue.', next }),
    '차단되어 있습니다: Verify your account to continue. browser 다음 t를 누르십시오',
  );
  await speak('en');
});

test('words of others are read in no time, whatever is in them', async () => {
  await speak('ko');
  const began = performance.now();
  told(`${'nothing was sent: '.repeat(60)}${'; x'.repeat(60)}`);
  told('box a is gone: start it again; '.repeat(60));
  assert.ok(performance.now() - began < 1_000);
  await speak('en');
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
