/** What outlives a restart and is no account. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { type Disk, systemDisk } from '../../../src/store/disk/disk.js';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { StateFile } from '../../../src/store/state/state-file.js';
import { GrantSchema, isGrant } from '../../../src/store/state/state-store.js';
import { setClock } from '../../support/clock.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';
import { type HouseOptions, withHouse } from '../../support/house.js';
import { killState } from '../../support/state-kills.js';

const token = '1//0a-refresh-token-that-is-nowhere';
const refused = { at: 1_700_000_000, cause: 'revoked', reason: 'invalid_grant: gone' };
const grant = { firstSeen: 1, lastOk: 2, endsAt: 3, lifetime: 4, warnedHours: 24, scopes: 'openid' };
const cooling = { project: 'p-1', model: 'gemini-3-flash', until: 5, reason: '429' };

test('refused tokens, grants, cool-downs and the last look outlive a restart; tokens by fingerprint only, closed to others', async () => {
  await withDirectory(async (dir) => {
    const state = StateFile.open(dir.path, setClock());
    state.refuse(fingerprint(token), refused);
    state.setGrant(fingerprint(token), grant);
    state.setCoolDowns(() => [cooling]);
    state.looked(6);
    await state.flush();
    const again = StateFile.open(dir.path, setClock());
    assert.equal(again.refused(fingerprint(token)), refused);
    assert.equal(again.grant(fingerprint(token)), grant);
    assert.equal([again.coolDowns, again.lastLooked], [[cooling], 6]);
    assert.is((JSON.parse(readFileSync(dir.at('accounts.json'), 'utf8')) as { schema: number }).schema, 1);
    again.looked(7);
    await again.flush();
    for (const name of ['accounts.json', 'accounts.jsonl']) {
      assert.not.match(readFileSync(dir.at(name), 'utf8'), /1\/\/0/);
      assert.is(statSync(dir.at(name)).mode & 0o777, 0o600);
    }
  });
});

test('of more logins than are kept the oldest are forgotten', () =>
  withDirectory((dir) => {
    const state = StateFile.open(dir.path, setClock());
    for (let at = 0; at < 1_100; at++) state.noteLogin({ at, email: `${at}@example.com`, client: 'id' } as never);
    assert.equal([state.logins.length, state.logins[0]?.at], [1_000, 100]);
    return state.flush();
  }));

test('the first refusal of a token counts; one that Google took after all is forgiven, one that nobody holds forgotten', async () => {
  await withDirectory((dir) => {
    const state = StateFile.open(dir.path, setClock());
    for (const at of [1, 2]) state.refuse('a', { ...refused, at });
    assert.is(state.refused('a')?.at, 1);
    state.forgive('a');
    assert.is(state.refused('a'), undefined);
    state.refuse('b', refused);
    state.refuse('c', refused);
    state.setLastUsed('gone', 1);
    state.setLastUsed('here', 2);
    state.prune(new Set(['c']), new Set(['here']));
    assert.equal([state.refused('b'), state.refused('c')], [undefined, refused]);
    assert.equal([state.lastUsed('gone'), state.lastUsed('here')], [null, 2]);
  });
});

test('a rest is on disk a moment later, and of many that follow at most ten a second are', async () => {
  await withDirectory(async (dir) => {
    const clock = setClock();
    let appends = 0;
    const disk: Disk = {
      ...systemDisk,
      append: (file, text) => {
        appends += 1;
        appendFileSync(file, text);
        return Promise.resolve();
      },
      syncFolder: () => Promise.resolve(),
    };
    const state = StateFile.open(dir.path, clock, disk);
    const rests: object[] = [];
    const rest = async (ms: number): Promise<void> => {
      rests.push({ ...cooling, model: `m-${rests.length}` });
      state.setCoolDowns(() => [...rests]);
      clock.advance(ms);
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    };
    state.looked(1);
    await state.flush();
    appends = 0;
    clock.advance(1_000);
    // what is gathered does not hold it up
    state.looked(2);
    clock.advance(100);
    await rest(10);
    assert.is(appends, 1);
    assert.equal(StateFile.open(dir.path, setClock()).coolDowns, rests);
    for (let many = 0; many < 100; many++) await rest(10);
    assert.ok(appends >= 9 && appends <= 12, String(appends));
    await state.flush();
  });
});

test('several changes are one write, and a disk that takes none is let be', async () => {
  await withDirectory(async (dir) => {
    const clock = setClock();
    const state = StateFile.open(dir.at('gone'), clock);
    for (let at = 0; at < 100; at++) state.looked(at);
    assert.is(clock.due.length, 1);
    await state.flush();
    mkdirSync(dir.at('gone'));
    state.looked(100);
    await state.flush();
    assert.is(StateFile.open(dir.at('gone'), clock).lastLooked, 100);
  });
});

test('one that is torn, empty or of wrong types counts as empty where it is, and no more', async () => {
  await withDirectory((dir) => {
    for (const text of ['', '{"refused":', '[]', 'null', '\0\0', '"x"']) {
      writeFileSync(dir.at('accounts.json'), text);
      assert.is(StateFile.open(dir.path, setClock()).refused('a'), undefined);
    }
    writeFileSync(dir.at('accounts.json'), JSON.stringify({ refused: { a: refused }, grants: 7, coolDowns: [{}] }));
    const state = StateFile.open(dir.path, setClock());
    assert.equal([state.refused('a'), state.grant('a'), state.coolDowns], [refused, undefined, []]);
  });
});

/** What a state that is opened on this picture says of these keys. */
function saidBy(dir: DataDirectory, picture: string, keys: readonly string[]): unknown {
  writeFileSync(dir.at('accounts.json'), picture);
  const state = StateFile.open(dir.path, setClock());
  const of = keys.map((key) => [state.refused(key) ?? null, state.grant(key) ?? null, state.lastUsed(key)]);
  return [of, state.coolDowns, state.lastLooked];
}

test('a picture says the same however it is written: as it is made here, with spaces, or with all its letters escaped', async () => {
  const odd = [
    '',
    '}',
    '{',
    '},"x":{',
    '"',
    '\\',
    '":{',
    '한',
    '\n',
    '\u2028',
    '\ud800',
    '__proto__',
    'constructor',
    '7',
  ];
  // V8 of Node 24 takes the key "\n" of a text for a lone backslash, where it has seen an object with that one before
  const key = fc.oneof(fc.constantFrom(...odd), fc.string()).map((text) => text.replaceAll('\\', '/'));
  const word = fc.oneof(fc.constantFrom(...odd), fc.string());
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const record = fc.record({ firstSeen: number, lastOk: number, scopes: word }, { requiredKeys: ['firstSeen'] });
  const tables = fc.record({
    refused: fc.array(fc.tuple(key, fc.record({ at: number, cause: word, reason: word }))),
    grants: fc.array(fc.tuple(key, record)),
    lastUsed: fc.array(fc.tuple(key, number)),
    coolDowns: fc.array(fc.record({ who: word, grants: fc.constantFrom({}, { a: { firstSeen: 1 } }) })),
  });
  await withDirectory((dir) => {
    fc.assert(
      fc.property(tables, ({ refused, grants, lastUsed, coolDowns }) => {
        const keys = [...new Set([...refused, ...grants, ...lastUsed].map(([name]) => name))];
        const named = (pairs: readonly (readonly [string, unknown])[]): string =>
          `{${pairs.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join(',')}}`;
        const picture = `{"schema":1,"refused":${named(refused)},"grants":${named(grants)},"coolDowns":${JSON.stringify(coolDowns)},"lastUsed":${named(lastUsed)},"lastLooked":5}\n`;
        const spaced = JSON.stringify(JSON.parse(picture), null, 1);
        const escaped = picture.replace(
          /[A-Za-z한]/g,
          (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        const said = saidBy(dir, picture, keys);
        assert.equal(said, saidBy(dir, spaced, keys));
        // true, false and null can be written in one way only
        if (!/\\|true|false|null|\de/.test(picture)) assert.equal(said, saidBy(dir, escaped, keys));
      }),
      { numRuns: 200 },
    );
  });
});

test('a record by key that is none is left out, and so are two tables of one name; the others count', () =>
  withDirectory((dir) => {
    const picture = (grants: string, more = ''): string => `{"schema":1,"grants":{${grants}}${more},"lastLooked":5}`;
    const good = `"b":{"firstSeen":2}`;
    for (const bad of ['"firstSeen":"2"', '"first', 'firstSeen:2', '"firstSeen":2,', '"firstSeen":2,"scopes":7'])
      assert.equal(saidBy(dir, picture(`"a":{${bad}},${good}`), ['a', 'b']), [
        [
          [null, null, null],
          [null, { firstSeen: 2 }, null],
        ],
        [],
        5,
      ]);
    const twice = picture(good, `,"coolDowns":[{"who":"w","grants":{"c":{"firstSeen":3}}}]`);
    assert.equal(saidBy(dir, twice, ['b', 'c']), [
      [
        [null, { firstSeen: 2 }, null],
        [null, null, null],
      ],
      [{ who: 'w', grants: { c: { firstSeen: 3 } } }],
      5,
    ]);
    const inside = '{"schema":1,"coolDowns":[{"who":"w","grants":{"c":{"firstSeen":3}}}],"lastLooked":5}';
    assert.equal(saidBy(dir, inside, ['c']), [
      [[null, null, null]],
      [{ who: 'w', grants: { c: { firstSeen: 3 } } }],
      5,
    ]);
  }));

test('a picture that is cut off anywhere counts as empty, and one that nobody has asked for is written as it was', () =>
  withGrants(30, async (_state, dir) => {
    const whole = readFileSync(dir.at('accounts.json'), 'utf8');
    for (let cut = 0; cut < whole.length - 2; cut += 3)
      assert.equal(saidBy(dir, whole.slice(0, cut), ['grant-0']), [[[null, null, null]], [], null], `cut at ${cut}`);
    writeFileSync(dir.at('accounts.json'), whole);
    rmSync(dir.at('accounts.jsonl'), { force: true });
    const state = StateFile.open(dir.path, setClock());
    for (let round = 0; statSync(dir.at('accounts.json')).size === whole.length; round++) {
      state.setGrant(`another-${round}`, { ...grant, scopes: 'x'.repeat(20_000) });
      await state.flush();
    }
    for (const reader of [state, StateFile.open(dir.path, setClock())])
      for (let at = 0; at < 30; at++) assert.equal(reader.grant(`grant-${at}`), grant);
  }));

/** A pool whose picture has this many grants, saved. */
function withGrants<T>(count: number, use: (state: StateFile, dir: DataDirectory) => Promise<T>): Promise<T> {
  return withDirectory(async (dir) => {
    const state = StateFile.open(dir.path, setClock());
    for (let at = 0; at < count; at++) state.setGrant(`grant-${at}`, grant);
    await state.flush();
    return use(state, dir);
  });
}

test('a change costs what it is itself: the picture is written anew only when as much was appended', () =>
  withGrants(1_000, async (state, dir) => {
    const picture = (): { size: number; ino: number } => statSync(dir.at('accounts.json'));
    const journal = (): number => statSync(dir.at('accounts.jsonl'), { throwIfNoEntry: false })?.size ?? 0;
    const first = picture();
    state.setGrant('grant-0', { ...grant, lastOk: 5 });
    await state.flush();
    assert.ok(journal() < 1_024, 'more than 1 kB for one change');
    let appended = journal();
    for (let round = 0; picture().ino === first.ino; round++) {
      const before = journal();
      for (let at = 0; at < 50; at++) state.setGrant(`grant-${at}`, { ...grant, lastOk: round });
      await state.flush();
      appended += Math.max(0, journal() - before);
    }
    assert.ok(appended > first.size * 0.9, `${appended} appended, a picture of ${first.size}`);
    assert.is(journal(), 0);
    state.looked(1);
    await state.flush();
    const again = StateFile.open(dir.path, setClock());
    assert.equal([again.lastLooked, again.grant('grant-7')], [1, state.grant('grant-7')]);
  }));

/** What goes into the picture and into the journal, bytes. */
function countingDisk(): { readonly disk: Disk; readonly wrote: { pictures: number; appended: number } } {
  const wrote = { pictures: 0, appended: 0 };
  const disk: Disk = {
    ...systemDisk,
    write: (fd, bytes) => {
      wrote.pictures += bytes.length;
      return systemDisk.write(fd, bytes);
    },
    append: (file, text) => {
      wrote.appended += Buffer.byteLength(text);
      return systemDisk.append(file, text);
    },
    // nobody pulls the plug here
    sync: () => Promise.resolve(),
    syncFolder: () => Promise.resolve(),
  };
  return { disk, wrote };
}

test('a new picture is never more than was appended since the one before, whether records come, change or go', async () => {
  for (const [name, keyOf] of [
    ['only new ones', (step: number) => step],
    ['the same again', (step: number) => step % 40],
    ['new ones, and half of them gone', (step: number) => (step % 3 === 2 ? -1 - Math.floor(step / 3) * 2 : step)],
  ] as const) {
    await withDirectory(async (dir) => {
      const { disk, wrote } = countingDisk();
      const state = StateFile.open(dir.path, setClock(), disk);
      state.looked(1);
      await state.flush();
      const [first, before] = [wrote.pictures, wrote.appended];
      let pictures = 0;
      for (let step = 0; step < 600; step++) {
        const key = keyOf(step);
        if (key < 0) state.dropGrant(`grant-${-1 - key}`);
        else state.setGrant(`grant-${key}`, { ...grant, lastOk: step, scopes: '한'.repeat(1_000) });
        const { pictures: written } = wrote;
        await state.flush();
        if (wrote.pictures > written) pictures++;
        const most = wrote.appended - before;
        assert.ok(wrote.pictures - first <= most, `${name}: ${wrote.pictures - first} for ${most} at ${step}`);
      }
      const size = (file: string): number => statSync(dir.at(file), { throwIfNoEntry: false })?.size ?? 0;
      const both = size('accounts.json') + size('accounts.jsonl');
      const least = JSON.stringify(Array.from({ length: 600 }, (_, at) => state.grant(`grant-${at}`) ?? 0)).length * 3;
      assert.ok(both < 2.6 * least + 65_536, `${name}: ${both} bytes on disk for ${least}`);
      if (name === 'the same again') assert.ok(pictures >= 5, `${pictures} pictures`);
      const again = StateFile.open(dir.path, setClock());
      assert.equal([again.grant('grant-7'), again.grant('grant-4')], [state.grant('grant-7'), state.grant('grant-4')]);
    });
  }
});

test('a picture of a newer version ends a start, and is not written', () =>
  withDirectory((dir) => {
    const text = JSON.stringify({ schema: 2, refused: {} });
    writeFileSync(dir.at('accounts.json'), text);
    assert.throws(() => StateFile.open(dir.path, setClock()), /newer regrant \(schema 2\)/);
    assert.is(readFileSync(dir.at('accounts.json'), 'utf8'), text);
  }));

test('what was saved and has not changed is not saved again, however often its list is given', () =>
  withGrants(1, async (state, dir) => {
    const size = (): number => statSync(dir.at('accounts.jsonl')).size;
    const rests = Array.from({ length: 50 }, (_, at) => ({ who: `a${at}`, model: '', group: '', seconds: 60 }));
    state.setCoolDowns(() => rests);
    await state.flush();
    const before = size();
    state.setCoolDowns(() => rests.map((rest) => ({ ...rest })));
    await state.flush();
    assert.is(size(), before);
    state.setCoolDowns(() => rests.slice(1));
    await state.flush();
    assert.ok(size() - before < 64, readFileSync(dir.at('accounts.jsonl'), 'utf8').slice(before));
    assert.is(StateFile.open(dir.path, setClock()).coolDowns.length, 49);
  }));

test('wherever the journal is torn, the lines before it count and those after it too', () =>
  withGrants(1, async (state, dir) => {
    for (let at = 0; at < 3; at++) {
      state.setGrant(`new-${at}`, { ...grant, lastOk: at });
      await state.flush();
    }
    const whole = readFileSync(dir.at('accounts.jsonl'));
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at);
    for (let cut = 0; cut <= whole.length; cut += 7) {
      writeFileSync(dir.at('accounts.jsonl'), whole.subarray(0, cut));
      const torn = StateFile.open(dir.path, setClock());
      const left = ends.filter((end) => end <= cut).length;
      const known = [0, 1, 2].filter((at) => torn.grant(`new-${at}`) !== undefined);
      assert.equal(known, [0, 1, 2].slice(0, left), `cut at ${cut}`);
      torn.looked(cut);
      await torn.flush();
      assert.is(StateFile.open(dir.path, setClock()).lastLooked, cut, `cut at ${cut}`);
    }
  }));

/** A disk that ends, as a crash would, before its nth change. */
function dyingDisk(calls: number): Disk {
  let left = calls;
  const counted =
    <G extends readonly unknown[], R>(act: (...given: G) => Promise<R>) =>
    (...given: G): Promise<R> =>
      left-- > 0 ? act(...given) : Promise.reject(new Error('crashed'));
  return {
    ...systemDisk,
    create: counted((file) => systemDisk.create(file)),
    write: counted((fd, bytes) => systemDisk.write(fd, bytes)),
    sync: counted((fd) => systemDisk.sync(fd)),
    rename: counted((from, to) => systemDisk.rename(from, to)),
    append: counted((file, text, isSynced) => systemDisk.append(file, text, isSynced)),
    remove: counted((file) => systemDisk.remove(file)),
    syncFolder: counted((folder) => systemDisk.syncFolder(folder)),
  };
}

/** Saves a hundred records twelve times on a disk that ends before a call. @returns whether it came to the end */
async function savedUntil(calls: number, dir: DataDirectory): Promise<boolean> {
  const troubles: unknown[] = [];
  const dying = StateFile.open(dir.path, setClock(), dyingDisk(calls), (trouble) => troubles.push(trouble));
  let saved = 2;
  for (let round = 1_001; round <= 1_012; round++) {
    for (let at = 0; at < 100; at++) dying.setGrant(`grant-${at}`, { ...grant, lastOk: round });
    if (round % 2 === 0) dying.dropGrant('now-and-then');
    else dying.setGrant('now-and-then', grant);
    await dying.flush();
    const now = StateFile.open(dir.path, setClock());
    const lastOk = new Set(Array.from({ length: 100 }, (_, at) => now.grant(`grant-${at}`)?.lastOk));
    assert.is(lastOk.size, 1, `one change is there in part, before call ${calls}`);
    const [there] = lastOk;
    assert.ok(
      there === round || (troubles.length > 0 && there === saved),
      `${there} after ${saved}, before call ${calls}`,
    );
    assert.is(now.grant('now-and-then') !== undefined, there % 2 === 1, `before call ${calls}`);
    if (troubles.length > 0) return false;
    saved = round;
  }
  return true;
}

test('a crash before any call of a change or of the picture loses that change at most, and never a part of one', async () => {
  const isWhole = (calls: number): Promise<boolean> => withGrants(600, (_state, dir) => savedUntil(calls, dir));
  let calls = 0;
  while (!(await isWhole(calls))) calls++;
  assert.ok(calls > 12, 'the picture was written among them');
});

test('killed at random moments of its work nothing is lost that was said to be on disk (soak: state-kills)', async () => {
  const { kills, saved, faults } = await killState(4, 28, 1);
  assert.equal([kills, faults], [4, []]);
  assert.ok(saved > 50, `${saved} changes are too few to say anything`);
});

test('losing it costs no account: who serves and who is out is in the account files', async () => {
  const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };
  const accounts = [
    { id: 'ann', email: 'ann@example.com', refreshToken: '1//0token-of-ann' },
    { id: 'bob', email: 'bob@example.com', refreshToken: '1//0token-of-bob', ...dead },
  ];
  const prepare = (google: { grant(token: string, terms: { email: string }): void }): void =>
    google.grant('1//0token-of-ann', { email: 'ann@example.com' });
  await withHouse({ accounts, prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    await house.stop();
    rmSync(house.dir.at('state'), { recursive: true });
    await house.start();
    assert.is((await house.ask()).status, 200);
    assert.equal(
      ['ann', 'bob'].map((id) => house.state(id)),
      ['ready', 'disabled'],
    );
    assert.is((await house.dir.read('bob')).disabled_at, 1_700_000_000);
  });
});

test('when an account last served is in the state at a stop, on its row after the start, and then in its file', async () => {
  const accounts = [{ id: 'ann', email: 'ann@example.com', refreshToken: '1//0token-of-ann', accessEndsIn: 3_600 }];
  const clock = setClock();
  const prepare: HouseOptions['prepare'] = (google) => google.grant('1//0token-of-ann', { email: 'ann@example.com' });
  await withHouse({ accounts, clock, prepare }, async (house) => {
    const lastUsed = (): number | null => house.supervisor.snapshot().accounts[0]?.lastUsed ?? null;
    assert.is((await house.ask()).status, 200);
    const served = lastUsed();
    const seconds = Math.floor(clock.now() / 1000);
    await house.stop();
    assert.is.not((await house.dir.read('ann')).last_used, seconds);
    await house.start();
    assert.is(lastUsed(), seconds * 1000);
    assert.is(seconds, Math.floor((served ?? 0) / 1000));
    clock.advance(30_000);
    await house.store.accounts.flush();
    assert.is((await house.dir.read('ann')).last_used, seconds);
    await house.store.state.flush();
    assert.is(StateFile.open(house.dir.at('state'), setClock()).lastUsed('ann'), null);
  });
});

test('what is taken for the record of a grant is what its schema takes', () => {
  const odd = fc.constantFrom(undefined, null, 1, 0.5, -1, '', 'a', true, false, [], {});
  const key = fc.constantFrom('firstSeen', 'lastOk', 'endsAt', 'lifetime', 'warnedHours', 'rotated', 'scopes', 'other');
  const record = fc.oneof(fc.dictionary(key, odd), odd, fc.record({ firstSeen: fc.nat(), lastOk: fc.nat() }));
  fc.assert(fc.property(record, (value) => isGrant(value) === v.safeParse(GrantSchema, value).success));
});

test.run();
