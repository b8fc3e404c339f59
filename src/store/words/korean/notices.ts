/** What a supervisor tells besides accounts: notices, settings that open something, keys, logins, handing over. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanNotices = inTongue({
  'regrant on {host}: {text}': '{host}의 regrant: {text}',
  'a test: whoever reads this is told when something is wrong':
    '시험 알림입니다: 문제가 생기면 이것을 읽는 사람에게 알립니다',
  '{email} is out: {why}': '{email} 빠짐: {why}',
  '{email} is back: {why}': '{email} 돌아옴: {why}',
  '{email} rests: {why}': '{email} 대기: {why}',
  '{email} is blocked ({why})': '{email} 차단됨({why})',
  '{email} is blocked ({why}): {url}': '{email} 차단됨({why}): {url}',
  'none of {n} accounts serves: {next}': '계정 {n}개 모두 서비스하지 못합니다: {next}',
  'none of {n} accounts serves {model}: {next}': '계정 {n}개 모두 {model}[을/를] 서비스하지 못합니다: {next}',
  'none of {n} accounts serves {model} and {more} more: {next}':
    '계정 {n}개 모두 {model} 외 {more}개를 서비스하지 못합니다: {next}',
  'requests get 503': '요청에 503으로 응답합니다',
  'nobody knows when one will': '언제 재개될지 알 수 없습니다',
  'next in {span}': '{span} 뒤 재개',
  '{n} account left that can serve, fewer than {least} (notify.poolBelow)':
    '서비스할 수 있는 계정이 {n}개 남았습니다. {least}개 미만입니다(notify.poolBelow)',
  '{n} accounts left that can serve, fewer than {least} (notify.poolBelow)':
    '서비스할 수 있는 계정이 {n}개 남았습니다. {least}개 미만입니다(notify.poolBelow)',
  "one account's newest credential or flag is in memory only, and lost if regrant ends: see `regrant doctor`":
    '계정 하나의 새 자격 증명이나 표시가 메모리에만 있어 regrant가 끝나면 잃게 됩니다: `regrant doctor`를 보십시오',
  'what is new of {n} accounts is in memory only, and lost if regrant ends: see `regrant doctor`':
    '계정 {n}개의 새 내용이 메모리에만 있어 regrant가 끝나면 잃게 됩니다: `regrant doctor`를 보십시오',
  'the client key {name} ends in {left}; `regrant key set {key} --expires` gives it longer':
    '클라이언트 키 {name}[이/가] {left} 뒤 만료됩니다. `regrant key set {key} --expires`로 늘립니다',
  'Google refuses the OAuth client "{name}" ({code}): all of its accounts pause':
    'Google이 OAuth 클라이언트 "{name}"[을/를] 거부합니다({code}): 그 계정은 모두 멈춥니다',
  '{name} was told': '{name}에 알렸습니다',
  '{name} was not told: {why}': '{name}에 알리지 못했습니다: {why}',
  'it cannot be run: {why}': '실행할 수 없음: {why}',
  'no end in {n} s': '{n}초 안에 끝나지 않음',
  // settings that open something to others
  'whoever reaches {host} spends these accounts: no key is asked for; set it to all_except_health, or proxy.host to 127.0.0.1':
    '{host}에 접속할 수 있으면 누구나 이 계정들을 쓸 수 있습니다: 키를 묻지 않습니다. all_except_health로 바꾸거나 proxy.host를 127.0.0.1로 정하십시오',
  '{n} letters can be guessed; give it {least} random ones or more, or take it out for one to be made':
    '{n}자는 알아맞힐 수 있습니다. 무작위 {least}자 이상으로 하거나, 지우면 새로 만듭니다',
  'keys and prompts go over the network to {host} in the clear; put a proxy with TLS in front, or set it to 127.0.0.1':
    '키와 프롬프트가 {host}까지 네트워크를 암호화 없이 지납니다. 앞에 TLS 프록시를 두거나 127.0.0.1로 정하십시오',
  'access tokens and prompts go to {host} in the clear; use https':
    'access_token과 프롬프트가 {host}까지 암호화 없이 갑니다. https를 쓰십시오',
  'notices go to {host} in the clear; use https': '알림이 {host}까지 암호화 없이 갑니다. https를 쓰십시오',
  'no certificate is checked: whoever is on the way to Google reads the refresh tokens; take it out':
    '인증서를 확인하지 않습니다: Google까지의 중간에서 누구나 refresh_token을 읽을 수 있습니다. 이 변수를 빼십시오',
  // answers
  'this one cannot be restarted: it ends with its terminal': '다시 시작할 수 없습니다: 터미널과 함께 끝납니다',
  '{bytes} bytes are too long for a refresh token (at most {most}); nothing was sent':
    '{bytes}바이트는 refresh_token으로 너무 깁니다(최대 {most}). 아무것도 보내지 않았습니다',
  'Google could not be asked about it ({why}); the first login will tell':
    'Google에 물을 수 없었습니다({why}). 첫 로그인에서 알 수 있습니다',
  'nothing is saved: Google says {words}; {next}': '저장하지 않았습니다. Google 원문: {words}. {next}',
  'but the environment (REGRANT_OAUTH_CLIENTS_…) sets another one, and that one holds':
    '하지만 환경 변수(REGRANT_OAUTH_CLIENTS_…)가 다른 것을 정하며 그것이 쓰입니다',
  '{name} is here already with this very refresh token; nothing was changed':
    '{name}[은/는] 바로 이 refresh_token으로 이미 있습니다. 아무것도 바꾸지 않았습니다',
  'nothing was saved: {why}': '아무것도 저장하지 않았습니다: {why}',
  'there is no {name} in the trash; `regrant trash` lists what is':
    '휴지통에 {name}[이/가] 없습니다. `regrant trash`로 목록을 봅니다',
  'no login: {why}': '로그인하지 못했습니다: {why}',
  'the login was closed; nothing was saved': '로그인을 닫았습니다. 아무것도 저장하지 않았습니다',
  'no refresh token': 'refresh_token 없음',
  'the name of a key has only letters, digits, and . _ @ - in it, 64 at most, and is not constructor or the like':
    '키의 이름은 영문자, 숫자, . _ @ - 만으로 64자까지입니다(constructor 따위는 안 됩니다)',
  'there is a key {name} already; `key rotate` makes another one for it':
    '키 {name}[이/가] 이미 있습니다. `key rotate`로 새 키로 바꿉니다',
  'key {name} is another one now': '키 {name}[이/가] 새 키로 바뀌었습니다',
  'key {name} is another one now, and the one before is let in for a while':
    '키 {name}[이/가] 새 키로 바뀌었고 이전 키도 한동안 허용합니다',
  'Google honours its refresh token; {more}': 'Google이 refresh_token을 받아들입니다. {more}',
  // a login
  'the login is over: {why}': '로그인이 끝났습니다: {why}',
  'it was left for 15 minutes': '15분 동안 입력이 없었습니다',
  'another login was started instead': '다른 로그인이 시작되었습니다',
  'it was closed': '닫혔습니다',
  'nothing was saved': '아무것도 저장하지 않았습니다',
  'that login is over': '그 로그인은 끝났습니다',
  'start another one': '새로 시작하십시오',
  'Google refused the code: {why}: a code works once and for a few minutes':
    'Google이 code를 거부했습니다: {why}. code는 몇 분 안에 한 번만 쓸 수 있습니다',
  'open the link again for another one': '링크를 다시 열어 새로 받으십시오',
  'open the link again for another code': '링크를 다시 열어 code를 새로 받으십시오',
  'Google refused the login: {why}': 'Google이 로그인을 거부했습니다: {why}',
  'Google refused the redirect address: the OAuth client has to be of the type "Desktop app"':
    'Google이 리디렉션 주소를 거부했습니다: OAuth 클라이언트가 데스크톱 앱 유형이어야 합니다',
  'Google gave no refresh token, only access for an hour; nothing was saved: take the app away at myaccount.google.com/permissions and open the link again (a server that is not Google may want offline_access in oauth.scopes)':
    'Google이 refresh_token 없이 한 시간짜리 access_token만 주어 아무것도 저장하지 않았습니다: myaccount.google.com/permissions에서 앱의 액세스를 삭제하고 링크를 다시 여십시오(Google이 아닌 서버라면 oauth.scopes에 offline_access가 필요할 수 있습니다)',
  'consent was denied in the browser: open the link again and allow the access':
    '브라우저에서 동의를 거부했습니다: 링크를 다시 열고 액세스를 허용하십시오',
  "the Workspace administrator's policy blocks this app: have it allowed, then open the link again":
    'Workspace 관리자 정책이 이 앱을 막습니다: 허용을 받은 다음 링크를 다시 여십시오',
  'this OAuth client is for accounts of its own organization only: use one of them, or another client':
    '이 OAuth 클라이언트는 같은 조직의 계정만 씁니다: 그 조직의 계정이나 다른 클라이언트를 쓰십시오',
  'Google does not know one of the scopes in oauth.scopes: correct it in settings.json, then log in again':
    'oauth.scopes에 Google이 모르는 scope가 있습니다: settings.json에서 고친 다음 다시 로그인하십시오',
  'the answer belongs to another login (its state is not the one of this link): nothing was sent':
    '다른 로그인의 결과입니다(state가 이 링크의 것이 아님). 아무것도 보내지 않았습니다',
  'the answer holds no code: open the link again': '결과에 code가 없습니다: 링크를 다시 여십시오',
  'Google answered {error}: open the link again': 'Google의 응답 {error}: 링크를 다시 여십시오',
  'that is the link itself: open it in a browser, and paste the address at which the browser ends':
    '그것은 링크 자체입니다: 브라우저에서 열고, 브라우저가 마지막에 연 주소를 붙여 넣으십시오',
  'that address belongs to another login (its state is not the one of this link): nothing was sent; open the link that is shown now':
    '다른 로그인의 주소입니다(state가 이 링크의 것이 아님). 아무것도 보내지 않았습니다. 지금 나온 링크를 여십시오',
  'that address holds no code: copy the whole address line of the page, up to its end':
    '그 주소에 code가 없습니다: 페이지의 주소창을 끝까지 모두 복사하십시오',
  'that is a refresh token, not a code: close this, press r on the account, and paste it there':
    '그것은 code가 아니라 refresh_token입니다: 이 창을 닫고 그 계정에서 r을 눌러 붙여 넣으십시오',
  'that is too long for a code: nothing was sent': 'code로는 너무 깁니다: 아무것도 보내지 않았습니다',
  'the code is being exchanged': 'code를 교환하는 중입니다',
  'that code was used already: open the link again for another one':
    '그 code는 이미 쓰였습니다: 링크를 다시 열어 새로 받으십시오',
  'there is nothing to check: paste the address or the code first':
    '확인할 것이 없습니다: 먼저 주소나 code를 붙여 넣으십시오',
  // the OAuth client
  'OAuth client "{name}" is saved and used from now on: {verdict}':
    'OAuth 클라이언트 "{name}"[을/를] 저장했고 지금부터 씁니다: {verdict}',
  'Google knows it': 'Google이 아는 클라이언트입니다',
  'nothing is saved: Google says {words}': '저장하지 않았습니다. Google 원문: {words}',
  'nothing is saved: no secret was given, and none is stored; the Google Cloud console shows that of a desktop client':
    'secret이 없고 저장된 것도 없어 저장하지 않았습니다. Google Cloud 콘솔에서 데스크톱 클라이언트의 secret을 볼 수 있습니다',
  'compare id and secret with what the Google Cloud console shows':
    'id와 secret을 Google Cloud 콘솔의 것과 비교해 보십시오',
  // events and banners
  'nothing is asked until then but what a request needs and nobody else can serve':
    '그때까지는 다른 계정이 처리할 수 없는 요청에 필요한 것만 묻습니다',
  'its file cannot be replaced ({why}): it is written in its place, after a copy into trash/':
    '파일을 교체할 수 없어({why}) trash/에 사본을 둔 뒤 그 자리에 씁니다',
  'Code Assist says again what is left of its quota': 'Code Assist가 남은 할당량을 다시 알려 줌',
  '{why}: no second machine may run on this data directory':
    '{why}: 다른 컴퓨터가 이 데이터 디렉터리를 함께 쓰면 안 됩니다',
  'an answer {status} that names no error': '오류를 알리지 않은 응답 {status}',
  'the account file is gone': '계정 파일이 없어짐',
  '{file} cannot be read, so a rotated token could not be saved':
    '{file}[을/를] 읽을 수 없어 교체된 토큰을 저장할 수 없음',
  'regrant stops': 'regrant가 중지하는 중',
  'regrant stops; it is told after the next start': 'regrant가 중지하는 중이라 다음 시작 뒤에 알립니다',
  'regrant restarts: its successor asks for it': 'regrant가 다시 시작하는 중이며 새 프로세스가 묻습니다',
  'another regrant refreshes the accounts of this directory': '다른 regrant가 이 디렉터리의 계정을 갱신합니다',
  'another process has exchanged this refresh token': '다른 프로세스가 이 refresh_token을 교환함',
  'whoever asked for it is gone': '물은 쪽이 사라짐',
  'userinfo names no e-mail': 'userinfo에 이메일이 없음',
  'an answer without end, not one of a token endpoint': '토큰 엔드포인트의 것이 아닌 끝없는 응답',
  // Code Assist
  'models list {status}': '모델 목록 {status}',
  'the upstream did not answer: {why}': '업스트림이 응답하지 않음: {why}',
  'the upstream answered {status}': '업스트림의 응답 {status}',
  'the token lacks a Gemini scope (generative-language)': '토큰에 Gemini scope(generative-language)가 없음',
  'the token lacks the cloud-platform scope': '토큰에 cloud-platform scope가 없음',
  'the account file has no token.project_id': '계정 파일에 token.project_id가 없음',
  'no base URL': '기본 URL이 없음',
  'no project: {why}': '프로젝트 없음: {why}',
  '{what} answered {status}': '{what}의 응답 {status}',
  '{what} answered something else': '{what}[이/가] 다른 것을 응답함',
  'no answer from {host}: {why}': '{host}의 응답 없음: {why}',
  'Google is still setting the account up for Code Assist': 'Google이 아직 계정의 Code Assist를 설정하는 중',
  '{what} names no project for this account': '{what}[이/가] 이 계정의 프로젝트를 알려 주지 않음',
  'it was never set up for Code Assist, and upstream.onboard forbids that here':
    'Code Assist가 설정된 적이 없는데 upstream.onboard가 설정을 막음',
  'Google says that it is not eligible': 'Google이 자격이 없다고 함',
  'its tier of Code Assist wants a Google Cloud project of its owner: set token.project_id':
    '이 Code Assist 등급에는 소유자의 Google Cloud 프로젝트가 필요합니다: token.project_id를 정하십시오',
});
