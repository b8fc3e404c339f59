/** Errors that end a command or a start, and what settings allow. */
import type { PlainReason } from '../../ground/errors.js';
import { inTongue } from '../catalogue/placeholders.js';

/** Why a system call failed; one that is missing does not compile. */
export const koreanReasons = inTongue({
  'no space left on the disk (ENOSPC)': '디스크에 남은 공간이 없음(ENOSPC)',
  'the disk quota is used up (EDQUOT)': '디스크 할당량을 다 씀(EDQUOT)',
  'the file system is read-only (EROFS)': '파일 시스템이 읽기 전용(EROFS)',
  'permission denied (EACCES)': '권한이 없음(EACCES)',
  'operation not permitted (EPERM)': '허용되지 않은 작업(EPERM)',
  'the disk reports an input/output error (EIO)': '디스크 입출력 오류(EIO)',
  'no such file or directory (ENOENT)': '그런 파일이나 디렉터리가 없음(ENOENT)',
  'it is in use, or a mount point (EBUSY)': '사용 중이거나 마운트 지점임(EBUSY)',
  'it lies on another file system (EXDEV)': '다른 파일 시스템에 있음(EXDEV)',
  'too many open files on this machine (ENFILE)': '이 컴퓨터에 열린 파일이 너무 많음(ENFILE)',
  'the network file system has forgotten it (ESTALE)': '네트워크 파일 시스템의 파일 핸들이 만료됨(ESTALE)',
  'too many open files (EMFILE)': '열린 파일이 너무 많음(EMFILE)',
  'it is a directory (EISDIR)': '디렉터리임(EISDIR)',
  'a part of the path is not a directory (ENOTDIR)': '경로의 일부가 디렉터리가 아님(ENOTDIR)',
  'a loop of symbolic links (ELOOP)': '심볼릭 링크가 순환함(ELOOP)',
} satisfies Record<PlainReason, string>);

export const koreanErrors = inTongue({
  // a file
  'nested more than {most} levels deep, see line {n}': '{most}단계보다 깊이 중첩됨, {n}번째 줄',
  'not JSON, see line {n}': 'JSON이 아님, {n}번째 줄',
  'not UTF-8': 'UTF-8이 아님',
  'a directory': '디렉터리',
  'no regular file': '일반 파일이 아님',
  '{n} MB is too large for an account file': '{n} MB는 계정 파일로 너무 큼',
  '{file} cannot be read: {why}': '{file}[을/를] 읽을 수 없습니다: {why}',
  '{file} cannot be written: {why}': '{file}[을/를] 쓸 수 없습니다: {why}',
  '{file} cannot be written: {why}; {lost}': '{file}[을/를] 쓸 수 없습니다: {why}. {lost}',
  '{name} names {file}, which cannot be read: {why}': '{name}에 적힌 {file}[을/를] 읽을 수 없습니다: {why}',
  // the command line
  "error: unknown option '{name}'": "오류: '{name}' 옵션이 없습니다",
  "error: missing required argument '{name}'": "오류: 필요한 인자 '{name}'[이/가] 없습니다",
  "error: option '{name}' argument missing": "오류: '{name}' 옵션의 값이 없습니다",
  "error: too many arguments for '{name}'. Expected {n} argument but got {many}.":
    "오류: '{name}'의 인자가 너무 많습니다. {n}개여야 하는데 {many}개입니다.",
  "error: too many arguments for '{name}'. Expected {n} arguments but got {many}.":
    "오류: '{name}'의 인자가 너무 많습니다. {n}개여야 하는데 {many}개입니다.",
  '(Did you mean {name}?)': '({name}[을/를] 쓰려고 하셨습니까?)',
  // the data directory
  '--data-dir is empty: name a directory, or leave it out': '--data-dir이 비어 있습니다: 디렉터리를 적거나 빼십시오',
  'there is no home directory (HOME is not set): name a directory with --data-dir or REGRANT_DATA_DIR':
    '홈 디렉터리가 없습니다(HOME이 비어 있음): --data-dir이나 REGRANT_DATA_DIR로 디렉터리를 적으십시오',
  'cannot use the data directory {folder}: {why}; name another with --data-dir or REGRANT_DATA_DIR, or mend its permissions':
    '데이터 디렉터리 {folder}[을/를] 쓸 수 없습니다: {why}. --data-dir이나 REGRANT_DATA_DIR로 다른 곳을 적거나 권한을 고치십시오',
  '{folder} belongs to another user (uid {uid}): run this as that user, or mend it with: {command}':
    '{folder}[은/는] 다른 사용자(uid {uid})의 것입니다: 그 사용자로 실행하거나 다음으로 고치십시오: {command}',
  'everybody can write in {folder}: mend it with: {command}':
    '누구에게나 {folder}의 쓰기 권한이 있습니다: 다음으로 고치십시오: {command}',
  'its group (gid {gid}) can write in {folder}: mend it with: {command}':
    '그룹(gid {gid})에 {folder}의 쓰기 권한이 있습니다: 다음으로 고치십시오: {command}',
  'cannot lock the data directory {directory}: {file}: {why}; mend that, or name another with --data-dir':
    '데이터 디렉터리 {directory}[을/를] 잠글 수 없습니다: {file}: {why}. 고치거나 --data-dir로 다른 곳을 적으십시오',
  'regrant already runs on {directory} (another process); look with `regrant status`, end it with `regrant stop`':
    '{directory}에서 regrant가 이미 실행 중입니다(다른 프로세스). `regrant status`로 보고 `regrant stop`으로 끝냅니다',
  'regrant already runs on {directory} (pid {pid}); look with `regrant status`, end it with `regrant stop`':
    '{directory}에서 regrant가 이미 실행 중입니다(pid {pid}). `regrant status`로 보고 `regrant stop`으로 끝냅니다',
  'regrant already runs on {directory} (pid {pid}, proxy at {address}); look with `regrant status`, end it with `regrant stop`':
    '{directory}에서 regrant가 이미 실행 중입니다(pid {pid}, 프록시 {address}). `regrant status`로 보고 `regrant stop`으로 끝냅니다',
  'another regrant has taken over the data directory; this one (pid {own}) writes nothing there':
    '다른 regrant가 데이터 디렉터리를 넘겨받았습니다. 이 프로세스(pid {own})는 그곳에 아무것도 쓰지 않습니다',
  'another regrant (pid {pid}) has taken over the data directory; this one (pid {own}) writes nothing there':
    '다른 regrant(pid {pid})가 데이터 디렉터리를 넘겨받았습니다. 이 프로세스(pid {own})는 그곳에 아무것도 쓰지 않습니다',
  'this regrant (pid {pid}) has let the data directory go, and writes nothing there':
    '이 regrant(pid {pid})는 데이터 디렉터리를 넘겨주었고 그곳에 아무것도 쓰지 않습니다',
  'regrant restarts just now, so nothing is written at this moment: try it again':
    'regrant가 지금 다시 시작하는 중이라 쓸 수 없습니다: 다시 시도하십시오',
  // listening
  'set another with proxy.port in settings.json (or REGRANT_PROXY_PORT)':
    'settings.json의 proxy.port(또는 REGRANT_PROXY_PORT)로 다른 포트를 정하십시오',
  '{address} is in use by another program; end that one, or {another}':
    '{address}[을/를] 다른 프로그램이 쓰고 있습니다. 그것을 끝내거나 {another}',
  '{address} is in use by another program (the proxy of Antigravity Tools uses that port too); end that one, or {another}':
    '{address}[을/를] 다른 프로그램이 쓰고 있습니다(Antigravity Tools의 프록시도 이 포트를 씁니다). 그것을 끝내거나 {another}',
  'cannot listen on {address}: {why}': '{address}[을/를] 열 수 없습니다: {why}',
  'cannot listen on the socket that was handed over (descriptor {fd}): {why}':
    '넘겨받은 소켓(디스크립터 {fd})을 열 수 없습니다: {why}',
  'this user may not open that port (EACCES); ports below 1024 are for root, {another}':
    '이 사용자는 그 포트를 열 수 없습니다(EACCES). 1024 미만은 root용입니다. {another}',
  'this machine has no such address ({code}); set proxy.host to 127.0.0.1 or one of its own':
    '이 컴퓨터에 그런 주소가 없습니다({code}). proxy.host를 127.0.0.1이나 이 컴퓨터의 주소로 정하십시오',
  'give an HTTP proxy in network.proxy, or unset it': 'network.proxy에 HTTP 프록시를 적거나 지우십시오',
  '{name} names a {scheme} proxy, and SOCKS is not spoken: {instead}':
    '{name}에 {scheme} 프록시가 적혀 있는데 SOCKS는 지원하지 않습니다: {instead}',
  '{name} names a {scheme} proxy: {instead}': '{name}에 {scheme} 프록시가 적혀 있습니다: {instead}',
  '{name} is no URL of a proxy: {next}': '{name}[은/는] 프록시 URL이 아닙니다: {next}',
  'in its password write # as %23, % as %25, @ as %40 and / as %2F':
    '암호의 #은 %23, %는 %25, @는 %40, /는 %2F로 적으십시오',
  // the control socket
  'the supervisor (pid {pid}) was stopped; `regrant` starts it again':
    '감독 프로세스(pid {pid})가 중지되었습니다. `regrant`로 다시 시작합니다',
  'the supervisor (pid {pid}) went away without a word: it crashed or was killed; look into logs/crash.log, and start it again with `regrant`':
    '감독 프로세스(pid {pid})가 알림 없이 사라졌습니다: 충돌했거나 강제로 끝났습니다. logs/crash.log를 보고 `regrant`로 다시 시작하십시오',
  'the control socket has no place: set XDG_RUNTIME_DIR to a folder of your own':
    '제어 소켓을 둘 곳이 없습니다: XDG_RUNTIME_DIR을 자기 폴더로 정하십시오',
  'the control socket {socket} is not used: {why}': '제어 소켓 {socket}[을/를] 쓰지 않습니다: {why}',
  'cannot open the control socket {path}: {why}; remove what stands there, or set XDG_RUNTIME_DIR to a folder of your own':
    '제어 소켓 {path}[을/를] 열 수 없습니다: {why}. 그 자리의 것을 지우거나 XDG_RUNTIME_DIR을 자기 폴더로 정하십시오',
  'cannot speak to the running regrant at {path}: {why}': '{path}의 실행 중인 regrant와 통신할 수 없습니다: {why}',
  'the running regrant went away before it answered': '실행 중이던 regrant가 응답하기 전에 사라졌습니다',
  'the running regrant answered in a way this version does not know': '실행 중인 regrant의 응답을 이 버전이 모릅니다',
  'something answers on the control socket, but it is no regrant': '제어 소켓에서 응답하는 것이 regrant가 아닙니다',
  'the running regrant does not answer within {n} s: it is suspended (Ctrl-Z) or hangs; bring it back with fg, or end it with kill':
    '실행 중인 regrant가 {n}초 안에 응답하지 않습니다: 일시 중지되었거나(Ctrl-Z) 멈춰 있습니다. fg로 되살리거나 kill로 끝내십시오',
  'the running regrant (pid {pid}) is version {version}, which speaks another protocol; `regrant restart` puts this version in its place':
    '실행 중인 regrant(pid {pid})는 버전 {version}[이라/라] 프로토콜이 다릅니다. `regrant restart`로 이 버전이 그 자리를 잇게 하십시오',
  'the running regrant (pid {pid}) is version {version}, which speaks another protocol; use that version, or stop it with `kill {pid}`':
    '실행 중인 regrant(pid {pid})는 버전 {version}[이라/라] 프로토콜이 다릅니다. 그 버전을 쓰거나 `kill {pid}`[으로/로] 중지하십시오',
});

export const koreanSettingErrors = inTongue({
  '{from}: {key} is {value}; allowed: {allowed}': '{from}: {key} 값이 {value}입니다. 허용: {allowed}',
  '{from}: {key} is {value}; allowed: {allowed} (the names in oauth.clients)':
    '{from}: {key} 값이 {value}입니다. 허용: {allowed}(oauth.clients의 이름)',
  '{file} is {fault}; mend it, or move it away to start anew':
    '{file}: {fault}. 고치거나, 새로 시작하려면 다른 곳으로 옮기십시오',
  '{file} cannot be read: {why}; mend it, or move it away to start anew':
    '{file}[을/를] 읽을 수 없습니다: {why}. 고치거나, 새로 시작하려면 다른 곳으로 옮기십시오',
  '{file} was written by a newer regrant (schema {schema}); use that version':
    '{file}[은/는] 더 새로운 regrant(스키마 {schema})가 썼습니다. 그 버전을 쓰십시오',
  '{file} is no JSON object; mend it, or move it away': '{file}[은/는] JSON 객체가 아닙니다. 고치거나 옮기십시오',
  'there is no setting {key}; `regrant config show` lists them':
    '{key} 설정이 없습니다. `regrant config show`로 목록을 봅니다',
  'the OAuth client is not saved': 'OAuth 클라이언트를 저장하지 못했습니다',
  'the settings of {from} are not kept': '{from}의 설정을 저장하지 못했습니다',
  'the setting is not kept': '설정을 저장하지 못했습니다',
  'the key is not kept': '키를 저장하지 못했습니다',
  'the keys are not kept': '키를 저장하지 못했습니다',
  'the new API key is not kept': '새 API 키를 저장하지 못했습니다',
  'the API key made for the proxy has to be kept there': '프록시용으로 만든 API 키를 그곳에 보관해야 합니다',
  'the OAuth client that came with a token has to be kept there':
    '토큰과 함께 온 OAuth 클라이언트를 그곳에 보관해야 합니다',
  'the credential {credential} cannot be read: {why}': '자격 증명 {credential}[을/를] 읽을 수 없습니다: {why}',
  'REGRANT_PROXY_API_KEY says which key it is, so another one in the settings would not hold':
    'REGRANT_PROXY_API_KEY가 키를 정하므로 설정에 다른 키를 적어도 쓰이지 않습니다',
  // what is allowed
  'a whole number': '정수',
  'a whole number from {least} to {most}': '{least}에서 {most}까지의 정수',
  'an object in braces': '중괄호 객체',
  '64 of 0-9 and a-f: the SHA-256 of the key': '키의 SHA-256인 0-9, a-f 64자',
  'names of keys that have only letters, digits, and . _ @ - in them, 64 at most, and are not constructor or the like':
    '영문자, 숫자, . _ @ - 만으로 된 64자 이하의 키 이름(constructor 따위는 안 됨)',
  'text in quotes': '따옴표로 묶은 텍스트',
  'a list of texts': '텍스트 목록',
  'true or false': 'true 또는 false',
  'a list of origins': '출처(origin) 목록',
  'a list of addresses': '주소 목록',
  'a list of URLs': 'URL 목록',
  'at least one URL': '하나 이상의 URL',
  'a list of protocols': '프로토콜 목록',
  'a list of keys': '키 목록',
  'an address or host name': '주소나 호스트 이름',
  'a URL that starts with https:// or http://': 'https://나 http://로 시작하는 URL',
  'empty, or a URL that starts with https:// or http://': '빈 값, 또는 https://나 http://로 시작하는 URL',
  'a URL that starts with https:// (http:// only for a loopback host): a refresh token travels there':
    'https://로 시작하는 URL(http://는 루프백 호스트만): refresh_token이 오가는 곳입니다',
  'empty, or the URL of an HTTP proxy such as http://proxy.example:3128 ({password})':
    '빈 값, 또는 http://proxy.example:3128 같은 HTTP 프록시의 URL({password})',
  'an address such as 127.0.0.1, or a network such as 10.0.0.0/8': '127.0.0.1 같은 주소나 10.0.0.0/8 같은 네트워크',
  'an origin such as https://app.example:8443, without a path and without *':
    'https://app.example:8443 같은 출처(경로와 * 없이)',
  '{what} of other names than __proto__, prototype, constructor':
    '이름이 __proto__, prototype, constructor가 아닌 {what}',
  'clients named with a-z, 0-9 and -': 'a-z, 0-9, -로 된 이름의 클라이언트',
  'the name of an OAuth client has only a-z, 0-9 and - in it': 'OAuth 클라이언트의 이름은 a-z, 0-9, -만 쓸 수 있습니다',
  'the client id is missing: it ends in .apps.googleusercontent.com':
    'client id가 없습니다: .apps.googleusercontent.com으로 끝납니다',
  'that is a client secret (GOCSPX-…); the id ends in .apps.googleusercontent.com':
    '그것은 client secret(GOCSPX-…)입니다. id는 .apps.googleusercontent.com으로 끝납니다',
  'that is a refresh token; the client id comes first': '그것은 refresh_token입니다. client id가 먼저입니다',
  'that is an e-mail address; the id ends in .apps.googleusercontent.com':
    '그것은 이메일 주소입니다. id는 .apps.googleusercontent.com으로 끝납니다',
  'a client id has no blanks and no other characters than ASCII in it':
    'client id에는 공백과 ASCII가 아닌 문자가 없습니다',
  'that is the client id once more; the secret starts with GOCSPX-':
    '그것은 또 client id입니다. secret은 GOCSPX-로 시작합니다',
  'a client secret has no blanks and no other characters than ASCII in it':
    'client secret에는 공백과 ASCII가 아닌 문자가 없습니다',
  'empty, or one or more URLs such as postgres://user:password@db.example:5432/regrant, by comma (in a password write , as %2C, # as %23, % as %25, @ as %40 and / as %2F)':
    '빈 값, 또는 postgres://user:password@db.example:5432/regrant 같은 URL 하나 이상, 쉼표로 구분(암호의 ,는 %2C, #은 %23, %는 %25, @는 %40, /는 %2F)',
  'empty, or base64:…, file:/path or command:… that gives 32 bytes, raw or as base64':
    '빈 값, 또는 32바이트를 그대로나 base64로 주는 base64:…, file:/path, command:…',
  'a name of at most 40 of a-z, 0-9 and _, which does not begin with pg_ or a digit':
    'pg_나 숫자로 시작하지 않는, a-z, 0-9, _로 된 40자 이내의 이름',
  'empty for the host name, or at most 63 of A-Z, a-z, 0-9, ., _ and -':
    '빈 값이면 호스트 이름, 또는 A-Z, a-z, 0-9, ., _, -로 63자 이내',
});

export const koreanDatabaseErrors = inTongue({
  'database.url has a % that begins no character: write it as %25':
    'database.url에 문자가 되지 않는 %가 있습니다: %25로 적으십시오',
  'sslmode={mode} in database.url is not known; allowed: {allowed}':
    'database.url의 sslmode={mode}[은/는] 알 수 없습니다. 허용: {allowed}',
  '{name} in database.url names {file}, which cannot be read: {why}':
    'database.url의 {name}에 적힌 {file}[을/를] 읽을 수 없습니다: {why}',
  'the database cannot be used: {why}': '데이터베이스를 쓸 수 없습니다: {why}',
  'the database cannot be reached: {why}': '데이터베이스에 연결할 수 없습니다: {why}',
  'the database at {name} does not answer': '{name}의 데이터베이스가 응답하지 않습니다',
  'database.key is missing: 32 bytes that seal the secrets in the database, the same on every box; `openssl rand -base64 32` makes one':
    'database.key가 없습니다: 데이터베이스의 비밀을 봉인하는 32바이트로 모든 서버가 같아야 합니다. `openssl rand -base64 32`로 만듭니다',
  '{name}: it does not give 32 bytes, raw or as base64; `openssl rand -base64 32` makes such a key':
    '{name}: 그대로나 base64로 32바이트가 아닙니다. `openssl rand -base64 32`로 그런 키를 만듭니다',
  '{name}: its file does not give 32 bytes, raw or as base64; `openssl rand -base64 32` makes such a key':
    '{name}: 파일의 내용이 그대로나 base64로 32바이트가 아닙니다. `openssl rand -base64 32`로 그런 키를 만듭니다',
  '{name}: its command does not give 32 bytes, raw or as base64; `openssl rand -base64 32` makes such a key':
    '{name}: 명령의 출력이 그대로나 base64로 32바이트가 아닙니다. `openssl rand -base64 32`로 그런 키를 만듭니다',
  'the command of {name} had no end in ten seconds; try it in a shell as the user that regrant runs as':
    '{name}의 명령이 10초 안에 끝나지 않았습니다. regrant를 실행하는 사용자의 셸에서 시험하십시오',
  'the command of {name} failed ({how}); try it in a shell as the user that regrant runs as':
    '{name}의 명령이 실패했습니다({how}). regrant를 실행하는 사용자의 셸에서 시험하십시오',
  'the table meta of the schema {schema} is damaged; restore it from a backup of the database':
    '스키마 {schema}의 meta 테이블이 손상되었습니다. 데이터베이스 백업에서 되살리십시오',
  'there is no pool in the schema {schema} of the database; `regrant database init` makes one':
    '데이터베이스의 스키마 {schema}에 계정 풀이 없습니다. `regrant database init`으로 만듭니다',
  'the pool was made by a newer regrant (it wants schema {wanted}, this one has {own}); update regrant on this machine':
    '더 새로운 regrant가 만든 계정 풀입니다(필요한 스키마 {wanted}, 이 버전은 {own}). 이 서버의 regrant를 업데이트하십시오',
  'database.key is not the key of this pool; give the key that its other boxes have (one that it had before belongs in database.oldKeys)':
    'database.key가 이 계정 풀의 키가 아닙니다. 다른 서버들의 키를 적으십시오(전에 쓰던 키는 database.oldKeys에 적습니다)',
  '{name} refuses the password of database.url; correct it there':
    '{name}[이/가] database.url의 암호를 거부합니다. 고치십시오',
  '{name} lets this user in from here in no way; allow it in its pg_hba.conf, or correct database.url':
    '{name}[이/가] 이 사용자의 접속을 허용하지 않습니다. pg_hba.conf에서 허용하거나 database.url을 고치십시오',
  '{name} has no database of that name; create it, or correct database.url':
    '{name}에 그런 데이터베이스가 없습니다. 만들거나 database.url을 고치십시오',
  'the role of database.url may not do that at {name}; give it the rights that docs/several-machines.md names':
    'database.url의 역할에 {name}에서 그럴 권한이 없습니다. docs/several-machines.md에 적힌 권한을 주십시오',
  'there is no socket of a server at {name}': '{name}에 서버의 소켓이 없음',
  '{name} offers no TLS; switch it on there, or say sslmode=disable in database.url where the network is to be trusted':
    '{name}[이/가] TLS를 지원하지 않습니다. 그곳에서 켜거나, 믿을 수 있는 네트워크라면 database.url에 sslmode=disable을 적으십시오',
  '{name} asks for a password, and database.url has none': '{name}[이/가] 암호를 요구하는데 database.url에 없습니다',
  'the certificate of {name} cannot be verified ({code}); name its authority by sslrootcert=/path in database.url':
    '{name}의 인증서를 확인할 수 없습니다({code}). database.url의 sslrootcert=/path로 인증 기관을 적으십시오',
  'the certificate of {name} is for another name; name it in database.url as its certificate does, or say sslmode=verify-ca':
    '{name}의 인증서가 다른 이름의 것입니다. database.url에 인증서의 이름을 적거나 sslmode=verify-ca로 정하십시오',
  "the certificate of {name} is not valid now ({code}); renew it there, or set this machine's clock":
    '{name}의 인증서가 지금 유효하지 않습니다({code}). 그곳에서 갱신하거나 이 컴퓨터의 시계를 맞추십시오',
  '{name} wants an encrypted connection; say sslmode=verify-full in database.url, or allow it in its pg_hba.conf':
    '{name}[이/가] 암호화된 연결을 요구합니다. database.url에 sslmode=verify-full을 적거나 pg_hba.conf에서 허용하십시오',
  '{name} cannot be used: {why}': '{name}[을/를] 쓸 수 없습니다: {why}',
  'the disk of {name} is full or failing ({code}); make room there':
    '{name}의 디스크가 가득 찼거나 고장입니다({code}). 공간을 마련하십시오',
  '{name} says: {text} ({code})': '{name}의 원문: {text}({code})',
});
