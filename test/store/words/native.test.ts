/** The Korean catalogue as one hand would have written it: endings, particles, spaces, and one word for each thing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readdirSync } from 'node:fs';
import { korean, koreanSentences } from '../../../src/store/words/korean/korean.js';

const texts: readonly (readonly [english: string, korean: string])[] = Object.entries({
  ...korean,
  ...koreanSentences,
});

/** Those of which something is told. */
const wrong = (isWrong: (korean: string, english: string) => boolean): readonly string[] =>
  texts.filter(([english, text]) => isWrong(text, english)).map(([english, text]) => `${english} → ${text}`);

/** The clauses of a text, without what stands in parentheses, in quotes of a shell, and after a clause. */
const clausesOf = (text: string): readonly string[] =>
  text
    .replace(/`[^`]*`/g, '명령')
    .replace(/\([^()]*\)/g, '')
    .split(/(?<=[다오까요죠])[.:;?](?: |$)|[;:] /)
    .map((clause) => clause.replace(/[.?!"'\s]+$/, ''))
    .filter((clause) => clause !== '');

/** How a clause ends in another style of speech, but for nouns that only look like it. */
const foreign = /(?<!니)다$|(?<!필|주|중|개)요$|죠$|(?<!니)까$|(?<!십시)오$|(?:해라|하라|십시요|해줘|네|군)$/;

test('sentences end in 합니다체: 니다, 십시오, 니까; no other style of speech', () => {
  assert.equal(
    wrong((text) => clausesOf(text).some((clause) => foreign.test(clause))),
    [],
  );
  // and it would be seen
  assert.equal(
    ['저장했다', '저장했어요', '할까요', '그대로 둔다. 저장했습니다'].filter(
      (text) => !clausesOf(text).some((clause) => foreign.test(clause)),
    ),
    [],
  );
});

test('a label is a noun or 명사형, and goes before a sentence as its head only', () => {
  const nominal = /[음함됨임짐킴감옴](?:\. |$)/;
  assert.equal(
    wrong((text) => {
      const clauses = text.replace(/\([^()]*\)/g, '');
      return /니다|십시오/.test(clauses) && nominal.test(clauses.replace(/^[^:.]*: (?=.*(?:니다|십시오))/, ''));
    }),
    [],
  );
});

test('a particle after a value is chosen by the value', () => {
  const fixed = /\}["'`]?(?:은|는|이|가|을|를|과|와|으로|로|라|이라|이라는|라는|이나|나|이며|며)(?=[ .,:;)]|$)/;
  assert.equal(
    wrong((text) => fixed.test(text)),
    [],
  );
  const forms = new Set(texts.flatMap(([, text]) => text.match(/\[[가-힣]+\/[가-힣]*\]/g) ?? []));
  const known = ['[은/는]', '[이/가]', '[을/를]', '[과/와]', '[으로/로]', '[이라/라]', '[이라는/라는]', '[이나/나]'];
  assert.equal(
    [...forms].filter((form) => !known.includes(form)),
    [],
  );
});

test('blanks stand where Korean has them', () => {
  const loose =
    /[가-힣)}] (?:은|는|을|를|의|에|에서|까지|부터|만|도|들|째)(?=[ .,:;)]|$)|[가-힣] [.,:;?)]|\( |[,;][가-힣]|(?<=.)\.[가-힣]/;
  const joined = /[가-힣]할수|[가-힣](?:는|한|할|된|될)(?:것|때|수)(?:[이가은는을를에 ]|$)|하지않|되지않/;
  const plain = (text: string): string => text.replace(/ (?:\.apps|, as %|,는 %)|의 ,는/g, '');
  assert.equal(
    wrong((text) => loose.test(plain(text)) || joined.test(plain(text))),
    [],
  );
});

/** One Korean word for each of the field's: where the English word stands, so does the Korean one. */
const field: readonly (readonly [english: RegExp, korean: RegExp])[] = [
  [/\brefresh[_ ]tokens?\b/, /refresh_token|토큰/],
  [/\baccess tokens?\b/, /access_token|토큰/],
  [/\binvalid_grant\b/, /invalid_grant/],
  [/\b(?:DISABLED|disabled)\b(?!.*secret)/, /비활성화|사용 중지/],
  [/\bre-add(?:ed)?\b/, /다시 추가/],
  [/(?<!\{)\bpool\b(?! by)/, /계정 풀/],
  [/(?<!or |of \{)\bgrants?\b/, /승인/],
  [/\bOAuth clients?\b/, /클라이언트/],
  [/\bclient keys?\b/, /클라이언트 키/],
  [/(?<!`regrant |¦ )\btrash\b(?!\/)/, /휴지통/],
  [/\bsupervisor\b/, /감독 프로세스/],
  [/\bboxes\b|\bbox\b/, /서버|\{at\}|\{box\}/],
  [/\be-mails?\b/, /이메일/],
  [/\bin flight\b/, /진행 중/],
  [/\bquota\b/, /할당량/],
  [/\bsealed?\b/, /봉인/],
  [/\bspool\b/, /스풀|state\/spool/],
  [/\bschema\b(?! \{)/, /스키마/],
  [/(?<!--)\bpassphrase\b/, /암호/],
  [/\bcredentials?\b/, /자격 증명/],
  [/\bnotifications?\b|\bnotices?\b/, /알림/],
  [/\bby itself\b/, /자동으로|스스로|결과가/],
  [/\bsettings\b(?!\.json)/, /설정/],
];

test('the words of the field have one Korean word each', () => {
  const missing = field.flatMap(([english, word]) =>
    texts
      .filter(([said, text]) => english.test(said) && !word.test(text))
      .map(([said, text]) => `${english.source}: ${said} → ${text}`),
  );
  assert.equal(missing, []);
});

/** Words that others of the same meaning have taken the place of. */
const outworn =
  /양식|저절로|이름 서버|글자 파일|(?<!계정 )(?<!\p{L})풀(?=[을이에의])|리프레시|액세스 토큰|이메일 주소록|기계|다시 등록|재시작|종료하기/u;

test('no text uses a word that another one stands for', () => {
  assert.equal(
    wrong((text) => outworn.test(text)),
    [],
  );
});

test('an English word that several parts of the catalogue have is the same Korean in all of them', async () => {
  const folder = 'src/store/words/korean';
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const said = new Map<string, string>();
  const differing: string[] = [];
  for (const file of files) {
    const parts = (await import(`../../../${folder}/${file.replace(/ts$/, 'js')}`)) as Record<string, unknown>;
    for (const part of Object.values(parts)) {
      if (typeof part !== 'object' || part === null) continue;
      for (const [english, text] of Object.entries(part as Readonly<Record<string, string>>)) {
        const before = said.get(english) ?? text;
        if (before !== text) differing.push(`${english}: ${before} / ${text}`);
        said.set(english, text);
      }
    }
  }
  assert.ok(said.size > 1000);
  assert.equal(differing, []);
});

test('two forms of one word, in one and in several, in small and in large letters, are one Korean word', () => {
  const known = new Map(texts);
  const many = /^\{n\} (account|request|grant|error|refresh|key|line)(e?s)\b/;
  const differing = texts.flatMap(([english, text]) => {
    const one = many.test(english) ? english.replace(many, '{n} $1') : english.toLowerCase();
    const other = known.get(one);
    return one === english || other === undefined || other === text ? [] : [`${one}: ${other} / ${english}: ${text}`];
  });
  assert.equal(differing, []);
});

test.run();
