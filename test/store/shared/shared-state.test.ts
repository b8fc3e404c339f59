/** The state that boxes share: each in its memory, all in the database. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RestRecord } from '../../../src/proxy/rests/rest-records.js';
import type { ChangedElsewhere, ResourceRecord } from '../../../src/store/state/state-store.js';
import { testOnPostgres } from '../../support/postgres.js';
import { until, withBoxes } from '../../support/shared-pool.js';

const refused = { at: 1_700_000_000, cause: 'revoked', reason: 'invalid_grant: gone' };
const grant = { firstSeen: 1, lastOk: 2, endsAt: 3, lifetime: 4, warnedHours: 24, scopes: 'openid' };
const rest = (over: Partial<RestRecord> = {}): RestRecord => ({
  ...{ who: 'a', about: 'account', model: 'flash', group: 'generate', setAt: Date.now() / 1000, seconds: 60 },
  ...{ step: 1, kind: 'rest', cause: 'quota_daily', reason: 'no more' },
  ...over,
});
const file = (name: string, over: Partial<ResourceRecord> = {}): ResourceRecord => ({
  ...{ name, project: 'p', account: null, host: null, at: Date.now(), client: 'ci', madeAt: Date.now() },
  ...over,
});

testOnPostgres(
  'a rest is seen by another box within a quarter of a second, lasts as long there, and ends for both',
  (server) =>
    withBoxes(server, ['a', 'b'], async (a, b) => {
      const [here, there] = [await a.state(), await b.state()];
      const told: ChangedElsewhere<unknown>[] = [];
      there.elsewhere.onCoolDowns((changed) => told.push(changed));
      const tookMs: number[] = [];
      for (let round = 0; round < 20; round++) {
        const set = rest({ model: `m-${round}`, setAt: Date.now() / 1000 - 5 });
        here.setCoolDowns(() => [set]);
        tookMs.push(await until(() => told.length > round));
        const [seen] = told[round]?.now as RestRecord[];
        assert.ok(Math.abs((seen?.setAt ?? 0) - set.setAt) < 0.5, `${seen?.setAt} for ${set.setAt}`);
        assert.equal({ ...seen, setAt: 0 }, { ...set, setAt: 0 });
        assert.is((told[round]?.gone ?? []).length, round === 0 ? 0 : 1);
      }
      tookMs.sort((one, other) => one - other);
      assert.ok((tookMs[10] ?? 999) < 250, tookMs.join(' '));
      here.setCoolDowns(() => []);
      await until(() => there.coolDowns.length === 0);
    }),
);

testOnPostgres(
  'of two boxes that set a rest the longer counts for both; one that was lifted first may be shorter',
  (server) =>
    withBoxes(server, ['a', 'b'], async (a, b) => {
      const [here, there] = [await a.state(), await b.state()];
      here.setCoolDowns(() => [rest({ seconds: 90 })]);
      there.setCoolDowns(() => [rest({ seconds: 60 })]);
      await Promise.all([here.flush(), there.flush()]);
      const seconds = (): unknown[] =>
        [here, there].map(({ coolDowns }) => (coolDowns[0] as RestRecord | undefined)?.seconds);
      await until(() => String(seconds()) === '90,90');
      here.setCoolDowns(() => [rest({ seconds: 2, step: 0 })]);
      await until(() => String(seconds()) === '2,2');
    }),
);

testOnPostgres(
  'refused tokens, grants, logins and stored things come to every box, and to one that starts later',
  (server) =>
    withBoxes(server, ['a', 'b', 'c'], async (a, b, c) => {
      const [here, there] = [await a.state(), await b.state()];
      const tokens: string[] = [];
      there.elsewhere.onTokens((fingerprints) => tokens.push(...fingerprints));
      const [one, other] = [
        file('files/1'),
        file('files/2', { client: undefined, madeAt: undefined, account: 'x', host: 'h' }),
      ];
      here.refuse('fp-1', refused);
      here.refuse('fp-1', { ...refused, at: 2 });
      here.setGrant('fp-2', grant);
      here.noteLogin({ token: 'fp-3', client: 'id', email: 'a@example.com', at: 1_700_000_000 });
      here.setResources(() => [one, other]);
      // each table is saved, and told, by itself
      await here.flush();
      await until(() => there.resources.length === 2 && tokens.length === 2 && there.logins.length === 1);
      const later = await c.state();
      for (const state of [there, later]) {
        assert.equal(state.refused('fp-1'), refused);
        assert.equal(state.grant('fp-2'), grant);
        assert.equal(
          state.logins.map(({ token, email }) => [token, email]),
          [['fp-3', 'a@example.com']],
        );
        assert.equal(
          state.resources.map((each) => [each.name, each.project, each.account, each.host, each.client]),
          [
            ['files/1', 'p', null, null, 'ci'],
            ['files/2', 'p', 'x', 'h', undefined],
          ],
        );
      }
      assert.equal(tokens.sort(), ['fp-1', 'fp-2']);
      there.forgive('fp-1');
      there.dropGrant('fp-2');
      await until(() => here.refused('fp-1') === undefined && here.grant('fp-2') === undefined);
    }),
);

testOnPostgres('what a box has not heard of is found by its name, and not while the database is away', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [here, there] = [await a.state(), await b.state()];
    b.listening.stop();
    here.setResources(() => [file('files/1')]);
    await here.flush();
    assert.equal(
      (await there.elsewhere.findResources(['files/0', 'files/1'])).map(({ name }) => name),
      ['files/1'],
    );
    await server.stop('fast');
    assert.equal(await there.elsewhere.findResources(['files/1']), []);
  }),
);

testOnPostgres('names that a database does not take are saved all the same, and hold up nothing', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [here, there] = [await a.state(), await b.state()];
    here.setCoolDowns(() => [rest({ model: 'nul\0 half\ud800 "quoted" \\u0000' }), rest({ model: 'x'.repeat(9_000) })]);
    here.setResources(() => [file('files/1')]);
    await until(() => there.resources.length === 1 && there.coolDowns.length === 2);
    assert.equal(a.troubles, []);
  }),
);

testOnPostgres(
  'changes while the database is away are told as trouble, written when it is back, and come to the others',
  (server) =>
    withBoxes(server, ['a', 'b'], async (a, b) => {
      const [here, there] = [await a.state(), await b.state()];
      here.setCoolDowns(() => [rest({ model: 'before' })]);
      await here.flush();
      await server.stop('fast');
      here.setCoolDowns(() => [rest({ model: 'before' }), rest({ model: 'meanwhile' })]);
      here.refuse('fp', refused);
      assert.equal(here.refused('fp'), refused);
      await until(() => a.troubles.length === 1);
      await server.start();
      await until(() => there.coolDowns.length === 2 && there.refused('fp') !== undefined);
      assert.equal(
        a.troubles.map((trouble) => trouble === null),
        [false, true],
      );
    }),
);

testOnPostgres('a database that is older than memory is told what it lacks', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [here, there] = [await a.state(), await b.state()];
    here.refuse('fp', refused);
    await until(() => there.refused('fp') !== undefined);
    // as after the promotion of a replica that lagged behind
    await a.database.run('delete from {refused}');
    await a.database.run(`update {meta} set v = '0' where k = 'changes refused'`);
    await server.stop('fast');
    await server.start();
    await until(() => a.database.isUp && b.database.isUp);
    const count = async (): Promise<number> => a.database.run('select from {refused}');
    for (let waited = 0; (await count()) === 0 && waited < 3_000; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(await count(), 1);
    assert.equal([here.refused('fp'), there.refused('fp')], [refused, refused]);
  }),
);

testOnPostgres('where nobody is told of changes, a look each second finds them', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [here, there] = [await a.state(), await b.state()];
    b.listening.pollingOnly = true;
    (b.listening as unknown as { hear: () => void }).hear = () => undefined;
    here.setCoolDowns(() => [rest()]);
    const tookMs = await until(() => there.coolDowns.length === 1);
    assert.ok(tookMs < 2_000, `${tookMs}`);
  }),
);

testOnPostgres(
  'what an outcome writes is written and told once; where it was not written it is written from here',
  (server) =>
    withBoxes(server, ['a', 'b'], async (a, b) => {
      const [here, there] = [await a.state(), await b.state()];
      here.setGrant('landed', grant);
      here.refuse('failed', refused);
      const ends = ['landed', 'failed'].map((token) => here.writtenWithOutcome([token]));
      await here.flush();
      assert.is(await a.database.run('select from {refused} union all select from {grant_record}'), 0);
      await a.database.run(`insert into {grant_record} values ('landed', $1::jsonb)`, [JSON.stringify(grant)]);
      ends.forEach((end, at) => end(at === 0));
      await until(() => there.grant('landed') !== undefined && there.refused('failed') !== undefined);
      const changes = `select from {meta} where k in ('changes refused', 'changes grant_record') and v = '1'`;
      assert.is(await a.database.run(changes), 2);
    }),
);

testOnPostgres('boxes that write the same records at the same moment do not stand in each other’s way', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const states = [await a.state(), await b.state()];
    const tokens = Array.from({ length: 300 }, (_, at) => `t-${at}`);
    for (let round = 0; round < 10; round++) {
      states.forEach((state, which) => {
        const turn = which === 0 ? tokens : [...tokens].reverse();
        for (const token of turn) state.setGrant(token, { ...grant, lastOk: round });
      });
      await Promise.all(states.map((state) => state.flush()));
    }
    assert.not.match(server.log(), /deadlock/);
    assert.equal([...a.troubles, ...b.troubles], []);
  }),
);

testOnPostgres('tokens that no account holds are forgotten after a month', (server) =>
  withBoxes(server, ['a'], async (a) => {
    const state = await a.state();
    const now = Math.floor(Date.now() / 1000);
    for (const [token, at] of [
      ['old', now - 31 * 86_400],
      ['held', now - 31 * 86_400],
      ['new', now],
    ] as const) {
      state.refuse(token, { ...refused, at });
      state.setGrant(token, { firstSeen: at });
    }
    await state.flush();
    await a.database.run(`insert into {account} (id, grant_fp) values ('x', 'held')`);
    state.prune(new Set(), new Set());
    const left = (): Promise<number> => a.database.run('select from {refused} union all select from {grant_record}');
    for (let waited = 0; (await left()) > 4 && waited < 3_000; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(await left(), 4);
  }),
);

test.run();
