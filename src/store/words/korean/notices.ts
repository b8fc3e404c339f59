/** What a supervisor tells besides accounts: notices, settings that open something, keys, handing over. */
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
  'key {name} is another one now': '키 {name}[이/가] 새 키로 바뀌었습니다',
  'key {name} is another one now, and the one before is let in for a while':
    '키 {name}[이/가] 새 키로 바뀌었고 이전 키도 한동안 허용합니다',
  'Google honours its refresh token; {more}': 'Google이 refresh_token을 받아들입니다. {more}',
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
