/** What commands about accounts say: lists, imports, exports, the trash. */
import { inTongue } from '../../catalogue/placeholders.js';

export const koreanAccountCommands = inTongue({
  // a line of an account
  'disabled ¦ state': '비활성화',
  'proxy_disabled ¦ state': '제외',
  'no_client ¦ state': '미설정',
  'unreadable ¦ state': '파일 오류',
  '{left} left': '{left} 남음',
  'for {span}': '{span}째',
  '{n} unavailable': '응답 없음 {n}',
  // adding
  'no account yet: add one with `regrant add` (refresh token on stdin)':
    '아직 계정이 없습니다: `regrant add`로 추가하십시오(refresh_token은 표준 입력으로)',
  'paste the refresh token, then Enter and Ctrl-D (it is echoed here; a pipe or the screen hides it)':
    'refresh_token을 붙여 넣고 Enter, Ctrl-D를 누르십시오(여기서는 글자가 보이며, 파이프나 화면에서는 보이지 않습니다)',
  'exchange ¦ step': 'Google 수락',
  'identity ¦ step': '소유자',
  'reloaded ¦ step': '계정 풀 반영',
  'upstream ¦ step': '업스트림 응답',
  'served ¦ step': '첫 요청',
  'the client id, Enter, its secret, Enter and Ctrl-D (echoed here; a pipe or `O` on the screen hides it)':
    'client id, Enter, secret, Enter, Ctrl-D 순으로 넣으십시오(여기서는 글자가 보이며, 파이프나 화면의 `O`에서는 보이지 않습니다)',
  'Paste the address or the code, then Enter. Ctrl-C gives up.':
    '주소나 code를 붙여 넣고 Enter를 누르십시오. Ctrl-C로 그만둡니다.',
  'note: it was {email} who logged in, not {other}': '참고: 로그인한 계정은 {other}[이/가] 아니라 {email}입니다',
  // accounts that were named
  'either e-mails or --all, not both': '이메일과 --all 가운데 하나만 쓰십시오',
  'name an account by its e-mail, or all of them with --all': '계정을 이메일로 적거나 --all로 모두 고르십시오',
  'there is no such account; `regrant accounts` lists them': '그런 계정이 없습니다. `regrant accounts`로 목록을 봅니다',
  'not tested: its file cannot be read': '시험하지 않음: 파일을 읽을 수 없음',
  'removed; its file lies in the trash (`regrant trash`)': '삭제했습니다. 파일은 휴지통에 있습니다(`regrant trash`)',
  'remove {names} (the trash keeps what is removed for 30 days)': '{names} 삭제(삭제한 것은 휴지통에 30일 동안 보관됨)',
  'taken out of the proxy; `regrant on` puts it back': '프록시에서 제외했습니다. `regrant on`으로 되돌립니다',
  'nothing lies in the trash': '휴지통이 비어 있습니다',
  'removed ¦ trash': '삭제됨',
  'replaced by a re-add': '다시 추가로 교체됨',
  // an import
  '{n} refresh token to verify with Google, {once} at a time':
    'refresh_token {n}개를 한 번에 {once}개씩 Google에 확인합니다',
  '{n} refresh tokens to verify with Google, {once} at a time':
    'refresh_token {n}개를 한 번에 {once}개씩 Google에 확인합니다',
  'taken in: {clients} OAuth clients, {keys} client keys, {settings} settings, {disabled} disabled accounts as they are; what stood here stays':
    '가져옴: OAuth 클라이언트 {clients}개, 클라이언트 키 {keys}개, 설정 {settings}개, 비활성화된 계정 {disabled}개(그대로). 이미 있던 것은 그대로 둡니다',
  'would be verified with Google and taken in': 'Google에 확인한 뒤 가져오게 됩니다',
  'would come in disabled, as it is': '비활성화된 그대로 가져오게 됩니다',
  'no answer; see the account list for what became of it': '응답이 없습니다. 결과는 계정 목록에서 확인하십시오',
  'the same token as {name}': '{name}[과/와] 같은 토큰입니다',
  'not begun': '시작하지 않음',
  'stopping: those under way are ended first, no other is begun':
    '중지하는 중입니다: 진행 중인 것은 마치고 다른 것은 시작하지 않습니다',
  '{n} re-added': '다시 추가 {n}',
  '{n} twice': '중복 {n}',
  '{n} not begun': '시작하지 않음 {n}',
  'a directory without account files in it': '계정 파일이 없는 디렉터리입니다',
  'not text: there are NUL bytes in it': '텍스트 파일이 아닙니다: NUL 바이트가 있습니다',
  'no refresh token in it: {kind}': 'refresh_token이 없습니다: {kind}',
  '{n} more lines without a refresh token in them': 'refresh_token이 없는 줄이 {n}개 더 있습니다',
  'line {n} is more than one word; a list of tokens has one refresh token a line':
    '{n}번째 줄이 한 단어가 아닙니다. 토큰 목록은 한 줄에 refresh_token 하나입니다',
  "line {n} is {kind}; Google's refresh tokens begin 1/, and --any takes every line of one word":
    '{n}번째 줄: {kind}. Google의 refresh_token은 1/로 시작하며 --any는 한 단어인 줄을 모두 받습니다',
  'an access token, which ends within the hour': '한 시간 안에 끝나는 access_token',
  'an API key': 'API 키',
  'an authorization code, which is good once': '한 번만 쓸 수 있는 승인 코드(authorization code)',
  "an OAuth client's secret": 'OAuth 클라이언트의 secret',
  "an OAuth client's id": 'OAuth 클라이언트의 id',
  'a key in PEM': 'PEM 형식의 키',
  'an e-mail, with nothing that begins 1/ beside it': '옆에 1/로 시작하는 것이 없는 이메일',
  'a setting of something else': '다른 것의 설정',
  'other words': '다른 글',
  'too large for an account file': '계정 파일로는 너무 큼',
  // an export
  'its id cannot be the name of a file here': 'id를 여기서 파일 이름으로 쓸 수 없습니다',
  'its file cannot be written: {why}': '파일을 쓸 수 없습니다: {why}',
  'Passphrase:': '암호:',
  'Once more:': '다시 한 번:',
  'the two passphrases are not the same; nothing was done': '두 암호가 다릅니다. 아무것도 하지 않았습니다',
  'the passphrase is empty; nothing was done': '암호가 비어 있습니다. 아무것도 하지 않았습니다',
  '--recipient names no recipient of age: it begins age1': '--recipient가 age 수신자가 아닙니다: age1로 시작합니다',
  '--identity names a file without an identity of age (AGE-SECRET-KEY-1…)':
    '--identity의 파일에 age의 identity(AGE-SECRET-KEY-1…)가 없습니다',
  'the file cannot be opened: another passphrase sealed it, or it is cut or changed; nothing was done':
    '파일을 열 수 없습니다: 다른 암호로 봉인되었거나, 잘렸거나, 바뀌었습니다. 아무것도 하지 않았습니다',
  'the file cannot be opened: another identity sealed it, or it is cut or changed; nothing was done':
    '파일을 열 수 없습니다: 다른 identity로 봉인되었거나, 잘렸거나, 바뀌었습니다. 아무것도 하지 않았습니다',
  '{file} was opened, and there is no export of regrant in it': '{file}[을/를] 열었지만 regrant의 내보내기가 아닙니다',
  'regrant {version} wrote this export in a form that this version does not know (schema {schema}); nothing was done':
    'regrant {version}[이/가] 이 버전이 모르는 형식(스키마 {schema})으로 내보냈습니다. 아무것도 하지 않았습니다',
  'warning: every token, secret and key stands in it as it is': '경고: 모든 토큰, secret, 키가 그대로 적혀 있습니다',
  'warning: the same tokens go on being used here: where a provider rotates them, one of the two sides will lose them':
    '경고: 같은 토큰을 여기서도 계속 씁니다: 토큰을 교체하는 제공자라면 둘 가운데 한쪽이 토큰을 잃게 됩니다',
  '{n} account exported': '계정 {n}개를 내보냈습니다',
  '{n} accounts exported': '계정 {n}개를 내보냈습니다',
  '{exported} to {file}': '{exported}: {file}',
  'an export is sealed with --passphrase or for a --recipient; --plain leaves it open':
    '내보내기는 --passphrase나 --recipient로 봉인합니다. --plain은 봉인하지 않습니다',
  '{file}: its keys are no object in braces': '{file}: keys가 중괄호 객체가 아닙니다',
  '{file}: there is no e-mail in it': '{file}: 이메일이 없습니다',
  'there is no account {name}; {faults}': '{name} 계정이 없습니다. {faults}',
  'and {n} more': '외 {n}개',
  'nothing was exported': '아무것도 내보내지 않았습니다',
  'nothing was exported: {faults}': '아무것도 내보내지 않았습니다: {faults}',
  '{faults}; mend what is named, or move it away': '{faults}. 적힌 것을 고치거나 옮기십시오',
});
