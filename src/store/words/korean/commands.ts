/** What commands say, and the errors that end them. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanCommands = inTongue({
  // whether one runs
  'no regrant runs on this data directory, and this needs one: start it with `regrant`':
    '이 데이터 디렉터리에서 실행 중인 regrant가 없는데 이 명령에는 필요합니다: `regrant`로 시작하십시오',
  'no regrant runs on this data directory; start it with `regrant`':
    '이 데이터 디렉터리에서 실행 중인 regrant가 없습니다. `regrant`로 시작하십시오',
  'nothing to stop: no regrant runs on this data directory':
    '멈출 것이 없습니다: 이 데이터 디렉터리에서 실행 중인 regrant가 없습니다',
  'there is nothing to attach to: no regrant runs on this data directory; start it with `regrant`':
    '연결할 곳이 없습니다: 이 데이터 디렉터리에서 실행 중인 regrant가 없습니다. `regrant`로 시작하십시오',
  'regrant serves on {address} in the background (pid {pid}); `regrant attach` brings its screen, `regrant stop` ends it':
    'regrant가 {address}에서 백그라운드로 서비스합니다(pid {pid}). `regrant attach`로 화면을 열고 `regrant stop`으로 끝냅니다',
  'regrant goes on in the background (pid {pid}, {address}): `regrant` brings its screen, `regrant stop` ends it':
    'regrant가 백그라운드에서 계속합니다(pid {pid}, {address}): `regrant`로 화면을 열고 `regrant stop`으로 끝냅니다',
  'regrant (pid {pid}) goes on serving on {address}: Enter brings the screen back, Ctrl-C stops it, closing this terminal leaves it serving':
    'regrant(pid {pid})가 {address}에서 계속 서비스합니다: Enter로 화면을 다시 열고 Ctrl-C로 멈춥니다. 이 터미널을 닫아도 서비스는 계속됩니다',
  'waiting for {n} request (10 s at most)': '요청 {n}건을 기다립니다(최대 10초)',
  'waiting for {n} requests (10 s at most)': '요청 {n}건을 기다립니다(최대 10초)',
  'stopped (pid {pid})': '멈췄습니다(pid {pid})',
  stopping: '멈추는 중입니다',
  'stopping; waiting for {n} requests (10 s at most)': '멈추는 중입니다. 요청 {n}건을 기다립니다(최대 10초)',
  'restarted: pid {pid} serves on {address}': '다시 시작했습니다: pid {pid}[이/가] {address}에서 서비스합니다',
  'not restarted: {why}; pid {pid} serves on as before':
    '다시 시작하지 못했습니다: {why}. pid {pid}[이/가] 전과 같이 서비스합니다',
  'the demo ends with its terminal: q ends it': '데모는 터미널과 함께 끝납니다: q로 끝냅니다',
  'there is no terminal to draw on: use `regrant --headless`':
    '그릴 터미널이 없습니다: `regrant --headless`를 쓰십시오',
  'there is no terminal to draw on: run it in a terminal': '그릴 터미널이 없습니다: 터미널에서 실행하십시오',
  'there is no terminal to draw on: run it in one, or ask with `regrant status`':
    '그릴 터미널이 없습니다: 터미널에서 실행하거나 `regrant status`로 물으십시오',
  '--data-dir names no directory; name one, or leave it out for REGRANT_DATA_DIR or ~/.regrant':
    '--data-dir에 디렉터리가 없습니다. 적거나, REGRANT_DATA_DIR이나 ~/.regrant를 쓰려면 빼십시오',
  'there is no home directory (HOME is not set): name a directory with --data-dir or REGRANT_DATA_DIR':
    '홈 디렉터리가 없습니다(HOME이 비어 있음): --data-dir이나 REGRANT_DATA_DIR로 디렉터리를 적으십시오',
  'cannot use the data directory {folder}: {why}; name another with --data-dir or REGRANT_DATA_DIR, or mend its permissions':
    '데이터 디렉터리 {folder}[을/를] 쓸 수 없습니다: {why}. --data-dir이나 REGRANT_DATA_DIR로 다른 곳을 적거나 권한을 고치십시오',
  // accounts
  'no account yet: add one with `regrant add` (refresh token on stdin)':
    '아직 계정이 없습니다: `regrant add`로 추가하십시오(refresh_token은 표준 입력으로)',
  'paste the refresh token, then Enter and Ctrl-D (it is echoed here; a pipe or the screen hides it)':
    'refresh_token을 붙여 넣고 Enter, Ctrl-D를 누르십시오(여기서는 글자가 보이며, 파이프나 화면에서는 보이지 않습니다)',
  'either e-mails or --all, not both': '이메일과 --all 가운데 하나만 쓰십시오',
  'name an account by its e-mail, or all of them with --all': '계정을 이메일로 적거나 --all로 모두 고르십시오',
  'there is no such account; `regrant accounts` lists them': '그런 계정이 없습니다. `regrant accounts`로 목록을 봅니다',
  'not tested: its file cannot be read': '시험하지 않음: 파일을 읽을 수 없음',
  'removed; its file lies in the trash (`regrant trash`)': '삭제했습니다. 파일은 휴지통에 있습니다(`regrant trash`)',
  'taken out of the proxy; `regrant on` puts it back': '프록시에서 제외했습니다. `regrant on`으로 되돌립니다',
  'nothing lies in the trash': '휴지통이 비어 있습니다',
  'Paste the address or the code, then Enter. Ctrl-C gives up.':
    '주소나 code를 붙여 넣고 Enter를 누르십시오. Ctrl-C로 그만둡니다.',
  'note: it was {email} who logged in, not {other}': '참고: 로그인한 계정은 {other}[이/가] 아니라 {email}입니다',
  'not begun': '시작하지 않음',
  'stopping: those under way are ended first, no other is begun':
    '멈추는 중입니다: 진행 중인 것은 마치고 다른 것은 시작하지 않습니다',
  'nobody is told: set notify.url or notify.command': '알릴 곳이 없습니다: notify.url이나 notify.command를 정하십시오',
  '{address} is served by another regrant ({whose}); {next}':
    '{address}[은/는] 다른 regrant가 서비스합니다({whose}). {next}',
  'there is no key {name}; `regrant key list` lists them':
    '키 {name}[이/가] 없습니다. `regrant key list`로 목록을 봅니다',
});
