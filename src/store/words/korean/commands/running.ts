/** What commands say, and the errors that end them. */
import { inTongue } from '../../catalogue/placeholders.js';

export const koreanCommands = inTongue({
  // whether one runs
  'no regrant runs on this data directory, and this needs one: start it with `regrant`':
    '이 데이터 디렉터리에서 실행 중인 regrant가 없는데 이 명령에는 필요합니다: `regrant`로 시작하십시오',
  'no regrant runs on this data directory; start it with `regrant`':
    '이 데이터 디렉터리에서 실행 중인 regrant가 없습니다. `regrant`로 시작하십시오',
  'nothing to stop: no regrant runs on this data directory':
    '중지할 것이 없습니다: 이 데이터 디렉터리에서 실행 중인 regrant가 없습니다',
  'there is nothing to attach to: no regrant runs on this data directory; start it with `regrant`':
    '연결할 곳이 없습니다: 이 데이터 디렉터리에서 실행 중인 regrant가 없습니다. `regrant`로 시작하십시오',
  'regrant serves on {address} in the background (pid {pid}); `regrant attach` brings its screen, `regrant stop` ends it':
    'regrant가 {address}에서 백그라운드로 서비스합니다(pid {pid}). `regrant attach`로 화면을 열고 `regrant stop`으로 끝냅니다',
  'regrant goes on in the background (pid {pid}, {address}): `regrant` brings its screen, `regrant stop` ends it':
    'regrant가 백그라운드에서 계속합니다(pid {pid}, {address}): `regrant`로 화면을 열고 `regrant stop`으로 끝냅니다',
  'regrant (pid {pid}) goes on serving on {address}: Enter brings the screen back, Ctrl-C stops it, closing this terminal leaves it serving':
    'regrant(pid {pid})가 {address}에서 계속 서비스합니다: Enter로 화면을 다시 열고 Ctrl-C로 중지합니다. 이 터미널을 닫아도 서비스는 계속됩니다',
  'waiting for {n} request (10 s at most)': '요청 {n}건을 기다립니다(최대 10초)',
  'waiting for {n} requests (10 s at most)': '요청 {n}건을 기다립니다(최대 10초)',
  'stopped (pid {pid})': '중지했습니다(pid {pid})',
  'stopping ¦ now': '중지하는 중입니다',
  'stopping; waiting for {n} requests (10 s at most)': '중지하는 중입니다. 요청 {n}건을 기다립니다(최대 10초)',
  '--data-dir names no directory; name one, or leave it out for REGRANT_DATA_DIR or ~/.regrant':
    '--data-dir에 디렉터리가 없습니다. 적거나, REGRANT_DATA_DIR이나 ~/.regrant를 쓰려면 빼십시오',
  'there is no terminal to draw on': '그릴 터미널이 없습니다',
  'the terminal (TERM={term}) cannot place a cursor': '터미널(TERM={term})이 커서를 옮길 수 없습니다',
  '{fault}: {instead}': '{fault}: {instead}',
  'run it in a terminal': '터미널에서 실행하십시오',
  'use `regrant --headless`': '`regrant --headless`를 쓰십시오',
  'run it in one, or ask with `regrant status`': '터미널에서 실행하거나 `regrant status`로 물으십시오',
  '{flags} do not go together': '함께 쓸 수 없습니다: {flags}',
  'this is a bug, please report it': '버그입니다. 알려 주십시오',
  'there are too few file descriptors to start: raise the limit (`ulimit -n`, LimitNOFILE= of a unit); 256 is enough to begin with':
    '시작하기에는 파일 디스크립터가 모자랍니다: 한도를 올리십시오(`ulimit -n`, 유닛의 LimitNOFILE=). 처음에는 256이면 됩니다',
  'the answer cannot be written to standard output: {why}': '표준 출력에 쓸 수 없습니다: {why}',
  '{question}: nothing was done, since there is no terminal to ask on; `--yes` says yes':
    '{question}: 물어볼 터미널이 없어 아무것도 하지 않았습니다. `--yes`는 물음에 예라고 답합니다',
  'nothing was done': '아무것도 하지 않았습니다',
  'there is no command "{name}"; `regrant --help` lists them':
    '"{name}" 명령이 없습니다. `regrant --help`로 목록을 봅니다',
  '`regrant {family}` needs a verb; `regrant {family} --help` lists them':
    '`regrant {family}` 다음에 명령이 필요합니다. `regrant {family} --help`로 목록을 봅니다',
  '`regrant {family}` knows no "{name}"; `regrant {family} --help` lists them':
    '`regrant {family}`에는 "{name}" 명령이 없습니다. `regrant {family} --help`로 목록을 봅니다',
  'import: name a file or a folder, or give --from-files': 'import: 파일이나 폴더를 적거나 --from-files를 주십시오',
  'regrant (pid {pid}) holds {root}, but its control socket is gone or not made yet; it makes one anew within 5 s':
    'regrant(pid {pid})가 {root}[을/를] 쓰고 있지만 제어 소켓이 없어졌거나 아직 없습니다. 5초 안에 새로 만듭니다',
  'regrant (pid {pid}, proxy at {address}) holds {root}, but its control socket is gone or not made yet; it makes one anew within 5 s':
    'regrant(pid {pid}, 프록시 {address})가 {root}[을/를] 쓰고 있지만 제어 소켓이 없어졌거나 아직 없습니다. 5초 안에 새로 만듭니다',
  "waiting for the token endpoint's late answer, {n} s at most: it may hold a new refresh token":
    '토큰 엔드포인트의 늦은 응답을 기다립니다(최대 {n}초): 새 refresh_token이 있을 수 있습니다',
  'not saved, and lost if the last try fails too: {loss}':
    '저장되지 않았으며 마지막 시도도 실패하면 잃게 됩니다: {loss}',
  'one account is not saved, and what is new of it is lost unless the last try succeeds: stop all the same':
    '계정 하나가 저장되지 않았고 마지막 시도가 실패하면 새 내용을 잃습니다: 그래도 중지',
  '{n} accounts are not saved, and what is new of them is lost unless the last try succeeds: stop all the same':
    '계정 {n}개가 저장되지 않았고 마지막 시도가 실패하면 새 내용을 잃습니다: 그래도 중지',
  '{text}; that process cannot be seen from here (another container or machine): end it there':
    '{text}. 그 프로세스는 여기서 보이지 않습니다(다른 컨테이너나 컴퓨터): 그곳에서 끝내십시오',
  '{text}: end pid {pid} by SIGTERM': '{text}: SIGTERM으로 pid {pid} 종료',
  'pid {pid} cannot be ended: {why}': 'pid {pid}[을/를] 끝낼 수 없습니다: {why}',
  'pid {pid} does not end within {n} s of SIGTERM': 'pid {pid}[이/가] SIGTERM을 받고 {n}초 안에 끝나지 않습니다',
  'regrant: not saved: {text}': 'regrant: 저장 안 됨: {text}',
  'cannot start it: {why}': '시작할 수 없습니다: {why}',
  'waiting for {requests} that began here; Ctrl-C cuts them':
    '여기서 시작한 {requests}[을/를] 기다립니다. Ctrl-C로 끊습니다',
  'Ctrl-C again cuts {requests}': 'Ctrl-C를 다시 누르면 {requests}[을/를] 끊습니다',
  'Ctrl-Z would let {requests} stand still, so it does nothing here; Ctrl-C cuts them':
    'Ctrl-Z를 누르면 {requests}[이/가] 멈추게 되므로 여기서는 쓰지 않습니다. Ctrl-C로 끊습니다',
  // a service of the system
  'write {file} anew, which says something else': '내용이 다른 {file}[을/를] 새로 쓰기',
  '{file} is not in use: {why}': '{file}[을/를] 쓰지 못합니다: {why}',
  'installed as {file}; another regrant serves this data directory: it begins after that one has ended (`regrant stop`)':
    '{file}[으로/로] 설치했습니다. 다른 regrant가 이 데이터 디렉터리를 서비스하고 있어 그것이 끝나면 시작합니다(`regrant stop`)',
  'installed as {file}, and it serves': '{file}[으로/로] 설치했고 서비스 중입니다',
  'nothing to uninstall: {file} is not there': '제거할 것이 없습니다: {file}[이/가] 없습니다',
  '{file} is removed, and regrant stopped; the data directory stays as it is':
    '{file}[을/를] 지우고 regrant를 중지했습니다. 데이터 디렉터리는 그대로 둡니다',
  'does not run': '실행 중이 아님',
  runs: '실행 중',
  'runs, pid {pid}': '실행 중, pid {pid}',
  'starts by itself': '자동으로 시작함',
  'does not start by itself': '자동으로 시작하지 않음',
  'not installed; `regrant service install` does it': '설치되지 않았습니다. `regrant service install`로 설치합니다',
  'note: it ends with your last login; `sudo loginctl enable-linger "$USER"` keeps it':
    '참고: 마지막 로그아웃과 함께 끝납니다. `sudo loginctl enable-linger "$USER"`로 유지합니다',
  'the {manager} of this user does not answer ({why}): log in as that user, not by su or sudo; without one, `regrant --detach` runs it in the background':
    '이 사용자의 {manager}[이/가] 응답하지 않습니다({why}): su나 sudo가 아니라 그 사용자로 로그인하십시오. 없으면 `regrant --detach`로 백그라운드에서 실행합니다',
  'note: {names} of this shell is not set there: put it into settings.json':
    '참고: 이 셸의 {names}[은/는] 서비스에는 없습니다: settings.json에 적으십시오',
  'note: {names} of this shell are not set there: put it into settings.json':
    '참고: 이 셸의 {names}[은/는] 서비스에는 없습니다: settings.json에 적으십시오',
  'there is no home directory (HOME is not set): a service of yours needs one':
    '홈 디렉터리가 없습니다(HOME이 비어 있음): 사용자 서비스에는 홈 디렉터리가 필요합니다',
  "services are systemd's or launchd's, and this is {platform}: `regrant --detach` runs it in the background":
    '서비스는 systemd나 launchd에서만 됩니다. 여기는 {platform}입니다: `regrant --detach`로 백그라운드에서 실행합니다',
  'pid {pid}': 'pid {pid}',
  'of user {name}': '사용자 {name}',
  'data directory {folder}': '데이터 디렉터리 {folder}',
  '{address} is served by another regrant; {next}': '{address}[은/는] 다른 regrant가 서비스합니다. {next}',
  '{address} is served by another regrant ({whose}); {next}':
    '{address}[은/는] 다른 regrant가 서비스합니다({whose}). {next}',
  'for a second one beside it set another proxy.port (or REGRANT_PROXY_PORT)':
    '옆에 하나 더 두려면 다른 proxy.port(또는 REGRANT_PROXY_PORT)를 정하십시오',
  'its screen opens for its own user with `regrant` and its own --data-dir; {another}':
    '그 화면은 실행한 사용자가 `regrant`와 그 --data-dir로 엽니다. {another}',
  'its screen: `{command}`; {another}': '그 화면: `{command}`. {another}',
  'its screen: `{command}`, with the --data-dir that it was started with; {another}':
    '그 화면: `{command}`에 시작할 때의 --data-dir을 더하십시오. {another}',
  '--successor is only for `regrant restart`': '--successor는 `regrant restart`만 씁니다',
});

/** What a command says and a supervisor answers. */
export const koreanCommandAnswers = inTongue({
  'pid {pid} serves on {address} in place of pid {before}':
    'pid {before} 대신 pid {pid}[이/가] {address}에서 서비스합니다',
  'restarted: pid {pid} serves on {address}': '다시 시작했습니다: pid {pid}[이/가] {address}에서 서비스합니다',
  'restarted: pid {pid} serves on {address}, and no longer on {before}':
    '다시 시작했습니다: pid {pid}[이/가] 이제 {before}[이/가] 아니라 {address}에서 서비스합니다',
  'pid {pid} still serves {n} request': 'pid {pid}[이/가] 아직 요청 {n}건을 처리합니다',
  'pid {pid} still serves {n} requests': 'pid {pid}[이/가] 아직 요청 {n}건을 처리합니다',
  'not restarted: {why}; pid {pid} serves on as before':
    '다시 시작하지 못했습니다: {why}. pid {pid}[이/가] 전과 같이 서비스합니다',
  'this regrant is the first process of a container, which ends with it: use `docker restart {host}` or what started the container':
    '이 regrant는 컨테이너의 첫 프로세스라 함께 끝납니다: `docker restart {host}`[이나/나] 컨테이너를 시작한 방법을 쓰십시오',
  'this regrant is the main process of a systemd unit without Type=notify, which would take its end for a failure: use `{how}`':
    '이 regrant는 Type=notify가 없는 systemd 유닛의 주 프로세스라 끝나면 실패로 여겨집니다: `{how}`[을/를] 쓰십시오',
  'a restart is under way already': '이미 다시 시작하는 중입니다',
  'another regrant has the data directory: end one of the two first':
    '다른 regrant가 데이터 디렉터리를 쓰고 있습니다: 먼저 둘 가운데 하나를 끝내십시오',
  'the new process did not start within {n} s': '새 프로세스가 {n}초 안에 시작하지 않았습니다',
  'the new process did not serve within {n} s': '새 프로세스가 {n}초 안에 서비스하지 않았습니다',
  'not everything is on disk: {what}': '디스크에 저장되지 않은 것이 있습니다: {what}',
  'the new process says what this version does not know': '새 프로세스가 보낸 것을 이 버전이 알지 못합니다',
  'the new process cannot be started: {why}': '새 프로세스를 시작할 수 없습니다: {why}',
  'the new process ended ({how}) before it served': '새 프로세스가 서비스하기 전에 끝났습니다({how})',
  'the program on disk is regrant {other}, which cannot take over from {version} while it runs: use `regrant stop` and start it again':
    '디스크의 프로그램은 regrant {other}[이라/라] 실행 중인 {version}[을/를] 넘겨받을 수 없습니다: `regrant stop`을 쓰고 다시 시작하십시오',
  'the process that was to be followed goes on by itself': '이어받을 프로세스가 스스로 계속합니다',
  'the demo ends with its terminal: q ends it': '데모는 터미널과 함께 끝납니다: q로 끝냅니다',
  'nobody is told: set notify.url or notify.command': '알릴 곳이 없습니다: notify.url이나 notify.command를 정하십시오',
  'there is no key {name}; `regrant key list` lists them':
    '키 {name}[이/가] 없습니다. `regrant key list`로 목록을 봅니다',
  // what is found in the files of others
  'no refresh_token in it': 'refresh_token이 없습니다',
  'nothing in it': '내용이 없습니다',
  'an index of accounts without their tokens: give the directory it lies in':
    '토큰이 없는 계정 목록입니다: 그것이 있는 디렉터리를 주십시오',
  "a service account's key: it holds no refresh token, and regrant serves users' accounts only":
    '서비스 계정의 키입니다: refresh_token이 없으며 regrant는 사용자 계정만 서비스합니다',
  'an OAuth client and no account: its id and secret belong into settings.json, under oauth.clients':
    '계정이 아니라 OAuth 클라이언트입니다: id와 secret은 settings.json의 oauth.clients에 적습니다',
  'credentials of another identity provider: they hold no refresh token of Google':
    '다른 ID 제공자의 자격 증명입니다: Google의 refresh_token이 없습니다',
});
