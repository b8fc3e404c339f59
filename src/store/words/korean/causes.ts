/** Why an account is out, and what the operator does then. */
import { inTongue } from '../catalogue/placeholders.js';

const READD = 'r을 누르고 새 refresh_token을 붙여 넣으십시오';
const ASKED_AGAIN = '처음에는 15분, 길게는 하루 간격으로 자동으로 다시 묻습니다. c를 누르면 바로 묻습니다';

export const koreanCauses = inTongue({
  'press r and paste a new refresh token': READD,
  'revoked by its owner or by a security event': '소유자나 보안 조치로 취소됨',
  revoked: '취소됨',
  'The owner took the access away (myaccount.google.com/permissions), or Google did after a security event.':
    '소유자가 액세스를 취소했거나(myaccount.google.com/permissions) 보안 조치로 Google이 취소했습니다.',
  'the password was changed': '비밀번호가 바뀜',
  'password changed': '비밀번호 변경',
  'The password was changed, which ends every refresh token that has a Gmail scope.':
    '비밀번호가 바뀌면 Gmail scope가 있는 모든 refresh_token이 무효화됩니다.',
  'the app is in Testing, where grants end after 7 days': '앱이 테스트 상태라 승인이 7일 뒤 끝남',
  'Testing status': '테스트 상태',
  'The OAuth consent screen has the publishing status Testing: its grants to external users end after 7 days.':
    'OAuth 동의 화면의 게시 상태가 테스트입니다: 외부 사용자의 승인은 7일 뒤 끝납니다.',
  'publish the app in the Google Cloud console (Audience), then r and a token made after that; otherwise it ends again in 7 days':
    'Google Cloud 콘솔(대상)에서 앱을 게시한 다음 r을 누르고 그 뒤에 만든 토큰을 붙여 넣으십시오. 그러지 않으면 7일 뒤 다시 끝납니다',
  'unused for six months': '6개월 동안 쓰지 않음',
  'unused 6 months': '6개월 미사용',
  'The refresh token was not used for six months, after which Google ends it.':
    'refresh_token을 6개월 동안 쓰지 않아 Google이 무효화했습니다.',
  'over 100 live tokens of this client and user': '이 클라이언트와 사용자의 유효한 토큰이 100개를 넘음',
  '100 tokens': '토큰 100개',
  'A user can have 100 live refresh tokens for one OAuth client; each further login silently ends the oldest.':
    '한 사용자는 OAuth 클라이언트 하나에 refresh_token을 100개까지 가질 수 있으며, 더 로그인하면 가장 오래된 것이 경고 없이 무효화됩니다.',
  'press r and paste a new refresh token; use one login per machine instead of a new one for each run': `${READD}; 실행할 때마다 로그인하지 말고 컴퓨터마다 한 번만 로그인하십시오`,
  "the Workspace's session length is over": 'Workspace의 세션 시간이 끝남',
  reauthentication: '재인증',
  'The Workspace administrator limits how long a session with Google Cloud scopes lasts; a new login is due.':
    'Workspace 관리자가 Google Cloud scope의 세션 시간을 제한했습니다. 다시 로그인해야 합니다.',
  'log in again and press r; ask the administrator to trust this app if it comes back too often':
    '다시 로그인하고 r을 누르십시오. 너무 자주 되풀이되면 관리자에게 이 앱을 신뢰하도록 요청하십시오',
  'the Google account was deleted or suspended': 'Google 계정이 삭제되었거나 정지됨',
  'account deleted': '계정 삭제됨',
  'Google says that the account itself was deleted or suspended.':
    'Google에 따르면 계정 자체가 삭제되었거나 정지되었습니다.',
  'restore the account with Google (of a Workspace: its administrator can), or remove it here with x':
    'Google에서 계정을 복구하거나(Workspace는 관리자가) 여기서 x로 삭제하십시오',
  'not a whole refresh token': '온전한 refresh_token이 아님',
  malformed: '형식 오류',
  'Google never accepted this text as a refresh token; it was probably cut when it was copied.':
    'Google이 이 텍스트를 refresh_token으로 받아들인 적이 없습니다. 복사하다가 잘렸을 것입니다.',
  'press r and paste the token again, whole': 'r을 누르고 토큰을 통째로 다시 붙여 넣으십시오',
  "the Workspace administrator's policy blocks this app": 'Workspace 관리자 정책이 이 앱을 막음',
  'The Workspace administrator does not allow this app or one of its scopes.':
    'Workspace 관리자가 이 앱이나 그 scope 가운데 하나를 허용하지 않습니다.',
  'ask the administrator to allow the OAuth client (Security, API controls), then t':
    '관리자에게 OAuth 클라이언트 허용(보안, API 제어)을 요청한 다음 t를 누르십시오',
  'Advanced Protection or a policy blocks this app': '고급 보호나 정책이 이 앱을 막음',
  'A policy on the account, such as the Advanced Protection Program, does not allow this app.':
    '고급 보호 프로그램 같은 계정의 정책이 이 앱을 허용하지 않습니다.',
  'use an account without that policy, or have the app allowed, then t':
    '그 정책이 없는 계정을 쓰거나 앱을 허용받은 다음 t를 누르십시오',
  'access is denied to this account': '이 계정의 액세스가 거부됨',
  "Google refuses this account access tokens: it is restricted, no test user, or the app is another organisation's.":
    'Google이 이 계정에 access_token을 주지 않습니다: 제한된 계정이거나, 테스트 사용자가 아니거나, 앱이 다른 조직의 것입니다.',
  "read Google's words: lift the restriction (myaccount.google.com), or add the account to the test users, then t":
    'Google 원문을 읽고 제한을 풀거나(myaccount.google.com) 계정을 테스트 사용자에 넣은 다음 t를 누르십시오',
  'the token belongs to another OAuth client': '토큰이 다른 OAuth 클라이언트의 것임',
  'This refresh token was issued to another OAuth client than the one it was sent with.':
    '이 refresh_token은 함께 보낸 것과 다른 OAuth 클라이언트에 발급되었습니다.',
  'configure the client that issued it (oauth.clients) or press r and paste a token of this client':
    '발급한 클라이언트를 설정하거나(oauth.clients) r을 누르고 이 클라이언트의 토큰을 붙여 넣으십시오',
  'Google does not know the OAuth client, or its secret is wrong': 'Google이 OAuth 클라이언트를 모르거나 secret이 틀림',
  'Google does not accept the OAuth client id with this secret. No account is at fault.':
    'Google이 이 secret으로는 OAuth 클라이언트 id를 받아들이지 않습니다. 계정의 잘못이 아닙니다.',
  'press O and give the id and secret of the client as the Google Cloud console shows them':
    'O를 누르고 Google Cloud 콘솔에 나온 대로 클라이언트의 id와 secret을 넣으십시오',
  'the OAuth client was deleted': 'OAuth 클라이언트가 삭제됨',
  'The OAuth client was deleted in the Google Cloud console; for 30 days it can be restored there.':
    'OAuth 클라이언트가 Google Cloud 콘솔에서 삭제되었습니다. 30일 동안 그곳에서 복구할 수 있습니다.',
  'restore the client in the console, then t': '콘솔에서 클라이언트를 복구한 다음 t를 누르십시오',
  'the OAuth client was disabled': 'OAuth 클라이언트가 사용 중지됨',
  'The OAuth client was disabled in the Google Cloud console, or by Google.':
    'OAuth 클라이언트가 Google Cloud 콘솔에서 또는 Google에 의해 사용 중지되었습니다.',
  'enable the client in the console, then t': '콘솔에서 클라이언트를 사용 설정한 다음 t를 누르십시오',
  'its OAuth client is not configured': 'OAuth 클라이언트가 설정되지 않음',
  'No OAuth client is configured that this account could be refreshed with.':
    '이 계정을 갱신할 수 있는 OAuth 클라이언트가 설정되어 있지 않습니다.',
  'press O and give its id and secret, or set oauth.clients in settings.json and restart regrant':
    'O를 누르고 id와 secret을 넣거나, settings.json에 oauth.clients를 적고 regrant를 다시 시작하십시오',
  'the network, a proxy or a firewall is in the way': '네트워크, 프록시, 방화벽이 가로막음',
  "Google's token endpoint could not be reached, or something on the way answered in its place.":
    'Google의 토큰 엔드포인트에 연결하지 못했거나 중간의 무언가가 대신 응답했습니다.',
  'check the connection and network.proxy; regrant tries again by itself':
    '연결과 network.proxy를 확인하십시오. regrant가 자동으로 다시 시도합니다',
  'Google has trouble of its own': 'Google 쪽 장애',
  "Google's token endpoint answered, but not with an answer that means anything.":
    'Google의 토큰 엔드포인트가 응답했지만 뜻을 알 수 없는 응답입니다.',
  'nothing: regrant tries again by itself': '할 일 없음: regrant가 자동으로 다시 시도합니다',
  'too many requests to the token endpoint': '토큰 엔드포인트에 요청이 너무 많음',
  'The token endpoint asks to be left alone for a while.': '토큰 엔드포인트가 잠시 요청하지 말라고 합니다.',
  'another box sent its refresh token, and nobody knows what came back':
    '다른 서버가 refresh_token을 보냈고 응답을 아무도 모름',
  'Another box sent this refresh token and ended before it told what came back: a new one may have taken its place.':
    '다른 서버가 이 refresh_token을 보낸 뒤 응답을 알리기 전에 끝났습니다: 새 토큰으로 바뀌었을 수 있습니다.',
  'start that box again, and its answer is taken in; or press t to send the token all the same, or r to re-add':
    '그 서버를 다시 시작하면 응답을 받아들입니다. 또는 t를 눌러 그대로 보내거나 r로 다시 추가하십시오',
  'the database cannot be reached': '데이터베이스에 연결할 수 없음',
  'Without the database nobody knows whether another box is sending this refresh token at this moment.':
    '데이터베이스 없이는 다른 서버가 지금 이 refresh_token을 보내고 있는지 알 수 없습니다.',
  'mend the database or the way to it; regrant goes on by itself':
    '데이터베이스나 그 연결을 고치십시오. regrant가 자동으로 계속합니다',
  'a refusal that regrant does not know': 'regrant가 모르는 거부',
  'Google refused in words that fit no known cause.': 'Google이 알려진 어떤 원인에도 맞지 않는 말로 거부했습니다.',
  "read Google's words, then t to ask again": 'Google 원문을 읽은 다음 t로 다시 물으십시오',
});

export const koreanAnswerCauses = inTongue({
  "the day's quota is used up": '하루 할당량을 다 씀',
  "A quota that counts a day is used up; Google's days end at midnight in California.":
    '하루 단위 할당량을 다 썼습니다. Google의 하루는 캘리포니아의 자정에 끝납니다.',
  'nothing: it is asked again then; c asks at once': '할 일 없음: 그때 다시 요청합니다. c를 누르면 바로 요청합니다',
  'a quota is used up': '할당량을 다 씀',
  'Google asks to be left alone for as long as it says, or for a moment where it says nothing.':
    'Google이 말한 시간 동안, 말하지 않았으면 잠시 동안 요청하지 말라고 합니다.',
  'a fresh access token is refused': '새 access_token이 거부됨',
  'The upstream refuses an access token that was just made, where other accounts are served.':
    '다른 계정은 처리하면서 방금 만든 access_token을 업스트림이 거부합니다.',
  'press t; if that goes well and it comes back, r with a token that has the right scopes':
    't를 누르십시오. 잘 되는데도 되풀이되면 r을 누르고 알맞은 scope가 있는 토큰을 붙여 넣으십시오',
  'Google forbids it what it lets others do': 'Google이 다른 계정에는 허용하면서 이 계정은 막음',
  'The upstream forbade this account a request that another account was then served.':
    '다른 계정에서는 처리된 요청을 업스트림이 이 계정에는 금지했습니다.',
  'nothing: it is asked again by itself; c asks at once':
    '할 일 없음: 자동으로 다시 요청합니다. c를 누르면 바로 요청합니다',
  'it lacks a model that others have': '다른 계정에 있는 모델이 없음',
  'The upstream knows no such model for this account, and served it as another one.':
    '업스트림에 따르면 이 계정에는 그 모델이 없으며, 다른 계정으로는 처리되었습니다.',
  'nothing: other models are served; it is asked again in an hour':
    '할 일 없음: 다른 모델은 서비스합니다. 한 시간 뒤 다시 요청합니다',
  'Google asks a human to verify the account': 'Google이 본인 확인을 요구함',
  'Google serves this account again once a human has verified it.':
    '본인 확인을 마치면 Google이 이 계정을 다시 처리합니다.',
  'open the link in a browser as this account; do what Google asks for, then press t, or c to have it asked again at once':
    '이 계정으로 브라우저에서 링크를 열고 Google이 요구하는 것을 한 다음 t를, 바로 다시 요청하려면 c를 누르십시오',
  'the token lacks a scope': '토큰에 scope가 부족함',
  'The grant does not cover a path that others are served at.': '다른 계정에서는 처리되는 경로가 이 승인에는 없습니다.',
  'log in again with o, or press r and paste a token that has the scope':
    'o로 다시 로그인하거나 r을 누르고 그 scope가 있는 토큰을 붙여 넣으십시오',
  'it may not use its quota project, or that is shut': '할당량 프로젝트를 쓸 수 없거나 닫혀 있음',
  'Google denies the use of the quota project: it is unknown, shut, or not open to this account.':
    'Google이 할당량 프로젝트의 사용을 거부합니다: 모르는 프로젝트이거나, 닫혔거나, 이 계정에 열려 있지 않습니다.',
  'set token.project_id, or grant the account Service Usage Consumer there; it is asked again by itself, after 15 min at first and a day at most; c asks at once': `token.project_id를 바꾸거나 그곳에서 계정에 서비스 사용량 소비자 역할을 주십시오. ${ASKED_AGAIN}`,
  'it has no licence for the service': '서비스의 라이선스가 없음',
  'The account lacks the subscription or licence that the service asks for.':
    '서비스가 요구하는 구독이나 라이선스가 이 계정에 없습니다.',
  'get it the licence; it is asked again by itself, after 15 min at first and a day at most; c asks at once': `라이선스를 받으십시오. ${ASKED_AGAIN}`,
  'Google has closed the service to this account over its terms of service':
    'Google이 서비스 약관을 이유로 이 계정의 서비스를 닫음',
  'Google has closed the service to this account for a violation of its terms, or suspended it.':
    'Google이 약관 위반으로 이 계정의 서비스를 닫았거나 정지했습니다.',
  'appeal to Google; it is asked again by itself, after 15 min at first and a day at most; c asks at once': `Google에 이의를 제기하십시오. ${ASKED_AGAIN}`,
  'it is not served from here, or nobody pays': '이 지역에서 서비스되지 않거나 결제되지 않음',
  "A precondition that is the account's own does not hold: its country, or its billing.":
    '계정 자체의 전제 조건이 맞지 않습니다: 국가 또는 결제입니다.',
  "see Google's words; it is asked again by itself, after 15 min at first and a day at most; c asks at once": `Google 원문을 보십시오. ${ASKED_AGAIN}`,
  'the API is off in its quota project': '할당량 프로젝트에서 API가 꺼져 있음',
  'The API is not enabled in the quota project.': '할당량 프로젝트에서 API가 사용 설정되어 있지 않습니다.',
  'enable it in the Google Cloud console; it is asked again by itself, after 15 min at first and a day at most; c asks at once': `Google Cloud 콘솔에서 사용 설정하십시오. ${ASKED_AGAIN}`,
  'nobody pays for its quota project': '할당량 프로젝트의 결제가 없음',
  'Billing is off in the quota project.': '할당량 프로젝트의 결제가 꺼져 있습니다.',
  'enable billing in the Google Cloud console; it is asked again by itself, after 15 min at first and a day at most; c asks at once': `Google Cloud 콘솔에서 결제를 사용 설정하십시오. ${ASKED_AGAIN}`,
  'its quota project is gone': '할당량 프로젝트가 없음',
  'The upstream finds no such quota project.': '업스트림이 그런 할당량 프로젝트를 찾지 못합니다.',
  'correct or remove token.project_id in its file; it is asked again by itself, after 15 min at first and a day at most; c asks at once': `파일의 token.project_id를 고치거나 지우십시오. ${ASKED_AGAIN}`,
});
