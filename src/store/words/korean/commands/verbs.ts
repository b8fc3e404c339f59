/** `--help`: the verbs with their options, and what exit statuses mean. */
import { inTongue } from '../../catalogue/placeholders.js';

export const koreanHelp = inTongue({
  'Supervises a pool of Google OAuth accounts behind a local HTTP proxy.':
    '로컬 HTTP 프록시 뒤에서 Google OAuth 계정 풀을 감독합니다.',
  'Usage: regrant [verb] [words] [options]': '사용법: regrant [명령] [인자] [옵션]',
  'Usage: regrant {usage} [--data-dir DIR]': '사용법: regrant {usage} [--data-dir DIR]',
  'Usage: regrant {family} VERB': '사용법: regrant {family} 명령',
  '`regrant VERB --help` tells its options and gives examples.': '`regrant 명령 --help`로 옵션과 예를 봅니다.',
  'Options:': '옵션:',
  'Examples:': '예:',
  'Exit status:': '종료 상태:',
  'the screen, with the proxy in the same process; where one runs already, its screen':
    '화면, 프록시도 같은 프로세스에서 실행; 이미 실행 중이면 그 화면',
  'the proxy without a screen: JSON log lines on standard output': '화면 없는 프록시: 표준 출력에 JSON 로그',
  'the same in the background: returns once the proxy listens': '같은 것을 백그라운드에서: 프록시가 열리면 돌아옴',
  'everything against a simulated Google, with traffic and a revoked account':
    '모의 Google로 전체 체험: 요청과 취소되는 계정 포함',
  'the version': '버전',
  'the data directory (else REGRANT_DATA_DIR, else ~/.regrant)':
    '데이터 디렉터리(없으면 REGRANT_DATA_DIR, 그다음 ~/.regrant)',
  'the running supervisor ¦ verbs': '실행 중인 감독 프로세스',
  'accounts ¦ verbs': '계정',
  'reading ¦ verbs': '읽기',
  'settings and keys ¦ verbs': '설정과 키',
  'several machines ¦ verbs': '여러 서버',
  done: '완료',
  'refused or failed': '거부되었거나 실패',
  'wrong usage or settings': '잘못된 사용법이나 설정',
  'it cannot run: the address is in use, another regrant holds the directory, or nothing runs that could be asked':
    '실행할 수 없음: 주소가 사용 중이거나, 다른 regrant가 디렉터리를 쓰고 있거나, 물어볼 프로세스가 없음',
  'a bug': '버그',
  '(see `regrant --help`)': '(`regrant --help`를 보십시오)',
  // options of several verbs
  'as JSON, for programs': '프로그램을 위한 JSON',
  'without asking': '묻지 않음',
  'only what is younger, such as 30m, 2h or 7d': '이보다 새로운 것만, 예: 30m, 2h, 7d',
  'only of this account': '이 계정의 것만',
  'go on with what happens from now on; needs a running supervisor':
    '앞으로 생기는 것도 계속 표시; 실행 중인 감독 프로세스가 필요',
  'only so grave and graver': '이 수준 이상만',
});

export const koreanRunningVerbs = inTongue({
  'whether it serves: one line; exit status 0 ok, 1 degraded, 3 down':
    '서비스 여부를 한 줄로; 종료 상태 0 정상, 1 저하, 3 중단',
  'the body of /healthz with pid, address, start, how the log is, and the boxes of a shared pool':
    '/healthz의 본문에 pid, 주소, 시작 시각, 로그 상태, 계정 풀을 함께 쓰는 서버를 더한 것',
  'the other boxes of a shared pool too, a line each': '계정 풀을 함께 쓰는 다른 서버도 한 줄씩',
  'the screen of the running supervisor': '실행 중인 감독 프로세스의 화면',
  'a screen that changes nothing': '아무것도 바꾸지 않는 화면',
  'drain and stop the running supervisor': '요청을 마친 뒤 감독 프로세스 중지',
  'stop without asking, whatever is lost': '잃는 것이 있어도 묻지 않고 중지',
  'read the files anew, as R does on the screen': '파일 다시 읽기, 화면의 R과 같음',
  'have systemd or launchd of this user keep it running: writes the unit, enables and starts it':
    '이 사용자의 systemd나 launchd에 등록: 유닛을 쓰고, 켜고, 시작',
  'stop that service and take the unit away; the data directory stays':
    '그 서비스를 중지하고 유닛 삭제; 데이터 디렉터리는 그대로',
  'whether that service is installed, enabled and running (exit status 3: it does not run)':
    '그 서비스의 설치, 자동 시작, 실행 여부(종료 상태 3: 실행 중이 아님)',
  'a new process takes over the port, also after an upgrade; no request fails':
    '새 프로세스가 포트를 넘겨받음, 업그레이드 뒤에도; 실패하는 요청 없음',
  // reading
  "check the settings, the clock, the reach of each endpoint and every account's grant":
    '설정, 시계, 각 엔드포인트의 연결, 모든 계정의 승인을 점검',
  'what happened to the grants, the oldest first': '승인에 일어난 일, 오래된 것부터',
  'who used what, summed up by day or by what is asked for': '누가 무엇을 썼는지, 날짜나 고른 기준별 합계',
  'from so long ago on, such as 30d (default: 7d)': '이만큼 전부터, 예: 30d(기본값: 7d)',
  'day, account, model, key or protocol, several with commas between (default: day)':
    'day, account, model, key, protocol, 여럿이면 쉼표로(기본값: day)',
  'as comma-separated values': '쉼표로 구분한 값(CSV)',
  'the requests under way, the oldest first: age, what it does, bytes, key, model, account':
    '진행 중인 요청, 오래된 것부터: 경과, 단계, 바이트, 키, 모델, 계정',
  'the log, the oldest line first': '로그, 오래된 줄부터',
  'the models that clients may ask for, who serves them, and the aliases':
    '클라이언트가 요청할 수 있는 모델, 서비스하는 계정, 별칭',
  // several machines
  'the machines that share the pool of database.url: which are here, and which are gone':
    'database.url의 계정 풀을 함께 쓰는 서버: 가동 중인 것과 사라진 것',
  'make the pool in the PostgreSQL of database.url; where one stands nothing is changed':
    'database.url의 PostgreSQL에 계정 풀 만들기; 이미 있으면 바꾸지 않음',
  'whether this machine can rely on it: key, round trip, NOTIFY, clock, standby':
    '이 서버가 믿고 쓸 수 있는지: 키, 왕복 시간, NOTIFY, 시계, 대기 서버',
  'bring its tables to this version; the first start of a newer regrant does that too':
    '테이블을 이 버전으로 올리기; 새 regrant의 첫 시작도 같은 일을 함',
  'seal all secrets with database.key that one of database.oldKeys had sealed':
    'database.oldKeys로 봉인된 모든 비밀을 database.key로 다시 봉인',
});

export const koreanAccountVerbs = inTongue({
  'the accounts and where each stands': '계정과 각각의 상태',
  'as a JSON array, without tokens': 'JSON 배열, 토큰 제외',
  'add or re-add the refresh token on standard input': '표준 입력의 refresh_token 추가 또는 다시 추가',
  'the OAuth client that issued it': '발급한 OAuth 클라이언트',
  'take in accounts from files or the data directory of another program':
    '파일이나 다른 프로그램의 데이터 디렉터리에서 계정 가져오기',
  'the OAuth client that issued them, whatever the files name': '발급한 OAuth 클라이언트, 파일에 적힌 것보다 앞섬',
  'of a text, take every line of one word, not only words that begin 1/':
    '텍스트 파일에서 1/로 시작하는 것만이 아니라 한 단어인 줄을 모두 받음',
  'of a sealed export: the identity of age that opens it': '봉인된 내보내기 파일: 여는 데 쓸 age의 identity',
  'of a sealed export: asks for the passphrase, or takes the first line of standard input':
    '봉인된 내보내기 파일: 암호를 묻거나 표준 입력의 첫 줄을 씀',
  'say what would be taken in, and ask Google nothing': '무엇을 가져올지만 표시, Google에 묻지 않음',
  'account files as they are into the pool of database.url, without asking Google':
    '계정 파일을 그대로 database.url의 계정 풀에 넣기, Google에 묻지 않음',
  'accounts, OAuth clients, client keys and settings as one sealed document':
    '계정, OAuth 클라이언트, 클라이언트 키, 설정을 봉인된 문서 하나로 내보내기',
  'where it is written (0600, and never over another file); else standard output':
    '기록할 파일(0600, 다른 파일을 덮어쓰지 않음); 없으면 표준 출력',
  'seal it for whoever has the identity of this recipient of age': '이 age 수신자의 identity를 가진 사람만 열도록 봉인',
  'seal it with a passphrase: asked twice, or the first line of standard input':
    '암호로 봉인: 두 번 묻거나 표준 입력의 첫 줄을 씀',
  'do not seal it: every token, secret and key stands in it as it is':
    '봉인하지 않음: 모든 토큰, secret, 키가 그대로 적힘',
  'log in with Google: a link to open anywhere, its answer pasted back':
    'Google로 로그인: 어디서나 링크를 열고 결과를 붙여 넣기',
  'the OAuth client to log in with': '로그인에 쓸 OAuth 클라이언트',
  'take accounts out of the proxy; their grants stay as they are': '계정을 프록시에서 제외; 승인은 그대로',
  'put accounts back into the proxy': '계정을 프록시로 되돌리기',
  'ask Google about the grants of accounts, once each': '계정마다 승인을 Google에 한 번씩 확인',
  'end what accounts wait for: cool-downs, blocks, the wait after a failed refresh':
    '계정의 대기를 끝내기: 요청 한도, 차단, 실패한 갱신 뒤의 대기',
  'move the files of accounts to the trash': '계정 파일을 휴지통으로 옮기기',
  'undo the last removal or re-add since the start': '시작한 뒤의 마지막 삭제나 다시 추가를 되돌리기',
  'do again what was undone last': '마지막으로 되돌린 것을 다시 실행',
  'what lies in the trash: removed accounts and replaced credentials, for 30 days':
    '휴지통: 삭제한 계정과 교체된 자격 증명, 30일 보관',
  'bring back what lies in the trash, by the name that `regrant trash` gives it':
    '휴지통에서 되살리기, `regrant trash`에 나오는 이름으로',
  'set up an OAuth client: its id and its secret, one a line on standard input':
    'OAuth 클라이언트 설정: 표준 입력에 id와 secret을 한 줄씩',
  'it has no secret, which a desktop client of Google does have':
    'secret이 없음(Google의 데스크톱 클라이언트에는 있음)',
});

export const koreanSettingVerbs = inTongue({
  'shell exports that point a client at the proxy': '클라이언트를 프록시에 연결하는 셸 export 문',
  'whose variables and settings (default: gemini)': '변수와 설정을 낼 클라이언트(기본값: gemini)',
  'each setting as it holds, and where it comes from; secrets are not shown':
    '적용 중인 설정과 각각의 출처; 비밀은 표시하지 않음',
  'whether the settings can be used, and what is wrong with them (exit status 2)':
    '설정을 쓸 수 있는지, 무엇이 잘못되었는지(종료 상태 2)',
  'where the settings lie': '설정 파일의 위치',
  'set one setting in the file: JSON, else text; a dot within a name is \\.':
    '파일의 설정 하나 바꾸기: JSON, 아니면 텍스트; 이름 안의 점은 \\.',
  'tell whoever notify.url and notify.command tell that this is a test':
    'notify.url과 notify.command의 수신자에게 시험 알림 보내기',
  'a script that completes verbs, options, accounts, keys, settings and models':
    '명령, 옵션, 계정, 키, 설정, 모델을 자동 완성하는 스크립트',
  'the words that may stand at the end of a line': '줄 끝에 올 수 있는 단어',
  'when it ends, such as 30d; `never`': '만료 시점, 예: 30d; `never`는 없음',
  'the models that it may use, with * for any text and commas between':
    '쓸 수 있는 모델, *는 임의의 텍스트, 여럿이면 쉼표로',
  'in, cached, out and thoughts together; 0 is no limit': '입력, 캐시, 출력, 사고 토큰의 합; 0은 제한 없음',
  'the same for a month': '같은 한도, 한 달 기준',
  'requests that may begin in a minute': '1분에 시작할 수 있는 요청 수',
  'requests at the same time': '동시 요청 수',
  'it may choose an account by the header x-regrant-account': 'x-regrant-account 헤더로 계정을 고를 수 있음',
  'whatever helps to remember whose it is': '누구의 키인지 알아볼 메모',
  "prints that client's variables, as `regrant env` does": '`regrant env`처럼 그 클라이언트의 변수를 출력',
  'the client keys: who they are, what each used today, what stops it': '클라이언트 키: 이름, 오늘 사용량, 막힌 이유',
  'make a key for a client; it is printed this once': '클라이언트의 키 만들기; 지금 한 번만 출력',
  'it may not choose': '계정을 고를 수 없음',
  'change what a key may': '키의 허용 범위 바꾸기',
  'let a key in no more, until `key on`; what runs with it ends': '`key on`까지 키를 막음; 이 키로 실행 중인 것은 끝남',
  'let it in again': '다시 허용',
  'how long the key before is let in beside it': '이전 키를 함께 허용할 시간',
  'another key for the same name; it is printed this once': '같은 이름의 새 키; 지금 한 번만 출력',
  'take a key out for good; what runs with it ends': '키를 완전히 폐기; 이 키로 실행 중인 것은 끝남',
});
