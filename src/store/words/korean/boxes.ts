/** What the supervisor tells of a pool on several machines, in English, to every screen: read here in Korean. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanBoxes = inTongue({
  // banners
  'the database is cut off ({why}): accounts serve on while their access tokens last, none is renewed; mend it or the way to it':
    '데이터베이스와 끊겼습니다({why}). access_token이 남은 계정은 계속 서비스하지만 갱신하지 않습니다. 데이터베이스나 연결을 고치십시오',
  'the database was put back to an older state: this box wrote back what it lacked ({rows}); start every other box too, each knows what it made':
    '데이터베이스가 예전 상태로 되돌려졌습니다. 이 서버가 없어진 것을 다시 썼습니다({rows}). 다른 서버도 모두 시작하십시오. 각자 만든 것을 알고 있습니다',
  'what took the place of its refresh token does not open with database.key: give the key that sealed it in database.oldKeys, or re-add the account':
    '이 계정의 refresh_token을 대신한 토큰이 database.key로 열리지 않습니다. 그것을 봉인한 키를 database.oldKeys에 넣거나 계정을 다시 추가하십시오',
  'a rotated token is in memory alone ({why}): make room for state/spool before this box ends':
    '교체된 토큰이 메모리에만 있습니다({why}). 이 서버가 끝나기 전에 state/spool에 공간을 마련하십시오',
  'a box named {name} runs already; give this one a name of its own: database.box':
    '{name}[이라는/라는] 서버가 이미 실행 중입니다. 이 서버에 다른 이름을 주십시오: database.box',
  'a box named {name} runs already (its proxy is {address}); give this one a name of its own: database.box':
    '{name}[이라는/라는] 서버가 이미 실행 중입니다(프록시 {address}). 이 서버에 다른 이름을 주십시오: database.box',
  'box {name} is gone and never told what came back for {n} of its tokens: start it, then nothing is in doubt':
    '서버 {name}[이/가] 사라졌고 토큰 {n}개의 응답을 알리지 않았습니다. 시작하면 불확실한 것이 없어집니다',
  "this machine's clock is {span} ahead of the database's: set it by NTP":
    '이 컴퓨터의 시계가 데이터베이스보다 {span} 빠릅니다. NTP로 맞추십시오',
  "this machine's clock is {span} behind the database's: set it by NTP":
    '이 컴퓨터의 시계가 데이터베이스보다 {span} 느립니다. NTP로 맞추십시오',
  "the database's notifications do not come through (a pooler in transaction mode?): other boxes' changes are seen after a second":
    '데이터베이스의 알림이 오지 않습니다(트랜잭션 모드의 풀러?). 다른 서버의 변경은 1초 뒤에 보입니다',
  // notices
  'the database is cut off ({why}): accounts serve on while their access tokens last, none is renewed':
    '데이터베이스와 끊겼습니다({why}). access_token이 남은 계정은 계속 서비스하지만 갱신하지 않습니다',
  'box {name} is gone: start it again': '서버 {name}[이/가] 사라졌습니다. 다시 시작하십시오',
  'box {name} is gone and never told what came back for {n} of its tokens: start it again':
    '서버 {name}[이/가] 사라졌고 토큰 {n}개의 응답을 알리지 않았습니다. 다시 시작하십시오',
  // events
  'the database is cut off ({why})': '데이터베이스와 끊겼습니다({why})',
  'the database is there again': '데이터베이스에 다시 연결되었습니다',
  'box {name} is there again': '서버 {name}[이/가] 다시 있습니다',
  // why the database cannot be used
  '{host} does not answer': '{host}[이/가] 응답하지 않음',
  'nothing listens at {host}': '{host}에 열린 포트가 없음',
  '{host} is a replica (in recovery); name its primary in database.url too':
    '{host}[은/는] 복제본입니다(recovery). database.url에 primary도 적으십시오',
  '{host} is set to read only; make it writable, or name another server in database.url':
    '{host}[이/가] 읽기 전용입니다. 쓸 수 있게 하거나 database.url에 다른 서버를 적으십시오',
  '{host} is older than PostgreSQL 12; update it': '{host}[이/가] PostgreSQL 12보다 오래되었습니다. 업데이트하십시오',
  '{host} breaks the connection': '{host}[이/가] 연결을 끊음',
  'the name of {host} is not known': '{host}[이라는/라는] 이름을 찾을 수 없음',
  'the name of {host} cannot be looked up now': '{host}[이라는/라는] 이름을 지금 찾을 수 없음',
  '{host} is starting up or shutting down': '{host}[이/가] 시작하거나 끝나는 중',
  '{host} has no connection left; raise its max_connections': '{host}에 남은 연결이 없음, max_connections를 늘려야 함',
  'the connection was lost': '연결이 끊어짐',
  'the database is not connected': '데이터베이스에 연결되지 않음',
  // an account
  '{box} sent this token at {time} and never told what came back: start {name}, or re-add':
    '{box}[이/가] {time}에 이 토큰을 보내고 응답을 알리지 않았습니다. {name}[을/를] 시작하거나 다시 추가하십시오',
  '{box} is sending this refresh token': '{box}[이/가] 이 refresh_token을 보내는 중',
  'the database is slow': '데이터베이스가 느림',
  'nothing was sent: {why}; another box may be sending this token; nothing was changed, try again':
    '아무것도 보내지 않았습니다: {why}. 다른 서버가 이 토큰을 보내고 있을 수 있습니다. 아무것도 바꾸지 않았으니 다시 시도하십시오',
  '{done}, but not saved: {why}': '{done}. 하지만 저장되지 않았습니다: {why}',
  "it lies sealed in this box's spool until the database has it":
    '데이터베이스에 들어갈 때까지 이 서버의 스풀에 봉인되어 있습니다',
  "it lies sealed in this box's spool until the database has it, and serves":
    '데이터베이스에 들어갈 때까지 이 서버의 스풀에 봉인되어 있으며, 서비스합니다',
});
