/** What each fault of a pool on several machines looks like: the program's own words on a screen, in both tongues. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TokenEndpointUnavailable } from '../../../src/proxy/oauth/errors.js';
import { permission } from '../../../src/proxy/oauth/permission.js';
import { standingOf, type Circumstances } from '../../../src/proxy/pool/standing.js';
import type { AccountRow, Banner } from '../../../src/proxy/contract/snapshot.js';
import { sharingBanners } from '../../../src/proxy/reports/sharing.js';
import type { StoredAccount } from '../../../src/store/accounts/stored-account.js';
import { whyNotWritten } from '../../../src/store/database/accounts/why-not-written.js';
import { DatabaseAway, refusalOf, statementFailed } from '../../../src/store/database/database-errors.js';
import type { Sharing } from '../../../src/store/shared/sharing.js';
import type { Permit } from '../../../src/store/state/exchange-store.js';
import { english, saying } from '../../../src/store/words/saying.js';
import { speak } from '../../../src/store/words/tongue.js';
import { setClock } from '../../support/clock.js';
import { allSizes } from '../../support/pictures.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

const HOST = 'db.example:5432';
const now = Date.UTC(2026, 10, 23, 12, 14);
const tongues = ['en', 'ko'] as const;

const faultOf = (code: string, text = ''): Error => Object.assign(new Error(text), { code });
const refused = (code: string, text?: string): string => refusalOf(HOST, faultOf(code, text)).text;

const well = {
  ...{ name: 'box-b', boxes: [], cutOff: null, notSpooled: null, nameTrouble: null },
  ...{ skewMs: 0, isPollingOnly: false, lapse: null },
};
const banners = (over: Partial<Record<keyof typeof well, unknown>>): readonly Banner[] =>
  sharingBanners({ ...well, ...over } as unknown as Sharing);

interface Told {
  readonly en: string;
  readonly ko: string;
}

const told = (en: string, ko: string): Told => ({ en, ko });

/** Why a running box has no database: by what the driver or the server gave it. */
const whys: readonly (readonly [why: string, told: Told])[] = [
  [refused('ECONNREFUSED'), told(`nothing listens at ${HOST}`, `${HOST}에 열린 포트가 없음`)],
  [refused('', 'timeout expired'), told(`${HOST} does not answer`, `${HOST}가 응답하지 않음`)],
  [refused('ENOTFOUND'), told(`the name of ${HOST} is not known`, '이름을 찾을 수 없음')],
  [refused('EAI_AGAIN'), told(`the name of ${HOST} cannot be looked up now`, '이름을 지금 찾을 수 없음')],
  [refused('ECONNRESET'), told(`${HOST} breaks the connection`, `${HOST}가 연결을 끊음`)],
  [refused('57P03'), told(`${HOST} is starting up or shutting down`, '시작하거나 끝나는 중')],
  [refused('53300'), told(`${HOST} has no connection left; raise its max_connections`, 'max_connections를 늘려야 함')],
  [
    refused('28P01'),
    told(
      `${HOST} refuses the password of database.url; correct it there`,
      'database.url의 암호를 거부합니다. 고치십시오',
    ),
  ],
  [
    refused('28000'),
    told(
      `${HOST} lets this user in from here in no way; allow it in its pg_hba.conf, or correct database.url`,
      'pg_hba.conf',
    ),
  ],
  [
    refused('28000', 'no pg_hba.conf entry for host "10.0.0.2", user "r", database "r", no encryption'),
    told(
      `${HOST} wants an encrypted connection; say sslmode=verify-full in database.url, or allow it in its pg_hba.conf`,
      'sslmode=verify-full',
    ),
  ],
  [
    refused('', 'The server does not support SSL connections'),
    told(
      `${HOST} offers no TLS; switch it on there, or say sslmode=disable in database.url where the network is to be trusted`,
      'sslmode=disable',
    ),
  ],
  [
    refused('ERR_TLS_CERT_ALTNAME_INVALID'),
    told(
      `the certificate of ${HOST} is for another name; name it in database.url as its certificate does, or say sslmode=verify-ca`,
      'sslmode=verify-ca',
    ),
  ],
  [
    refused('SELF_SIGNED_CERT_IN_CHAIN'),
    told(
      `the certificate of ${HOST} cannot be verified (SELF_SIGNED_CERT_IN_CHAIN); name its authority by sslrootcert=/path in database.url`,
      'sslrootcert=/path',
    ),
  ],
  [refused('CERT_HAS_EXPIRED'), told(`the certificate of ${HOST} is not valid now (CERT_HAS_EXPIRED)`, '인증서')],
  [refused('3D000'), told(`${HOST} has no database of that name; create it, or correct database.url`, 'database.url')],
  [
    refused('42501'),
    told(
      `the role of database.url may not do that at ${HOST}; give it the rights that docs/several-machines.md names`,
      'docs/several-machines.md',
    ),
  ],
  [
    english('{host} is a replica (in recovery); name its primary in database.url too', { host: HOST }),
    told(`${HOST} is a replica (in recovery); name its primary in database.url too`, '복제본입니다'),
  ],
  [
    english('{host} is set to read only; make it writable, or name another server in database.url', { host: HOST }),
    told(`${HOST} is set to read only; make it writable, or name another server in database.url`, '읽기 전용입니다'),
  ],
];

const gone = { name: 'box-a', isGone: true, openLeases: 2 };

/** What goes on while it lasts. */
const others: readonly (readonly [banners: readonly Banner[], told: Told])[] = [
  [
    banners({ boxes: [gone] }),
    told(
      'box box-a is gone and never told what came back for 2 of its tokens: start it, then nothing is in doubt',
      '서버 box-a가 사라졌고 토큰 2개의 응답을 알리지 않았습니다. 시작하면 불확실한 것이 없어집니다',
    ),
  ],
  [
    banners({ skewMs: 600_000 }),
    told(
      "this machine's clock is 10 min ahead of the database's: set it by NTP",
      '이 컴퓨터의 시계가 데이터베이스보다 10분 빠릅니다. NTP로 맞추십시오',
    ),
  ],
  [
    banners({ skewMs: -600_000 }),
    told(
      "this machine's clock is 10 min behind the database's: set it by NTP",
      '이 컴퓨터의 시계가 데이터베이스보다 10분 느립니다. NTP로 맞추십시오',
    ),
  ],
  [
    banners({ isPollingOnly: true }),
    told(
      "the database's notifications do not come through (a pooler in transaction mode?): other boxes' changes are seen after a second",
      '데이터베이스의 알림이 오지 않습니다(트랜잭션 모드의 풀러?). 다른 서버의 변경은 1초 뒤에 보입니다',
    ),
  ],
  [
    banners({ notSpooled: 'no space left on the disk (ENOSPC)' }),
    told(
      'a rotated token is in memory alone (no space left on the disk (ENOSPC)): make room for state/spool before this box ends',
      '이 서버가 끝나기 전에 state/spool에 공간을 마련하십시오',
    ),
  ],
  [
    banners({
      lapse: english(
        'the database was put back to an older state: this box wrote back what it lacked ({rows}); start every other box too, each knows what it made',
        { rows: 'account 2, client_key 1' },
      ),
    }),
    told(
      'the database was put back to an older state: this box wrote back what it lacked (account 2, client_key 1); start every other box too, each knows what it made',
      '다른 서버도 모두 시작하십시오. 각자 만든 것을 알고 있습니다',
    ),
  ],
  [
    banners({
      nameTrouble: english(
        'a box named {name} runs already (its proxy is {address}); give this one a name of its own: database.box',
        { name: 'box-b', address: '10.0.0.7:8045' },
      ),
    }),
    told(
      'a box named box-b runs already (its proxy is 10.0.0.7:8045); give this one a name of its own: database.box',
      '이 서버에 다른 이름을 주십시오: database.box',
    ),
  ],
];

/** A text without what a line's end may have taken from it. */
const bare = (text: string): string => text.replace(/\s/g, '');

/** Shown in each tongue and size, one after the other. */
async function onScreens(use: (screen: TestScreen, supervisor: TestSupervisor, of: 'en' | 'ko') => Promise<void>) {
  for (const tongue of tongues) {
    await speak(tongue);
    const clock = setClock(now);
    const supervisor = new TestSupervisor(clock, [account('anna@example.com')]);
    const env = { TERM: 'xterm-256color', LANG: tongue === 'ko' ? 'ko_KR.UTF-8' : 'C.UTF-8' };
    try {
      await withScreen(supervisor, { clock, env, cols: 80, rows: 24 }, (screen) => use(screen, supervisor, tongue));
    } finally {
      await speak('en');
    }
  }
}

test('why the database is cut off stands over the panes with what to do, however narrow the screen is', () =>
  onScreens(async (screen, supervisor, tongue) => {
    for (const [cols, rows] of allSizes.slice(0, 2)) {
      await screen.resize(cols, rows);
      for (const [why, words] of whys) {
        supervisor.set({ banners: banners({ cutOff: why }) });
        await screen.news();
        const said = bare(screen.text());
        assert.ok(said.includes(bare(words[tongue])), `${words[tongue]} at ${cols}:\n${screen.text()}`);
        const rest = told('mend it or the way to it', '데이터베이스나 연결을 고치십시오');
        if (cols > 80) assert.ok(said.includes(bare(rest[tongue])), screen.text());
      }
    }
  }));

test('every other fault of the pool stands there whole, in one banner', () =>
  onScreens(async (screen, supervisor, tongue) => {
    for (const [cols, rows] of allSizes) {
      await screen.resize(cols, rows);
      for (const [given, words] of others) {
        supervisor.set({ banners: given });
        await screen.news();
        assert.ok(bare(screen.text()).includes(bare(words[tongue])), `${words[tongue]} at ${cols}:\n${screen.text()}`);
      }
    }
  }));

test('three faults at once have a row each, and a fourth is counted', () =>
  onScreens(async (screen, supervisor, tongue) => {
    const all = others.flatMap(([given]) => given);
    supervisor.set({ banners: all });
    await screen.news();
    assert.is(screen.matching(/^ ! /).length, 3);
    assert.ok(screen.has(told(`and ${all.length - 3} more`, `외 ${all.length - 3}`)[tongue]), screen.text());
  }));

/** Where an account stands after it was asked for a token. */
async function standing(permit: Permit, accessLeftMs = 0): Promise<Partial<AccountRow>> {
  const error: unknown = await permission({ permit: () => Promise.resolve(permit) }, 'token', 'refresh').catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TokenEndpointUnavailable)) throw error;
  const kept = { disabled: null, quota: null, proxyDisabled: null, validationBlocked: null };
  const stored = { account: kept, unreadable: null } as unknown as StoredAccount;
  const around = {
    ...{ clientConfigured: true, clientName: 'default', clientRefusal: null, refused: null, accessLeftMs },
    ...{ trouble: { error, since: now }, pauseLeftMs: error.retryAfterMs ?? 5_000 },
  } as unknown as Circumstances;
  const { state, serves, cause, reason, until } = standingOf(stored, around, now);
  const retryAt = now + (error.retryAfterMs ?? 5_000);
  return { state, serves, cause, reason, coolingUntil: until, trouble: error.message, retryAt };
}

const away = whyNotWritten(new DatabaseAway(saying('the database is not connected')));
const full = whyNotWritten(statementFailed(HOST, faultOf('53100', 'could not extend file')));

/** What a row says: short words where there is little room, all of them in the account's sheet. */
const rows: readonly (readonly [what: string, row: () => Promise<Partial<AccountRow>>, short: Told, whole: Told])[] = [
  [
    'a token in doubt',
    () => standing({ kind: 'doubt', box: 'box-a', at: Date.UTC(2026, 10, 23, 12, 3), leftMs: 480_000 }),
    told('in doubt, 8 min', '불확실, 8분'),
    told(
      'box-a sent this token at 12:03 and never told what came back: start box-a, or re-add',
      'box-a가 12:03에 이 토큰을 보내고 응답을 알리지 않았습니다. box-a를 시작하거나 다시 추가하십시오',
    ),
  ],
  [
    'a token in doubt whose access token lives',
    () => standing({ kind: 'doubt', box: 'box-a', at: Date.UTC(2026, 10, 23, 12, 3), leftMs: 480_000 }, 60_000),
    told('▲ in doubt, next try in 8 min · r', '▲ 불확실, 8분 뒤 재시도 · r'),
    told(
      'box-a sent this token at 12:03 and never told what came back: start box-a, or re-add',
      'box-a가 12:03에 이 토큰을 보내고 응답을 알리지 않았습니다. box-a를 시작하거나 다시 추가하십시오',
    ),
  ],
  [
    'the database away while its access token lives',
    () => standing({ kind: 'away', why: away }, 60_000),
    told('▲ the database cannot', '▲ 데이터베이스에 연결할'),
    told('the database cannot be reached', '데이터베이스에 연결할 수 없음'),
  ],
  [
    'an access token that has ended',
    () => standing({ kind: 'away', why: away }),
    told('the database cannot', '데이터베이스에 연결할'),
    told('the database cannot be reached', '데이터베이스에 연결할 수 없음'),
  ],
  [
    'a token pasted meanwhile',
    () => Promise.resolve({ notSaved: away }),
    told('▲ not saved: the database', '▲ 저장 안 됨'),
    told(
      "not saved yet: the database cannot be reached; it lies sealed in this box's spool until the database has it",
      '데이터베이스에 들어갈 때까지 이 서버의 스풀에 봉인되어 있습니다',
    ),
  ],
  [
    'what was switched off meanwhile',
    () => Promise.resolve({ notSaved: away, unsaved: ['x'], state: 'proxy_disabled' as const, reason: 'by hand' }),
    told('▲ not saved: the', '▲ 저장 안 됨'),
    told('not saved yet: the database cannot be reached', '아직 저장되지 않음: 데이터베이스에 연결할 수 없음'),
  ],
  [
    'a full disk of the server',
    () => Promise.resolve({ notSaved: full, unsaved: ['x'] }),
    told('▲ not saved: the disk', '▲ 저장 안 됨'),
    told(`not saved yet: the disk of ${HOST} is full or failing (53100); make room there`, `${HOST}의 디스크`),
  ],
  [
    'a row changed by hand',
    () => Promise.resolve({ state: 'unreadable' as const, serves: false, reason: 'its grant_fp is of another token' }),
    told('its grant_fp is of', 'grant_fp'),
    told('its grant_fp is of another token', 'grant_fp'),
  ],
];

for (const [what, row, short, whole] of rows)
  test(`${what}: its row says so in short, its sheet in full`, () =>
    onScreens(async (screen, supervisor, tongue) => {
      supervisor.update('anna@example.com', await row());
      await screen.news();
      assert.ok(bare(screen.row('anna@example.com').text).includes(bare(short[tongue])), screen.text());
      await screen.press('Enter');
      const said = screen
        .rows()
        .map(({ text }) => text.replace(/[│║]/g, ''))
        .join('');
      assert.ok(bare(said).includes(bare(whole[tongue])), screen.text());
    }));

test.run();
