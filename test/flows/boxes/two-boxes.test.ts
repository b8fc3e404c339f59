/** Two whole programs over one pool in a PostgreSQL: what one of them is told, the other knows. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { testClient } from '../../support/google.js';
import { API_KEY } from '../../support/house.js';
import { withHouses, type Houses, type HousesOptions } from '../../support/houses.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';

const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
const next = '1//0bob-next-token';

const onHouses = (what: string, options: Partial<HousesOptions>, use: (houses: Houses) => Promise<void>): void =>
  testOnPostgres(what, (server) => withHouses(server, { names: ['box-a', 'box-b'], accounts: [bob], ...options }, use));

const two = ({ all: [a, b] }: Houses) => {
  if (a === undefined || b === undefined) throw new Error('two boxes are wanted');
  return { a: a.house, b: b.house, wireA: a.wire };
};
const until = async (test: () => boolean): Promise<void> => {
  while (!test()) await pause(5);
};

onHouses(
  'both are asked at the same moment: one exchange, both serve, and the rotated token is everywhere',
  { prepare: (google) => google.grant(bob.refreshToken, { email: bob.email, rotateTo: next }) },
  async (houses) => {
    const { a, b } = two(houses);
    const answers = await Promise.all([a.ask(), b.ask()]);
    assert.equal(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.is(houses.google.calls.token.length, 1);
    await until(() => [a, b].every(({ store }) => store.accounts.get('bob')?.account?.refreshToken === next));
    const [row] = await houses.pool.sql('select grant_fp from {account}');
    assert.is(row?.grant_fp, fingerprint(next));
  },
);

onHouses(
  'a dead grant is told once, and the row is red on every box; a re-add on one serves on the other',
  { prepare: (google) => google.grant('1//0pasted', { email: bob.email }) },
  async (houses) => {
    const { a, b } = two(houses);
    assert.is((await a.ask()).status, 503);
    await until(() => b.state('bob') === 'disabled');
    assert.is(houses.google.calls.token.length, 1, 'nobody asks again');
    const request = { accountId: 'bob', refreshToken: '1//0pasted', client: null, otherAccount: 'ask' } as const;
    const saved = await b.supervisor.operations.readd(request, () => undefined);
    assert.is(saved.outcome, 'saved', saved.text);
    await until(() => a.state('bob') === 'ready');
    assert.is((await a.ask()).status, 200);
    const pasted = houses.google.calls.token.filter(({ refreshToken }) => refreshToken === '1//0pasted');
    assert.is(pasted.length, 1, 'one exchange for both');
  },
);

onHouses(
  'without the database accounts serve on, those whose token ends wait and say so, and go on by themselves',
  {
    // alone, it is cut off before anybody renews the token of eve
    names: ['box-a'],
    accounts: [
      { ...bob, accessToken: 'ya29.lives', accessEndsIn: 3000 },
      { id: 'eve', email: 'eve@example.com', refreshToken: '1//0eve' },
    ],
    prepare: (google) => {
      google.grant(bob.refreshToken, { email: bob.email });
      google.grant('1//0eve', { email: 'eve@example.com' });
    },
  },
  async (houses) => {
    const [box] = houses.all;
    if (box === undefined) throw new Error('a box is wanted');
    const { house: a, wire: wireA } = box;
    wireA.refuse();
    await until(() => a.store.shared?.database.isUp === false);
    const [tested] = await a.supervisor.operations.testNow(['eve']);
    assert.is(tested?.cause, 'database');
    assert.is(a.state('eve'), 'cooling');
    assert.is(houses.google.calls.token.length, 0);
    wireA.thaw();
    await until(() => a.state('eve') === 'ready');
  },
);

const eve = { id: 'eve', email: 'eve@example.com', refreshToken: '1//0eve' };

onHouses(
  'a token that two boxes want at once is sent once',
  {
    accounts: [bob],
    prepare: (google) => google.grant(bob.refreshToken, { email: bob.email }),
  },
  async (houses) => {
    const { a, b } = two(houses);
    houses.google.upstream(() => ({ status: 200, body: '{}' }));
    const hold = houses.google.hold(bob.refreshToken);
    const first = a.ask();
    await hold.waiting();
    const second = b.ask();
    // it asks again and again whether the other has ended
    await pause(500);
    hold.release();
    assert.equal([(await first).status, (await second).status], [200, 200]);
    assert.is(houses.google.calls.token.length, 1);
  },
);

onHouses(
  'a request waits half a second for another box’s exchange while another account can serve, and no longer',
  {
    accounts: [bob, { ...eve, accessToken: 'ya29.lives', accessEndsIn: 3000 }],
    prepare(google) {
      google.grant(bob.refreshToken, { email: bob.email });
      google.grant(eve.refreshToken, { email: eve.email });
    },
  },
  async (houses) => {
    const { a, b } = two(houses);
    houses.google.upstream(() => ({ status: 200, body: '{}' }));
    const hold = houses.google.hold(bob.refreshToken);
    const tested = a.supervisor.operations.testNow(['bob']);
    await hold.waiting();
    const begun = performance.now();
    const answers = [await b.ask(), await b.ask()];
    const tookMs = performance.now() - begun;
    assert.equal(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.ok(tookMs < 2_000, `${tookMs} ms`);
    const { logs } = b.supervisor;
    const records = Array.from({ length: logs.next }, (_, at) => logs.at(at)?.access ?? null).filter(Boolean);
    assert.ok(
      records.some((record) => record?.left.includes('bob: refresh is slow')),
      JSON.stringify(records),
    );
    const bobs = houses.google.calls.token.filter(({ refreshToken }) => refreshToken === bob.refreshToken);
    assert.is(bobs.length, 1);
    hold.release();
    await tested;
  },
);

onHouses(
  'cut off, `e`, `x` and `u` count at once, are said not to be saved, and the others hear of them at the end of that',
  {
    accounts: [bob, eve, { id: 'cid', email: 'cid@example.com' }],
    prepare(google) {
      for (const { email, refreshToken } of [bob, eve]) google.grant(refreshToken, { email });
    },
  },
  async (houses) => {
    const { a, b, wireA } = two(houses);
    const { operations } = a.supervisor;
    wireA.refuse();
    await until(() => a.store.shared?.database.isUp === false);
    const said = [await operations.setProxyDisabled(['bob'], true), await operations.remove(['eve'])];
    for (const { text } of said) assert.match(text, /not saved/);
    assert.equal([a.state('bob'), a.state('eve')], ['proxy_disabled', 'gone']);
    const removed = await operations.remove(['cid']);
    assert.match(removed.text, /not saved/);
    assert.match(removed.text, /removed cid@example.com; u brings it back/);
    assert.ok((await operations.undo()).ok);
    assert.is.not(a.state('cid'), 'gone', 'it is back at once');
    assert.match((await operations.remove(['bob'])).text, /not saved/);
    assert.ok((await operations.undo()).ok);
    const bobs = ['that it was brought back', 'that it was taken out of the proxy or put back'];
    const rowOf = (id: string) => a.supervisor.snapshot().accounts.find((row) => row.id === id);
    await until(() => rowOf('bob')?.notSaved === 'the database cannot be reached');
    assert.equal([rowOf('bob')?.state, [...(rowOf('bob')?.unsaved ?? [])].sort()], ['proxy_disabled', bobs]);
    const banner = () => a.supervisor.snapshot().banners.find(({ code }) => code === 'not_saved')?.text ?? '';
    await until(() => banner().startsWith('2 accounts not saved (') && !/\((?:bob|cid):/.test(banner()));
    assert.match(banner(), /\((?:bob|cid)@example\.com: the database cannot be reached\)/);
    await until(() => a.log.some((line) => /not saved, and lost .*bob@example\.com: /.test(line)));
    assert.is.not(b.state('eve'), 'gone');
    wireA.thaw();
    await until(() => b.state('eve') === 'gone' && b.state('bob') === 'proxy_disabled');
    await until(() => a.supervisor.snapshot().unsaved === 0 && rowOf('bob')?.notSaved === null);
    assert.is.not(b.state('cid'), 'gone');
    assert.is(rowOf('bob')?.state, 'proxy_disabled');
  },
);

onHouses(
  'what is removed or re-added on one box is undone there for all, and no credential lies on a disk in clear',
  {
    prepare(google) {
      for (const token of [bob.refreshToken, '1//0pasted']) google.grant(token, { email: bob.email });
    },
  },
  async (houses) => {
    const { a, b } = two(houses);
    const { operations } = a.supervisor;
    assert.ok((await operations.remove(['bob'])).ok);
    await until(() => b.state('bob') === 'gone');
    assert.ok((await operations.undo()).ok);
    await until(() => b.state('bob') === 'ready');
    const request = { accountId: 'bob', refreshToken: '1//0pasted', client: null, otherAccount: 'ask' } as const;
    assert.is((await operations.readd(request, () => undefined)).outcome, 'saved');
    await until(() => b.store.accounts.get('bob')?.account?.refreshToken === '1//0pasted');
    const [kept] = await houses.pool.sql('select account, box, secret from {replaced}');
    assert.equal([kept?.account, kept?.box], ['bob', 'box-a']);
    assert.ok((await operations.undo()).ok);
    await until(() => b.store.accounts.get('bob')?.account?.refreshToken === bob.refreshToken);
    for (const { dir } of [a, b])
      for (const [file, text] of await dir.everything()) assert.not.match(text, /1\/\/0/, file);
  },
);

onHouses(
  'cut off, a token that is new here is exchanged without a lease, spooled, and serves; any other is refused in a line',
  {
    // nobody has to refresh them meanwhile
    accounts: [bob, { id: 'dan', email: 'dan@example.com', refreshToken: '1//0dan' }].map((one) => ({
      ...{ ...one, accessToken: 'ya29.lives', accessEndsIn: 3000 },
    })),
    prepare(google) {
      for (const token of ['1//0dan', '1//0pasted']) google.grant(token, { email: 'dan@example.com' });
      google.grant('1//0eve', { email: 'eve@example.com', rotateTo: '1//0eve-next' });
      google.grant('1//0fay', { email: 'fay@example.com' });
    },
  },
  async (houses) => {
    const { a, b, wireA } = two(houses);
    const { operations } = a.supervisor;
    wireA.refuse();
    await until(() => a.store.shared?.database.isUp === false);
    const readd = (refreshToken: string, accountId: string | null = 'dan') =>
      operations.readd({ accountId, refreshToken, client: null, otherAccount: 'ask' }, () => undefined);
    const known = await readd(bob.refreshToken, 'bob');
    assert.equal(
      [known.outcome, known.text],
      [
        'unavailable',
        'nothing was sent: the database cannot be reached; another box may be sending this token; nothing was changed, try again',
      ],
    );
    assert.is(houses.google.calls.token.length, 0);
    const saved = await readd('1//0pasted');
    assert.equal(
      [saved.outcome, saved.text],
      [
        'not_saved',
        "dan@example.com is re-added, but not saved: the database cannot be reached; it lies sealed in this box's spool until the database has it, and serves",
      ],
    );
    assert.is(
      (await operations.undo()).text,
      'dan@example.com: its previous refresh token is back, but not saved: the database cannot be reached',
    );
    assert.is(a.store.accounts.get('dan')?.account?.refreshToken, '1//0dan');
    assert.match((await operations.redo()).text, /^dan@example.com: .* but not saved: the database cannot be reached$/);
    assert.is(a.store.accounts.get('dan')?.account?.refreshToken, '1//0pasted');
    assert.match((await readd('1//0eve', null)).text, /^eve@example.com is added, but not saved: .* spool .* serves$/);
    assert.match((await operations.undo()).text, /^removed eve@example.com again; eve@example.com is not saved: /);
    assert.match(
      (await operations.undo()).text,
      /^dan@example.com: its previous/,
      'the step before, not there and back',
    );
    await operations.redo();
    assert.is((await operations.redo()).text, 'brought back eve@example.com');
    assert.is(a.store.accounts.get('dan')?.account?.refreshToken, '1//0pasted');
    assert.match((await readd('1//0fay', null)).text, /^fay@example.com is added/);
    assert.match((await operations.undo()).text, /^removed fay@example.com again/);
    assert.is((await a.ask()).status, 200);
    const rows = a.supervisor.snapshot().accounts.filter(({ notSaved }) => notSaved !== null);
    assert.equal(
      rows.map(({ email, notSaved, unsaved }) => [email, notSaved, unsaved]).sort(),
      ['dan@example.com', 'eve@example.com'].map((email) => [email, 'the database cannot be reached', []]),
    );
    assert.is(a.supervisor.status().unsaved, 0);
    assert.is((await readd('1//0pasted')).outcome, 'unavailable', 'a row holds it by now');
    assert.is((await readd('1//0eve')).outcome, 'unavailable', 'it has been replaced here');
    assert.equal(
      a.supervisor.snapshot().banners.map(({ code }) => code),
      ['database_cut'],
    );
    for (const [file, text] of await a.dir.everything()) assert.not.match(text, /1\/\/0/, file);
    wireA.thaw();
    const held = () => b.store.accounts.list().map(({ account }) => account?.refreshToken);
    await until(() => ['1//0pasted', '1//0eve-next'].every((token) => held().includes(token)));
    await until(() => a.store.shared?.sharing.spooled === 0);
    assert.not.ok(held().includes('1//0fay'));
    assert.is((await b.ask()).status, 200);
  },
);

const secret = {
  ...{
    first: '1//0secret-first-AAAAAAAA',
    rotated: '1//0secret-rotated-BBBBBBBB',
    pasted: '1//0secret-pasted-CCCCCCCC',
  },
  ...{
    offline: '1//0secret-offline-DDDDDDDD',
    dead: '1//0secret-dead-EEEEEEEE',
    removed: '1//0secret-removed-FFFFFFFF',
  },
};

/** Every text that something sealed could be read from: itself, and what its hex or base64 says. */
function readings(text: string): string {
  const decoded = (pattern: RegExp, encoding: 'hex' | 'base64'): readonly string[] =>
    Array.from(text.matchAll(pattern), ([part]) => Buffer.from(part, encoding).toString('latin1'));
  return [text, ...decoded(/(?:[0-9a-f]{2}){16,}/g, 'hex'), ...decoded(/[A-Za-z0-9+/]{24,}={0,2}/g, 'base64')].join(
    '\n',
  );
}

const TABLES = `select table_name as name from information_schema.tables where table_schema = $1`;

onHouses(
  'no token, key or client secret is in a dump of the database, in a spool, a log, an event, or in what the server logs',
  {
    accounts: [
      { ...bob, refreshToken: secret.first },
      { ...eve, refreshToken: secret.dead },
      { id: 'fay', email: 'fay@example.com', refreshToken: secret.removed },
    ],
    settings: { log: { level: 'trace' } },
    prepare(google) {
      google.grant(secret.first, { email: bob.email, rotateTo: secret.rotated });
      for (const token of [secret.pasted, secret.offline]) google.grant(token, { email: eve.email });
    },
  },
  async ({ all: [boxA, boxB], pool, google }) => {
    if (boxA === undefined || boxB === undefined) throw new Error('two boxes are wanted');
    const { house: a, wire } = boxA;
    const { operations } = a.supervisor;
    const readd = (refreshToken: string) =>
      operations.readd({ accountId: 'eve', refreshToken, client: null, otherAccount: 'ask' }, () => undefined);
    await a.ask();
    await operations.testNow(['bob', 'eve']);
    const said: unknown[] = [await readd(secret.pasted), await operations.remove(['fay'])];
    const { key } = await operations.addKey('ci', {});
    await pool.server.sql(`alter system set log_min_duration_statement = 0`);
    await pool.server.sql('select pg_reload_conf()');
    wire.refuse();
    await until(() => a.store.shared?.database.isUp === false);
    said.push(await readd(secret.offline));
    const spools = new Map(await a.dir.everything(/^settings\.json$/));
    assert.ok([...spools.keys()].some((file) => file.startsWith('state/spool/')));
    wire.thaw();
    await until(() => a.store.shared?.sharing.spooled === 0);
    await operations.undo();
    await pool.server.sql('alter system reset all');
    await pool.server.sql('select pg_reload_conf()');
    const tables = await pool.server.sql<{ name: string }>(TABLES, [pool.given.schema]);
    assert.ok(tables.length >= 15, `${tables.length}`);
    const dump: unknown[] = [];
    for (const { name } of tables) dump.push(await pool.sql(`select t::text from {${name}} as t`));
    const logged = pool.server.log();
    assert.match(logged, /duration/, 'the server says what it is asked');
    const came = new Map<string, string>([
      ...spools,
      ...(await a.dir.everything(/^settings\.json$/)),
      ...(await boxB.house.dir.everything(/^settings\.json$/)),
      ...tables.map(({ name }, at) => [`table ${name}`, JSON.stringify(dump[at])] as const),
      ...(['snapshot', 'status'] as const).map((what) => [what, JSON.stringify(a.supervisor[what]())] as const),
      ...[a, boxB.house].map(
        (house, at) => [`log ${at}`, `${house.log.join('\n')} ${house.events.join('\n')}`] as const,
      ),
      ...[['said', JSON.stringify(said)] as const, ['what the server logs', logged] as const],
    ]);
    const access = [...google.calls.userinfo, ...google.calls.gemini].map(({ headers }) =>
      (headers.authorization ?? '').slice(7),
    );
    const secrets = [
      ...Object.values(secret),
      ...access,
      key ?? '',
      API_KEY,
      testClient.secret,
      pool.given.key.slice(7),
    ];
    assert.ok(access.length > 0 && secrets.every((one) => one.length > 10), secrets.join());
    for (const [where, text] of came) {
      const read = readings(text);
      const found = secrets.filter((one) => read.includes(one));
      assert.equal(found, [], where);
    }
  },
);

test.run();
