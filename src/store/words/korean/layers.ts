/** Dialogs, fields at the foot, and the forms for a client and a login. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanLayers = inTongue({
  'Leave regrant?': 'regrant에서 나가시겠습니까?',
  'go on serving without a screen': '화면 없이 계속 서비스',
  'go on serving': '계속 서비스',
  'stop the proxy, after the requests under way (10 s at most)': '진행 중인 요청을 마친 뒤(최대 10초) 프록시 중지',
  'stop the proxy': '프록시 중지',
  'stay, as after two seconds without a key': '머무르기, 2초 동안 키가 없을 때와 같음',
  stay: '머무르기',
  'No request is under way.': '진행 중인 요청이 없습니다.',
  '{requests} under way.': '진행 중: {requests}.',
  'The proxy on {address} runs in this program and would end with it. {under}':
    '{address}의 프록시는 이 프로그램 안에서 실행되며 함께 끝납니다. {under}',
  'and {n} accounts more': '외 계정 {n}개',
  'Not saved ({why}), and lost if the last try at the stop fails too:':
    '저장되지 않았으며({why}), 중지할 때의 마지막 시도도 실패하면 잃게 됩니다:',
  'Suspend?': '일시 중지하시겠습니까?',
  'suspend: the proxy stands still until fg': '일시 중지: fg를 할 때까지 프록시도 멈춤',
  suspend: '일시 중지',
  'The proxy on {address} runs in this program: requests would wait until it is brought back with fg.':
    '{address}의 프록시는 이 프로그램 안에서 실행됩니다: fg로 되돌릴 때까지 요청이 기다리게 됩니다.',
  'Remove?': '삭제하시겠습니까?',
  'remove, as does Enter': '삭제, Enter도 같음',
  remove: '삭제',
  keep: '그대로 두기',
  'The file goes to trash/, where u brings it back from.': '파일은 trash/로 옮겨지며 u로 되살릴 수 있습니다.',
  'The files go to trash/, where u brings them back from.': '파일들은 trash/로 옮겨지며 u로 되살릴 수 있습니다.',
  'Undo?': '되돌리시겠습니까?',
  'Redo?': '다시 실행하시겠습니까?',
  'undo it, as does Enter': '되돌리기, Enter도 같음',
  undo: '되돌리기',
  'redo it, as does Enter': '다시 실행, Enter도 같음',
  redo: '다시 실행',
  'leave all as it is': '모두 그대로 두기',
  'type a name · Up and Down choose · Enter runs it · Esc back': '이름 입력 · Up Down 고르기 · Enter 실행 · Esc 뒤로',
  'Do what?': '무엇을 하시겠습니까?',
  'nothing of that name': '그런 이름은 없습니다',
  'nothing is sought here: / seeks in this sheet': '찾는 것이 없습니다: /로 이 창에서 찾습니다',
  'PgDn {n} more': 'PgDn {n}줄 더',
  'Enter goes to it, then n and N · Esc drop': 'Enter 이동, 그다음 n과 N · Esc 취소',
  '14:05 · 11-29 14:05 · 2h30m ago · Esc back': '14:05 · 11-29 14:05 · 2h30m(전) · Esc 뒤로',
  'no time that was · Esc back': '지난 시각이 아닙니다 · Esc 뒤로',
  'Enter goes there · Esc back': 'Enter 이동 · Esc 뒤로',
  'to {time}': '{time}[으로/로]',
  '! all but these · ~ regular expression · Enter keep · Esc drop':
    '! 이것 빼고 모두 · ~ 정규식 · Enter 유지 · Esc 해제',
  '! not · ~ regex · Esc drop': '! 제외 · ~ 정규식 · Esc 해제',
  'Enter check and save': 'Enter 확인하고 저장',
  'Enter save': 'Enter 저장',
  'Ctrl-C leaves': 'Ctrl-C 나가기',
  'Ctrl-C asks': 'Ctrl-C 묻기',
  'letters are text · {keys} · Ctrl-U clear · {leave} · Esc close':
    '글자는 그대로 입력 · {keys} · Ctrl-U 지우기 · {leave} · Esc 닫기',
  "the log's files hold no line of that time": '로그 파일에 그 시각의 줄이 없습니다',
  // the OAuth client
  'Enter next, then check and save · Tab other field · Ctrl-U clear · Esc not now':
    'Enter 다음 칸, 이어서 확인하고 저장 · Tab 다른 칸 · Ctrl-U 지우기 · Esc 나중에',
  'asking Google · Esc closes this, the check goes on': 'Google에 묻는 중 · Esc로 닫아도 확인은 계속됨',
  'o log in with Google · a paste a refresh token · Esc later':
    'o Google로 로그인 · a refresh_token 붙여 넣기 · Esc 나중에',
  'regrant asks Google through an OAuth client of your own, made once:':
    'regrant는 직접 만든 OAuth 클라이언트로 Google에 묻습니다. 한 번만 만들면 됩니다:',
  '1  console.cloud.google.com/auth/clients: Create client, Desktop app':
    '1  console.cloud.google.com/auth/clients: 클라이언트 만들기, 데스크톱 앱',
  '2  there too: enable the Generative Language API, and publish the app (Audience), or each grant ends after 7 days':
    '2  같은 곳에서 Generative Language API를 켜고 앱을 게시(대상)합니다. 그러지 않으면 승인이 7일 뒤 끝납니다',
  '3  paste here its id and secret, or all of its JSON file:':
    '3  id와 secret, 또는 JSON 파일 전체를 여기에 붙여 넣습니다:',
  'log in with Google: a link for any browser, its answer pasted back':
    'Google로 로그인: 아무 브라우저에서나 링크를 열고 결과를 붙여 넣기',
  'paste a refresh token that this client has issued': '이 클라이언트가 발급한 refresh_token 붙여 넣기',
  later: '나중에',
  'set up your OAuth client': 'OAuth 클라이언트 설정',
  'set up the OAuth client "{name}"': 'OAuth 클라이언트 "{name}" 설정',
  'Now the first account:': '이제 첫 계정을 추가합니다:',
  'asking Google whether it knows this client …': 'Google이 이 클라이언트를 아는지 묻는 중 …',
  'as it is stored; type another one to replace it': '저장된 그대로; 바꾸려면 다른 것을 입력',
  'client id': 'id',
  secret: 'secret',
  'it is never shown': '화면에 표시되지 않음',
  '{n} chars': '{n}자',
  // a login
  'Esc gives up': 'Esc 그만두기',
  'Enter sends what was pasted · Ctrl-O the link · Ctrl-U clear · Esc gives up':
    'Enter 보내기 · Ctrl-O 링크 · Ctrl-U 지우기 · Esc 그만두기',
  'y save it for that account · n do not · Esc close': 'y 그 계정으로 저장 · n 저장 안 함 · Esc 닫기',
  'Enter ask again · n do not · Esc close': 'Enter 다시 묻기 · n 저장 안 함 · Esc 닫기',
  'Enter closes': 'Enter 닫기',
  'log in with Google': 'Google로 로그인',
  'log in with Google as {email}': 'Google로 로그인: {email}',
  'making the link …': '링크를 만드는 중 …',
  'paste it here; it is never shown': '여기에 붙여 넣으십시오. 화면에 표시되지 않습니다',
  'Ctrl-O shows the link in the terminal itself, whole. Its answer comes by itself where port {port} leads here; else paste the address at which the browser ends, or the code in it.':
    'Ctrl-O를 누르면 터미널에 링크 전체가 나옵니다. 포트 {port}[을/를] 이 컴퓨터로 포워딩하면 결과가 자동으로 옵니다. 아니면 브라우저가 마지막에 연 주소나 그 안의 code를 붙여 넣으십시오.',
  forward: '포워딩',
  answer: '결과',
});
