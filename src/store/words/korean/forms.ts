/** The forms for a refresh token, and the pages that are printed in the terminal itself. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanForms = inTongue({
  'Enter check and save · Ctrl-U clear · Esc close': 'Enter 확인하고 저장 · Ctrl-U 지우기 · Esc 닫기',
  'asking Google · Esc closes the form, the check goes on': 'Google에 묻는 중 · Esc로 닫아도 확인은 계속됨',
  'y save it for that account · n keep editing · Esc close': 'y 그 계정으로 저장 · n 계속 고치기 · Esc 닫기',
  'Enter ask again · n keep editing · Esc close': 'Enter 다시 묻기 · n 계속 고치기 · Esc 닫기',
  'Enter or Esc close': 'Enter나 Esc 닫기',
  'add an account: paste its refresh token, or several, one a line':
    '계정 추가: refresh_token 붙여 넣기, 여럿이면 한 줄에 하나씩',
  'new refresh token for {email}': '{email}의 새 refresh_token',
  '(nothing is written before step 4)': '(4단계 전에는 아무것도 기록하지 않음)',
  client: '클라이언트',
  'paste it here; it is never shown · none?': '여기에 붙여 넣기, 표시되지 않음 · 없으면',
  'paste it here · none?': '여기에 붙여 넣기 · 없으면',
  'logs in': '로그인',
  'cursor at {n}': '커서 {n}',
  'the same as stored': '저장된 것과 같음',
  'not the stored one': '저장된 것과 다름',
  'none yet:': '아직 없음:',
  'no client id set': 'client id 없음',
  'the issuer is tried first': '발급한 것부터 시도',
  'only this one is tried': '이것만 시도',
  'chooses of {n}': '{n}개 중 고르기',
  // steps
  'Google takes it': 'Google 수락',
  'whose is it': '소유자',
  scopes: 'scope',
  saved: '저장',
  'pool reloaded': '계정 풀 반영',
  'upstream answers': '업스트림 응답',
  'first request': '첫 요청',
  // several
  '{n} of {all} saved and in the pool': '{all}개 중 {n}개를 저장하고 계정 풀에 넣었습니다',
  'Enter asks again about the others, Ctrl-U takes them away': 'Enter는 나머지를 다시 묻고 Ctrl-U는 치웁니다',
  'see what is said of the others': '나머지에 적힌 이유를 보십시오',
  '{n} tokens were pasted, this form takes one; Esc, then a takes several':
    '토큰 {n}개를 붙여 넣었지만 여기는 하나만 받습니다. Esc 다음 a에서 여럿을 받습니다',
  'the paste was empty: nothing taken': '붙여 넣은 내용이 비어 있습니다: 아무것도 받지 않았습니다',
  '{size} bytes are no refresh token ({most} at most): nothing taken':
    '{size}바이트는 refresh_token이 아닙니다(최대 {most}): 아무것도 받지 않았습니다',
  '{n} bytes were pasted, more than are kept': '{n}바이트를 붙여 넣었지만 보관할 수 있는 것보다 깁니다',
  'the terminal did not say where the paste ends': '터미널이 붙여 넣기의 끝을 알리지 않았습니다',
  '{why}: nothing taken; regrant import takes a file of them':
    '{why}: 아무것도 받지 않았습니다. 파일로는 regrant import가 받습니다',
  '1 OAuth client of theirs not configured here': '그 OAuth 클라이언트 1개는 여기에 설정되어 있지 않습니다',
  '{n} OAuth clients of theirs not configured here': '그 OAuth 클라이언트 {n}개는 여기에 설정되어 있지 않습니다',
  '{n} tokens taken ({source}); Enter checks and saves each':
    '토큰 {n}개를 받았습니다({source}). Enter를 누르면 하나씩 확인하고 저장합니다',
  'the terminal did not say where the paste ends: check its length':
    '터미널이 붙여 넣기의 끝을 알리지 않았습니다: 길이를 확인하십시오',
  'its OAuth client ({client}) is not configured here': 'OAuth 클라이언트({client})가 여기에 설정되어 있지 않습니다',
  'taken out of {source}; {client}: Esc, then O sets one up':
    '{source}에서 꺼냈습니다. {client}: Esc 다음 O로 설정하십시오',
  'the refresh token was taken out of {source}; Enter sends it':
    '{source}에서 refresh_token을 꺼냈습니다. Enter로 보냅니다',
  '{n} lines joined into one token; Enter sends it': '{n}줄을 토큰 하나로 이었습니다. Enter로 보냅니다',
  'white space taken out of the paste; Enter sends it': '붙여 넣은 내용에서 공백을 뺐습니다. Enter로 보냅니다',
  'the line that is no comment': '주석이 아닌 줄',
  'a check is under way': '확인이 진행 중입니다',
  'a question waits for its answer': '질문이 답을 기다립니다',
  'this form is done, Esc closes it': '이 입력란은 끝났습니다. Esc로 닫습니다',
  'nothing was sent: there is no OAuth client yet; Ctrl-O sets it up':
    '보내지 않았습니다: 아직 OAuth 클라이언트가 없습니다. Ctrl-O로 설정하십시오',
  'left for five minutes: the token was forgotten': '5분 동안 입력이 없어 토큰을 지웠습니다',
  'the check goes on; how it ends is said here': '확인은 계속됩니다. 결과는 여기에 나옵니다',
  'Ctrl-U takes the pasted tokens away first': '먼저 Ctrl-U로 붙여 넣은 토큰을 치우십시오',
  'the client is chosen before the paste: Ctrl-U takes the tokens away':
    '클라이언트는 붙여 넣기 전에 고릅니다: Ctrl-U로 토큰을 치우십시오',
  'only one OAuth client is configured': '설정된 OAuth 클라이언트가 하나뿐입니다',
  'nothing to send: paste the token first': '보낼 것이 없습니다: 먼저 토큰을 붙여 넣으십시오',
  'not saved; another token can be pasted (Ctrl-U clears this one)':
    '저장하지 않았습니다. 다른 토큰을 붙여 넣을 수 있습니다(Ctrl-U로 지움)',
  'paste ignored: {why}': '붙여 넣기를 무시했습니다: {why}',
  '{account} serves again': '{account}: 다시 서비스합니다',
  'the new account': '새 계정',
  '{text} The form was closed: not saved.': '{text} 입력란이 닫혀 저장하지 않았습니다.',
  'there is no secret, and none is stored: the Google Cloud console shows one for a desktop client; Enter again saves it without':
    'secret이 없고 저장된 것도 없습니다: Google Cloud 콘솔에서 데스크톱 클라이언트의 secret을 볼 수 있습니다. Enter를 다시 누르면 없이 저장합니다',
  'paste ignored: nothing can be typed now': '붙여 넣기를 무시했습니다: 지금은 입력할 수 없습니다',
  'this client is of the type Web application: o (log in) needs one of the type Desktop app':
    '이 클라이언트는 웹 애플리케이션 유형입니다: o(로그인)에는 데스크톱 앱 유형이 필요합니다',
  'id and secret are there; Enter checks and saves them': 'id와 secret이 모두 있습니다. Enter로 확인하고 저장합니다',
  'that is the secret': 'secret을 받았습니다',
  'that is the id; the secret is next': 'id를 받았습니다. 다음은 secret입니다',
  'that is too long for a client {field}: nothing taken':
    '클라이언트 {field}[으로/로]는 너무 깁니다: 아무것도 받지 않았습니다',
  'paste ignored: no answer is awaited now': '붙여 넣기를 무시했습니다: 지금은 결과를 기다리지 않습니다',
  'that is too long for an address: nothing taken': '주소로는 너무 깁니다: 아무것도 받지 않았습니다',
  'Enter sends it': 'Enter로 보냅니다',
  'y copies the link · Enter returns to the screen': 'y 링크 복사 · Enter 화면으로 돌아가기',
  'there is nothing to send yet: paste the address at which the browser ends':
    '아직 보낼 것이 없습니다: 브라우저가 마지막에 연 주소를 붙여 넣으십시오',
  'nothing was saved': '아무것도 저장하지 않았습니다',
  link: '링크',
  'that is neither the address at which the browser ended nor the code in it: nothing taken':
    '브라우저가 마지막에 연 주소도 그 안의 code도 아닙니다: 아무것도 받지 않았습니다',
  '{text} The login was closed: not saved.': '{text} 로그인이 닫혀 저장하지 않았습니다.',
  // the page of a login; its lines are short
  'Log in with Google': 'Google로 로그인',
  'Log in with Google as {email}': 'Google로 로그인: {email}',
  '(OAuth client {client})': '(OAuth 클라이언트 {client})',
  '1. Open this link in a browser on any machine:': '1. 아무 컴퓨터의 브라우저에서 이 링크를 여십시오:',
  '2. The browser ends at http://127.0.0.1:{port}, which leads':
    '2. 브라우저가 마지막에 http://127.0.0.1:{port}[을/를] 엽니다.',
  'to this machine only. So either forward that port first,': '이 주소는 이 컴퓨터에서만 열립니다. 그러니 브라우저가',
  'from the machine with the browser:': '있는 컴퓨터에서 먼저 이 포트를 포워딩하거나:',
  'or let the browser fail to open the page, copy its whole': '페이지가 열리지 않아도 주소창의 주소 전체를 복사해',
  'address, and paste it here (the code in it is enough).': '여기에 붙여 넣으십시오(그 안의 code만으로도 됩니다).',
});
