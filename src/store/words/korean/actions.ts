/** What the operator can do: the words of the foot, of `?` and of `:`, and why a key cannot act. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanActions = inTongue({
  'paste a new refresh token for the selected account; it is checked with Google, saved, and serves at once':
    '선택한 계정에 새 refresh_token 붙여 넣기: Google에 확인하고 저장한 뒤 바로 서비스',
  add: '추가',
  'paste the refresh token of a new account': '새 계정의 refresh_token 붙여 넣기',
  'log in': '로그인',
  'log in with Google: a link to open, the answer pasted back': 'Google로 로그인: 링크를 열고 결과를 붙여 넣기',
  test: '시험',
  'ask Google for one refresh now; a disabled account is tried once with its stored token':
    '지금 Google에 갱신을 한 번 요청; 비활성화된 계정은 저장된 토큰으로 한 번 시도',
  'the same for every account, three at a time; Esc leaves out those that wait':
    '모든 계정을 같은 방법으로, 세 개씩 시험; Esc는 기다리는 계정을 뺌',
  'end what the account waits for: cool-downs, a block, the wait after a failed refresh; the next answer decides':
    '계정의 대기를 끝내기: 요청 한도, 차단, 실패한 갱신 뒤의 대기; 다음 응답이 결정',
  'on/off': '켜기/끄기',
  'take the account out of the proxy, or put it back (proxy_disabled); its grant is not touched':
    '계정을 프록시에서 제외하거나 되돌리기(proxy_disabled); 승인은 그대로 둠',
  'remove the account; asks first, and u brings it back': '계정 삭제; 먼저 묻고, u로 되살림',
  'mark the account: c, e, t and x then act on all marked ones; Esc stops between two accounts':
    '계정 선택: c, e, t, x가 선택한 모든 계정에 적용됨; Esc는 두 계정 사이에서 중지',
  'mark all accounts that are shown, or none of them': '보이는 계정을 모두 선택하거나 모두 해제',
  why: '이유',
  'all about the account: why it is out, what to do, its timeline':
    '계정의 모든 정보: 빠진 이유, 할 일, 지금까지의 기록',
  'read the account files again and swap the pool; nothing in flight is cut':
    '계정 파일을 다시 읽고 계정 풀을 교체; 진행 중인 요청은 끊지 않음',
  'sort by state, e-mail, requests, errors, last use, token end':
    '상태, 이메일, 요청, 오류, 최근 사용, 토큰 만료 순으로 정렬',
  'the same order from its other end': '같은 순서를 거꾸로',
  'which columns are shown: those that say something, all of them, or few':
    '보이는 열 고르기: 내용이 있는 열, 모든 열, 몇 개만',
  'asking Google about {accounts}': 'Google에 묻는 중: {accounts}',
  '{n} of {grants} are good': '{grants} 가운데 {n}건 유효',
  '{good}; {n} not asked about': '{good}; {n}개는 묻지 않음',
  '{file} cannot be read: mend the file first, it is read again at once':
    '{file} 파일을 읽을 수 없습니다: 먼저 파일을 고치십시오. 고치면 바로 다시 읽습니다',
  'rows stay where they are while a form is open': '입력란이 열려 있는 동안에는 행의 순서가 바뀌지 않습니다',
  '{progress}: Esc leaves out those that wait': '{progress}: Esc는 기다리는 계정을 뺍니다',
  '{progress}: Esc stops that': '{progress}: Esc로 중지합니다',
  'columns: {which}': '열: {which}',
  // reading
  'half a page up': '반 페이지 위로',
  'only what failed: requests with a status of 400 or more, warnings and errors; again: all':
    '실패한 것만: 상태 400 이상의 요청, 경고, 오류; 다시 누르면 모두',
  'long lines: back to their start': '긴 줄: 처음으로',
  'long lines: on to what does not fit': '긴 줄: 가려진 부분으로',
  pause: '멈춤',
  follow: '따라가기',
  'follow the newest line, or stand still': '가장 새로운 줄을 따라가거나 멈춤',
  level: '수준',
  'debug and up, info and up, warnings and up, errors': 'debug 이상, info 이상, warn 이상, error만',
  account: '계정',
  "only the lines of the line's account, or of the selected one; again: of all":
    '그 줄의 계정이나 선택한 계정의 줄만; 다시 누르면 모두',
  "jump to a time; what is older than the lines in memory is read from the log's files":
    '시각으로 이동; 메모리보다 오래된 줄은 로그 파일에서 읽음',
  wrap: '줄바꿈',
  'break long lines, or cut them': '긴 줄을 나누거나 자름',
  time: '시각',
  'times as on the clock, or as how long ago': '시각을 시계대로, 또는 얼마 전인지로 표시',
  'mark this line; n and N go to the marks then, until / seeks something':
    '이 줄에 표시; /로 찾기 전까지 n과 N이 표시한 줄로 이동',
  'save every line that passes the filter to a file in the data directory (views/, 0600)':
    '필터에 맞는 줄을 데이터 디렉터리의 파일로 저장(views/, 0600)',
  record: '기록',
  'the whole record as JSON': '기록 전체를 JSON으로',
  'account and timeline': '계정과 기록',
  "the event's account, with its timeline": '이 기록의 계정과 지금까지의 기록',
  'this account has no e-mail to look for': '이 계정에는 찾을 이메일이 없습니다',
  'not all lines have been looked at yet: once more in a moment':
    '아직 모든 줄을 살펴보지 못했습니다: 잠시 뒤 다시 누르십시오',
  'no line passes the filter: nothing to save': '필터에 맞는 줄이 없습니다: 저장할 것이 없습니다',
  'there is no line to show': '보여 줄 줄이 없습니다',
  'there is no event yet': '아직 기록이 없습니다',
  // seeking and copying
  filter: '필터',
  'show only what matches; ! before it all but that, ~ a regular expression; Up recalls the last one':
    '맞는 것만 표시; 앞에 !를 쓰면 그 밖의 모두, ~를 쓰면 정규식; Up은 지난 필터',
  'next match': '다음 일치',
  'previous match': '이전 일치',
  'what is open, else what is selected, as plain text outside the screen, to be selected and copied whole; Enter returns':
    '열린 것이나 선택한 것을 화면 밖에 일반 텍스트로 표시해 통째로 복사; Enter로 돌아옴',
  'copy the e-mail, the log line or the event (OSC 52, through tmux too)':
    '이메일, 로그 줄, 갱신 기록 복사(OSC 52, tmux에서도)',
  'there is no {what} to copy': '복사할 내용이 없습니다: {what}',
  'no more marks; / seeks a text': '표시가 더 없습니다. /로 텍스트를 찾습니다',
  'nothing is sought here: / shows what matches, and n the next of it':
    '찾는 것이 없습니다: /는 맞는 것을 보여 주고 n은 다음 것으로 갑니다',
  'no more matches of /{filter}': '/{filter}에 맞는 것이 더 없습니다',
  'log line': '로그 줄',
  event: '갱신 기록',
  copy: '복사',
  clear: '대기 끝내기',
  // leaving
  'draw the whole screen again': '화면 전체를 다시 그리기',
  'suspend; fg brings it back (asks where the proxy would stand still too)':
    '일시 중지; fg로 돌아옴(프록시도 멈추게 되면 먼저 물음)',
  detach: '분리',
  'leave the terminal; the proxy goes on serving': '터미널에서 나가기; 프록시는 계속 서비스',
  quit: '종료',
  'leave: asks whether to go on serving (d), stop (q again) or stay (Esc); an attached screen just closes':
    '나가기: 계속 서비스(d), 중지(다시 q), 머무르기(Esc) 가운데 물음; 연결된 화면은 그냥 닫힘',
});

export const koreanMotions = inTongue({
  'a row down': '한 줄 아래로',
  'a row up': '한 줄 위로',
  'a page down': '한 페이지 아래로',
  'a page up': '한 페이지 위로',
  'half a page down': '반 페이지 아래로',
  'to the first row': '첫 줄로',
  'to the last row; in the log: follow': '마지막 줄로; 로그에서는 따라가기',
  panes: '창',
  'go to the account of the alarm': '경보가 난 계정으로 이동',
  'acknowledge the alarm line: it goes until the next account dies':
    '경보 줄 확인: 다음 계정이 비활성화될 때까지 사라짐',
  'set up': '설정',
  'set up the OAuth client: its id and secret, checked with Google, saved and used at once':
    'OAuth 클라이언트 설정: id와 secret을 Google에 확인하고 저장한 뒤 바로 사용',
  'undo the last removal or re-add; asks where that puts a dead or an older credential back':
    '마지막 삭제나 다시 추가를 되돌리기; 무효화된 자격 증명이나 이전 것으로 돌아가면 먼저 물음',
  'do again what was undone last; asks likewise': '마지막으로 되돌린 것을 다시 실행; 마찬가지로 먼저 물음',
  'to the next pane': '다음 창으로',
  'to the pane before': '이전 창으로',
  keys: '키',
  'this list': '이 목록',
  'any action by its name': '이름으로 모든 동작 찾기',
  'requests, latency and refresh outcomes as charts, drawn once a second':
    '요청, 지연 시간, 갱신 결과를 1초마다 그래프로 표시',
  'the client keys: what each used today and what stops it; make, switch off, revoke':
    '클라이언트 키: 오늘 사용량과 막힌 이유; 만들기, 끄기, 폐기',
  'who used what: by day, account, key, model or protocol': '누가 무엇을 썼는지: 날짜, 계정, 키, 모델, 프로토콜별',
  'the machines that share the pool: which are here, since when, how their clocks go':
    '계정 풀을 함께 쓰는 서버: 가동 중인 서버, 가동 시간, 시계',
  'what is in flight: each request with its age, account, key, model and bytes, the oldest first':
    '진행 중인 요청: 각각의 경과 시간, 계정, 키, 모델, 바이트, 오래된 것부터',
  'the settings and where each comes from; switches, choices and numbers are changed here':
    '설정과 각각의 출처; 켜고 끄기, 선택, 숫자는 여기서 변경',
  'all panes': '모든 창',
  zoom: '확대',
  'the focused pane alone, or all of them': '현재 창만, 또는 모든 창',
  'one step back: close, drop the filter, unmark, stop testing, follow again; never quits':
    '한 단계 뒤로: 닫기, 필터 해제, 선택 해제, 시험 중지, 다시 따라가기; 종료하지 않음',
  'to the accounts pane': '계정 창으로',
  'to the log pane': '로그 창으로',
  'to the refresh events pane': '갱신 기록 창으로',
  'there is no alarm': '경보가 없습니다',
  '{key} is no key here: switch the keyboard to Latin letters':
    '{key}[은/는] 여기서 쓰는 키가 아닙니다: 키보드를 영문으로 바꾸십시오',
  '{key} is no key here, ? lists them': '{key}[은/는] 여기서 쓰는 키가 아닙니다. ?를 누르면 목록이 나옵니다',
  '{key} acts in the {pane} pane: press {number} first':
    '{key}[은/는] {pane} 창의 키입니다: 먼저 {number}[을/를] 누르십시오',
  'paste ignored: a question is open, Esc leaves it': '붙여 넣기를 무시했습니다: 질문이 열려 있습니다. Esc로 나갑니다',
  'paste ignored: {way} first': '붙여 넣기를 무시했습니다: 먼저 {way}[을/를] 누르십시오',
  'a (add)': 'a(추가)',
  'r (re-add) or a (add)': 'r(다시 추가)이나 a(추가)',
  'O (the OAuth client)': 'O(OAuth 클라이언트)',
  '{way}, then {key}': '{way}, 그다음 {key}',
  'press {key}': '{key}',
});
