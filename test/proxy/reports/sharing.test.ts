/** What is said of a pool on several machines: banners, in both tongues, and notices. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ofBoxes } from '../../../src/proxy/notices/conditions.js';
import { sharingBanners } from '../../../src/proxy/reports/sharing.js';
import type { BoxSeen } from '../../../src/store/shared/boxes.js';
import type { Sharing } from '../../../src/store/shared/sharing.js';
import { told } from '../../../src/store/words/told.js';
import { speak } from '../../../src/store/words/tongue.js';

const box = (name: string, over: Partial<BoxSeen> = {}): BoxSeen => ({
  ...{ name, address: '', version: '', startedAt: 1, seenAt: 1, isGone: false, skewMs: 0, openLeases: 0, facts: {} },
  ...over,
});

const well = {
  ...{ name: 'box-a', boxes: [box('box-a'), box('box-b')], cutOff: null, notSpooled: null, nameTrouble: null },
  ...{ skewMs: 0, isPollingOnly: false, lapse: null },
};
const away = 'the database at db.example does not answer';
const gone = [box('box-a'), box('box-b', { isGone: true, openLeases: 2 })];

const table: readonly (readonly [code: string, over: object, english: string, korean: string])[] = [
  [
    'database_cut',
    { cutOff: away },
    'the database is cut off (the database at db.example does not answer): accounts serve on while their access tokens last, none is renewed; mend it or the way to it',
    '데이터베이스와 끊겼습니다',
  ],
  [
    'not_spooled',
    { notSpooled: 'no space left on the disk (ENOSPC)' },
    'a rotated token is in memory alone (no space left on the disk (ENOSPC)): make room for state/spool before this box ends',
    '교체된 토큰이 메모리에만 있습니다',
  ],
  [
    'database_older',
    {
      lapse:
        'the database was put back to an older state: this box wrote back what it lacked (account 2, client_key 1); start every other box too, each knows what it made',
    },
    'the database was put back to an older state: this box wrote back what it lacked (account 2, client_key 1); start every other box too, each knows what it made',
    '예전 상태로 되돌려졌습니다',
  ],
  [
    'box_name',
    { nameTrouble: 'a box named box-a runs already; give this one a name of its own: database.box' },
    'a box named box-a runs already; give this one a name of its own: database.box',
    'box-a라는 서버가 이미 실행 중입니다',
  ],
  [
    'box_gone',
    { boxes: gone },
    'box box-b is gone and never told what came back for 2 of its tokens: start it, then nothing is in doubt',
    '응답을 알리지 않았습니다',
  ],
  ['box_clock', { skewMs: 6_000 }, "this machine's clock is 6 s ahead of the database's: set it by NTP", '빠릅니다'],
  ['box_clock', { skewMs: -6_000 }, "this machine's clock is 6 s behind the database's: set it by NTP", '느립니다'],
  [
    'polling_only',
    { isPollingOnly: true },
    "the database's notifications do not come through (a pooler in transaction mode?): other boxes' changes are seen after a second",
    '다른 서버의 변경은 1초 뒤에 보입니다',
  ],
];

for (const [code, over, english, korean] of table)
  test(`${code} is a banner, in both tongues: ${english.slice(0, 40)}`, async () => {
    const banners = sharingBanners({ ...well, ...over } as unknown as Sharing);
    assert.equal(
      banners.map((banner) => [banner.code, banner.text]),
      [[code, english]],
    );
    await speak('ko');
    try {
      assert.ok(told(english).includes(korean), told(english));
    } finally {
      await speak('en');
    }
  });

test('nothing is said of notifications while the database is cut off: none can come', () => {
  const banners = sharingBanners({ ...well, cutOff: away, isPollingOnly: true } as unknown as Sharing);
  assert.equal(
    banners.map(({ code }) => code),
    ['database_cut'],
  );
});

test('nothing is said where all is well, nor of a clock five seconds off or a box that owes nothing', () => {
  const boxes = [box('box-a'), box('box-b', { isGone: true })];
  assert.equal(sharingBanners({ ...well, skewMs: 5_000, boxes } as unknown as Sharing), []);
});

test('the database cut off and a box that is gone are notices, the latter told by one of the boxes', () => {
  assert.equal(ofBoxes(well), []);
  const [cut] = ofBoxes({ ...well, cutOff: away, boxes: gone });
  assert.equal([cut?.key, cut?.event], ['database_cut', 'database_cut']);
  assert.match(cut?.text ?? '', /^the database is cut off \(the database at db\.example does not answer\)/);
  const boxes = [...gone, box('box-c')];
  const [told] = ofBoxes({ ...well, boxes });
  assert.equal([told?.key, told?.event], ['box_gone/box-b', 'box_gone']);
  assert.is(told?.text, 'box box-b is gone and never told what came back for 2 of its tokens: start it again');
  assert.equal(ofBoxes({ ...well, name: 'box-c', boxes }), []);
});

test.run();
