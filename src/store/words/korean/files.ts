/** What is wrong with an account's file or row, and what a stop would lose of it; told in English, read here in Korean. */
import { inTongue } from '../catalogue/placeholders.js';

export const koreanFiles = inTongue({
  // why an account cannot be read
  unreadable: '읽을 수 없음',
  empty: '비어 있음',
  'a link to a file that is not there': '없는 파일로 가는 링크',
  'its name is not UTF-8': '이름이 UTF-8이 아님',
  'not an object in braces': '중괄호 객체가 아님',
  'NUL bytes in it, as a power cut leaves them': '정전 뒤처럼 NUL 바이트가 들어 있음',
  '{key} is missing': '{key}[이/가] 없음',
  '{key} is no text': '{key}[이/가] 텍스트가 아님',
  '{key} is empty': '{key}[이/가] 비어 있음',
  '{key} is neither true nor false': '{key}[이/가] true도 false도 아님',
  'token is no object in braces': 'token이 중괄호 객체가 아님',
  'its id is "{id}", which belongs to another file name': 'id "{id}"[이/가] 파일 이름과 다름',
  'its document is not an object in braces': '문서가 중괄호 객체가 아님',
  'its secret does not open with database.key': '비밀이 database.key로 열리지 않음',
  'its grant_fp is of another token': 'grant_fp가 다른 토큰의 것임',
  'it was never read': '읽은 적이 없음',
  // why it cannot be written
  'its file is gone': '파일이 없어짐',
  'a file that cannot be read is never changed': '읽을 수 없는 파일은 바꾸지 않음',
  'a row that cannot be read is never changed': '읽을 수 없는 행은 바꾸지 않음',
  'there is no place for one': '둘 곳이 없음',
  'another program keeps changing it': '다른 프로그램이 계속 바꾸고 있음',
  'the database has no such account': '데이터베이스에 그런 계정이 없음',
  '{name} is set to read only': '{name}[이/가] 읽기 전용으로 설정됨',
  '{file} is not removed: {why}': '{file}[을/를] 삭제하지 못했습니다: {why}',
  '{name} is not brought back: {why}': '{name}[을/를] 되살리지 못했습니다: {why}',
  '{why}; it lies in {from}': '{why}. 파일은 {from}에 있습니다',
  '{file} is not saved: {why}; the change holds in memory, and the write is tried again':
    '{file}[이/가] 저장되지 않았습니다: {why}. 변경은 메모리에 남아 있으며 쓰기를 다시 시도합니다',
  '{folder} cannot be listed: {why}; the pool stays as it was; mend it, then press R':
    '{folder}의 목록을 읽을 수 없습니다: {why}. 계정 풀은 그대로 둡니다. 고친 뒤 R을 누르십시오',
  '{why}, and no copy of it can be kept in trash/: {fault}': '{why}, 사본도 trash/에 둘 수 없음: {fault}',
  '{file}, the file of {email}, cannot be read ({why}): mend it, or remove it first':
    '{email}의 파일 {file}[을/를] 읽을 수 없습니다({why}): 먼저 고치거나 삭제하십시오',
  'an account of that name stands there again': '그 이름의 계정이 다시 생김',
  'the accounts are as they were: {why}': '계정을 그대로 둡니다: {why}',
  '{gone} of {n} accounts are gone from the database; R accepts that':
    '데이터베이스에서 계정 {n}개 가운데 {gone}개가 없어졌습니다. R을 누르면 받아들입니다',
  '{gone} of {n} account files vanished at once: the pool stays as it was; put them back, or press R to take it as it is':
    '계정 파일 {n}개 가운데 {gone}개가 한꺼번에 사라졌습니다: 계정 풀은 그대로 둡니다. 파일을 되돌리거나 R을 눌러 지금 상태를 받아들이십시오',
  'the folder of the accounts was gone, and is made again for a new credential: the pool stays as it was; put the other files back, or press R to take it as it is':
    '계정 폴더가 없어져 새 자격 증명을 위해 다시 만들었습니다: 계정 풀은 그대로 둡니다. 다른 파일을 되돌리거나 R을 눌러 지금 상태를 받아들이십시오',
  // what is lost of an account if it is never saved
  'that Google refused its refresh token': 'Google이 refresh_token을 거부했다는 기록',
  'that Google honours its refresh token again': 'Google이 refresh_token을 다시 받아들였다는 기록',
  'its new access token': '새 access_token',
  'its new refresh token, which took the place of the one on disk': '디스크의 것을 대신한 새 refresh_token',
  'the refresh token it was re-added with': '다시 추가할 때의 refresh_token',
  'the credential that was brought back': '되살린 자격 증명',
  'that it was taken out of the proxy or put back': '프록시에서 제외하거나 되돌렸다는 기록',
  'which OAuth client issued its token': '토큰을 발급한 OAuth 클라이언트',
  'its project': '프로젝트',
  'that Google asks a human to verify it': 'Google이 본인 확인을 요구했다는 기록',
  'what is left of its quota': '남은 할당량',
  'that Google has closed the service to it': 'Google이 서비스를 닫았다는 기록',
  'that its block was lifted': '차단이 해제되었다는 기록',
  'when it was used last': '마지막 사용 시각',
  'the whole account': '계정 전체',
  'what another program wrote meanwhile': '그사이 다른 프로그램이 쓴 내용',
  'that it was removed': '삭제했다는 기록',
  'that it was brought back': '되살렸다는 기록',
});
