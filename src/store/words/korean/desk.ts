/** What is counted and copied, the foot, and what the screen says by itself. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanDesk = inTongue({
  '{n} account': '계정 {n}개',
  '{n} accounts': '계정 {n}개',
  '{n} request': '요청 {n}건',
  '{n} requests': '요청 {n}건',
  '{n} grant': '승인 {n}건',
  '{n} grants': '승인 {n}건',
  '{n} error': '오류 {n}건',
  '{n} errors': '오류 {n}건',
  '{n} refresh': '갱신 {n}건',
  '{n} refreshes': '갱신 {n}건',
  '{n} key': '키 {n}개',
  '{n} keys': '키 {n}개',
  '{n} line': '{n}줄',
  '{n} lines': '{n}줄',
  '{what} copied': '복사했습니다: {what}',
  '{what} offered to the terminal (OSC 52); Y shows it whole':
    '터미널에 복사를 요청했습니다(OSC 52): {what}. Y를 누르면 전체가 보입니다',
  // the foot
  FORM: '입력',
  'The proxy goes on serving while this form is open.': '이 입력란이 열려 있는 동안에도 프록시는 계속 서비스합니다.',
  'j and k stop the log; f follows it again. Enter shows the whole record.':
    'j와 k는 로그를 멈추고 f는 다시 따라갑니다. Enter는 기록 전체를 보여 줍니다.',
  'no other account serves': '서비스하는 다른 계정이 없습니다',
  '1 other carries the load': '다른 계정 1개가 요청을 처리합니다',
  '{n} others carry the load': '다른 계정 {n}개가 요청을 처리합니다',
  '{email}: {others}. Shortest way back: r, paste, Enter.': '{email}: {others}. 가장 빠른 복구: r, 붙여 넣기, Enter.',
  'project {project}': '프로젝트 {project}',
  'row {id} of the database': '데이터베이스의 행 {id}',
  // the screen
  'the terminal took nothing for {time}: pictures were left out':
    '터미널이 {time} 동안 출력을 받지 않아 일부 화면을 건너뛰었습니다',
  'this screen is regrant {own}, the supervisor is {version}':
    '이 화면은 regrant {own}, 감독 프로세스는 {version}입니다',
  'regrant {n}/{of} out': 'regrant {n}/{of} 빠짐',
  'there is no shell to go back to from here: nothing was suspended': '돌아갈 셸이 없어 아무것도 멈추지 않았습니다',
  'regrant needs {least}, has {size}': 'regrant는 {least} 이상이어야 합니다. 지금은 {size}입니다',
  'since the last look ({away}): {names} disabled; Enter says why':
    '마지막으로 본 뒤({away}) 비활성화됨: {names}. Enter를 누르면 이유가 보입니다',
  'that account is gone': '그 계정은 이제 없습니다',
  // places, and why there is nothing to act on
  Accounts: '계정',
  Log: '로그',
  'Refresh events': '갱신 기록',
  Everywhere: '어디서나',
  'no account is listed: Esc takes the filter away': '표시된 계정이 없습니다: Esc를 누르면 필터가 풀립니다',
  'there is no account yet: O sets up the OAuth client first':
    '아직 계정이 없습니다: 먼저 O로 OAuth 클라이언트를 설정하십시오',
  'there is no account yet: o logs in, a takes a token':
    '아직 계정이 없습니다: o로 로그인하거나 a로 토큰을 추가하십시오',
  'clients without a key': '키 없는 클라이언트',
  '{names} today': '오늘 {names}',
  // filters
  'a filter may have {n} characters': '필터는 {n}자까지 쓸 수 있습니다',
  'that repeats too much for one expression': '한 정규식에 반복이 너무 많습니다',
  'look-around and back-references are not known here': '전후방 탐색과 역참조는 지원하지 않습니다',
  'not a regular expression: {source}': '정규식이 아닙니다: {source}',
});
