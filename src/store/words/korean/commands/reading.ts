/** What reading commands say, `doctor` and `status` among them, and those about settings, keys and the database. */
import { inTongue } from '../../catalogue/placeholders.js';

export const koreanReadingCommands = inTongue({
  // status
  'ok ¦ health': '정상',
  'degraded ¦ health': '저하',
  'down ¦ health': '중단',
  '{health}: {pool} at {address}, pid {pid}': '{health}: {pool}, 주소 {address}, pid {pid}',
  'down: {text}': '중단: {text}',
  'only last copies serve': '마지막 사본만 서비스',
  '{n} cooling': '대기 중 {n}',
  '{n} disabled': '비활성화 {n}',
  '{n} refused': '거부 {n}',
  '{n} blocked': '차단 {n}',
  '{n} no client': '미설정 {n}',
  '{n} unreadable': '파일 오류 {n}',
  '{n} not saved': '저장 안 됨 {n}',
  'none serves{what}': '서비스 불가{what}',
  'none serves{what}, next in {left}': '서비스 불가{what}, {left} 뒤 재개',
  'another regrant has the data directory, nothing is written or refreshed':
    '다른 regrant가 데이터 디렉터리 사용 중, 기록도 갱신도 하지 않음',
  'the log cannot be written, {n} lines are lost': '로그 쓰기 실패, 잃은 줄 {n}',
  '{done} of {of}, {pace}': '{done}/{of}, {pace}',
  // doctor
  'data directory': '데이터 디렉터리',
  accounts: '계정',
  'OAuth client': 'OAuth 클라이언트',
  'OAuth client {name}': 'OAuth 클라이언트 {name}',
  'log ¦ finding': '로그',
  clock: '시계',
  '{n} lines since the start are lost, it is written again': '시작한 뒤로 {n}줄을 잃었습니다. 지금은 다시 기록합니다',
  'it cannot be written, {n} lines since the start are lost; make room for it, or mend its folder':
    '쓸 수 없어 시작한 뒤로 {n}줄을 잃었습니다. 공간을 마련하거나 폴더를 고치십시오',
  'not asked about: a rotated token could not be saved': '묻지 않음: 교체된 토큰을 저장할 수 없습니다',
  'none is configured; {next}': '설정된 것이 없습니다. {next}',
  '{id} has no secret; Google asks for one of a desktop client':
    '{id}에 secret이 없습니다. Google은 데스크톱 클라이언트에 secret을 요구합니다',
  '{file}, {n} certificate': '{file}, 인증서 {n}개',
  '{file}, {n} certificates': '{file}, 인증서 {n}개',
  '{file} is not used: {why}; it is to be a file of PEM certificates':
    '{file}[을/를] 쓰지 않습니다: {why}. PEM 인증서 파일이어야 합니다',
  '{answer}, {span}': '{answer}, {span}',
  '{what}; {next}': '{what}. {next}',
  'check the connection and network.proxy': '연결과 network.proxy를 확인하십시오',
  'not known to be right, since no server told its time': '시각을 알려 준 서버가 없어 맞는지 알 수 없습니다',
  'within {span} of the servers': '서버와의 차이 {span} 이내',
  'none yet; add one with `regrant add`': '아직 없습니다. `regrant add`로 추가하십시오',
  'stopped: of {accounts} {ok} are well, {warn} need a look, {bad} are out; {left} left out':
    '중지: {accounts} 가운데 정상 {ok}, 확인 필요 {warn}, 빠짐 {bad}. 묻지 않은 것 {left}',
  '{file} cannot be read: {why}; mend the file': '{file}[을/를] 읽을 수 없습니다: {why}. 파일을 고치십시오',
  'not saved: its newest credential or flag is in memory only; make the data directory writable: it is lost if regrant ends before it can be saved':
    '저장 안 됨: 가장 새로운 자격 증명이나 표시가 메모리에만 있습니다. 데이터 디렉터리에 쓸 수 있게 하십시오: 저장하기 전에 regrant가 끝나면 잃게 됩니다',
  'disabled: {why}; {next}': '비활성화: {why}. {next}',
  'not tested': '시험하지 않음',
  '{honours}, but {why}': '{honours}. 그러나 {why}',
  '{honours}; it rests: {rest}': '{honours}. 대기 중: {rest}',
  '{honours}; it is out of the proxy ({why}): press e to put it back':
    '{honours}. 프록시에서 제외되어 있습니다({why}): e를 누르면 되돌립니다',
  'Google does not say why': 'Google이 이유를 말하지 않음',
  'the service is forbidden to it: {words}; it comes back once Code Assist answers it again':
    '서비스가 금지되어 있습니다: {words}. Code Assist가 다시 응답하면 돌아옵니다',
  'log in to it in a browser': '브라우저에서 그 계정으로 로그인한',
  'open {url} in a browser': '브라우저에서 {url}[을/를] 연',
  'it is blocked: {words}; {next}, then t': '차단되어 있습니다: {words}. {next} 다음 t를 누르십시오',
  // the rest
  'disabled ¦ event': '비활성화',
  'served ¦ event': '서비스',
  'rested ¦ event': '대기',
  'nothing runs, so nothing is in flight': '실행 중인 regrant가 없어 진행 중인 요청도 없습니다',
  'note: these are the oldest {n} of {all}': '참고: {all}건 가운데 오래된 {n}건입니다',
  'note: the proxy gave no list: these are the models that quota was read for':
    '참고: 프록시가 목록을 주지 않았습니다: 할당량을 읽은 모델입니다',
  'no model is known: start the proxy with `regrant`, then ask again':
    '알려진 모델이 없습니다: `regrant`로 프록시를 시작한 뒤 다시 실행하십시오',
  '{given}: of {words}': '{given}: {words} 가운데서 고르십시오',
  'day ¦ usage': '날짜',
  bytes: '바이트',
});

export const koreanSettingCommands = inTongue({
  '{given}: one of {words}': '{given}: {words} 가운데 하나여야 합니다',
  '{given}: a whole number, 0 for no limit': '{given}: 정수여야 합니다. 0이면 제한이 없습니다',
  '--expires {span} is at once; `regrant key off` stops a key':
    '--expires {span}은(는) 지금 바로 끝난다는 뜻입니다. 키를 멈추려면 `regrant key off`를 쓰십시오',
  '{given}: a time is a number and s, m, h or d, such as 30m or 7d':
    '{given}: 시간은 숫자와 s, m, h, d로 적습니다. 예: 30m, 7d',
  '{file} is good': '{file}: 이상 없습니다',
  '{why}; {lost}': '{why}. {lost}',
  '{key} is set': '{key}[을/를] 설정했습니다',
  '{key} is set, but {over} stands over it': '{key}[을/를] 설정했지만 {over}[이/가] 앞섭니다',
  '(not shown)': '(표시하지 않음)',
  'note: no regrant runs on this data directory yet': '참고: 이 데이터 디렉터리에서 아직 regrant가 실행되지 않습니다',
  'the proxy takes any free port (proxy.port is 0), and nothing runs yet: start it with `regrant`, then ask again':
    '프록시가 빈 포트를 골라 쓰는데(proxy.port가 0) 아직 실행 중이 아닙니다: `regrant`로 시작한 뒤 다시 실행하십시오',
  "this machine's address": '이 컴퓨터의 주소',
  'note: that address is for clients on this machine; those on others use http://{address}, or a name that stands in proxy.allowedHosts':
    '참고: 이 주소는 이 컴퓨터의 클라이언트용입니다. 다른 컴퓨터에서는 http://{address}[이나/나] proxy.allowedHosts에 있는 이름을 씁니다',
  'nothing is to be changed; `regrant key set --help` tells what can be':
    '바꿀 것이 없습니다. `regrant key set --help`로 바꿀 수 있는 것을 봅니다',
  'revoke the key {name} for good': '키 {name} 완전히 폐기',
  '{requests} requests and {tokens} tokens today': '오늘 요청 {requests}건, 토큰 {tokens}개',
  '{n} in flight': '진행 중 {n}',
  '{done}; it is shown this once': '{done}. 지금 한 번만 표시합니다',
});

export const koreanDatabaseCommands = inTongue({
  'database ¦ finding': '데이터베이스',
  'database: {what}': '데이터베이스: {what}',
  'round trip': '왕복 시간',
  durability: '내구성',
  standby: '대기 서버',
  '{host}, PostgreSQL {version}; the pool in the schema {schema} opens with this key':
    '{host}, PostgreSQL {version}. 스키마 {schema}의 계정 풀이 이 키로 열립니다',
  'comes through': '도착함',
  "does not come through (a pooler in transaction mode?): other boxes' changes are seen after a second; connect to PostgreSQL itself, or pool by session":
    '도착하지 않습니다(트랜잭션 모드의 풀러?): 다른 서버의 변경이 1초 뒤에 보입니다. PostgreSQL에 직접 연결하거나 세션 단위로 풀링하십시오',
  '{span} ahead of the database; set it by NTP here and there':
    '데이터베이스보다 {span} 빠릅니다. 양쪽 시계를 NTP로 맞추십시오',
  '{span} behind the database; set it by NTP here and there':
    '데이터베이스보다 {span} 느립니다. 양쪽 시계를 NTP로 맞추십시오',
  'within {span} of the database': '데이터베이스와의 차이 {span} 이내',
  'a commit is on the disk': '커밋이 디스크에 기록됨',
  'a commit is not on the disk when it is answered: set fsync and synchronous_commit to on, or a rotated token can be lost':
    '커밋에 응답할 때 아직 디스크에 없습니다: fsync와 synchronous_commit을 on으로 하십시오. 그러지 않으면 교체된 토큰을 잃을 수 있습니다',
  'a synchronous one is named': '동기식 대기 서버가 지정됨',
  'none is synchronous: a failover may lose the last writes, which boxes then write back as far as they know them; name one in synchronous_standby_names':
    '동기식이 없습니다: 장애 조치 때 마지막 쓰기를 잃을 수 있으며, 서버들이 아는 만큼 다시 씁니다. synchronous_standby_names에 하나를 지정하십시오',
  'no box runs on this pool': '이 계정 풀에서 가동 중인 서버가 없습니다',
  '{key} is set for all boxes': '{key}[을/를] 모든 서버에 설정했습니다',
  '{key} is set for all boxes; on this one {over} stands over it':
    '{key}[을/를] 모든 서버에 설정했지만 이 서버에서는 {over}[이/가] 앞섭니다',
  '{key} lies in the database, for all boxes: set id and secret together by `regrant client set NAME`':
    '{key}[은/는] 모든 서버의 것으로 데이터베이스에 있습니다. `regrant client set NAME`으로 id와 secret을 함께 설정하십시오',
  '{key} is to be a text': '{key}[은/는] 텍스트여야 합니다',
  '{box} is one of {n} boxes': '{box}: 서버 {n}대 가운데 하나',
  '{box} is the only box': '{box}: 하나뿐인 서버',
  '{n} more gone': '사라진 서버 {n}대',
  'its accounts are of this machine alone': '계정은 이 서버만의 것입니다',
  'gone for {span}': '{span} 전 사라짐',
  '{n} of its tokens in doubt': '응답을 모르는 토큰 {n}개',
  'database.url is empty: name a PostgreSQL there, such as postgres://regrant:password@db.example/regrant':
    'database.url이 비어 있습니다: PostgreSQL을 적으십시오. 예: postgres://regrant:password@db.example/regrant',
  'the pool is made, in the schema {schema}; next: `regrant import --from-files` where accounts lie in files, else `regrant add` on any box':
    '스키마 {schema}에 계정 풀을 만들었습니다. 다음: 계정이 파일에 있으면 그 서버에서 `regrant import --from-files`, 아니면 아무 서버에서 `regrant add`',
  'a pool stands in the schema {schema} already; nothing was changed':
    '스키마 {schema}에 계정 풀이 이미 있습니다. 아무것도 바꾸지 않았습니다',
  'the schema {schema} is at version {to} already': '스키마 {schema}[은/는] 이미 버전 {to}입니다',
  'the schema {schema} went from version {from} to {to}':
    '스키마 {schema}[을/를] 버전 {from}에서 {to}[으로/로] 올렸습니다',
  '{n} of the secrets sealed anew; once every box has this key, take the old one out of database.oldKeys':
    '비밀 {n}개를 다시 봉인했습니다. 모든 서버가 이 키를 쓰면 database.oldKeys에서 옛 키를 빼십시오',
  '{n} of the secrets sealed anew; {left} open with no key that is given ({some}): give the key that they had in database.oldKeys':
    '비밀 {n}개를 다시 봉인했습니다. {left}개는 주어진 키로 열리지 않습니다({some}): 그것을 봉인한 키를 database.oldKeys에 적으십시오',
  '--from-files takes one folder, or none: then that of the data directory':
    '--from-files에는 폴더를 하나만 적거나, 데이터 디렉터리의 것을 쓰려면 적지 마십시오',
  'in the pool now': '계정 풀에 넣었습니다',
  'in the pool already, and left as it is there': '이미 계정 풀에 있어 그대로 두었습니다',
  'was removed from the pool, and stays so: `regrant trash` lists it':
    '계정 풀에서 삭제된 것이라 그대로 두었습니다: `regrant trash`에 나옵니다',
  'its file cannot be read: {why}': '파일을 읽을 수 없습니다: {why}',
  'no account file lies in {folder}': '{folder}에 계정 파일이 없습니다',
  '{n} of {all} accounts are in the pool': '계정 {all}개 가운데 {n}개가 계정 풀에 있습니다',
  '{n} of {all} accounts are in the pool, {filled} settings and client keys beside them':
    '계정 {all}개 가운데 {n}개가 계정 풀에 있고, 설정과 클라이언트 키 {filled}개도 넣었습니다',
  'they can go once every box serves from it': '모든 서버가 계정 풀에서 서비스하면 지워도 됩니다',
  'mend those marked ✖ and run it again': '✖ 표시된 것을 고치고 다시 실행하십시오',
  '{count}; the files in {folder} stay where and as they are: {next}':
    '{count}. {folder}의 파일은 그 자리에 그대로 있습니다: {next}',
});
