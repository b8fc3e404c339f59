import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { touch } from '../../../src/store/accounts/patches.js';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { FirstReading } from '../../../src/store/files/first-reading.js';
import { systemDisk } from '../../../src/store/disk/disk.js';
import { noCopies } from '../../../src/store/files/writer/keeper.js';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';

interface Read {
  readonly accounts: readonly string[];
  readonly others: readonly string[];
}

/** @param threadFrom - so many files are read by a thread */
async function readBy(folder: string, threadFrom: number): Promise<Read> {
  const clock = setClock();
  const reading = FirstReading.begin(folder, clock, threadFrom);
  const accounts: string[] = [];
  const others: string[] = [];
  await reading.each((name, { account, text: kept }) => {
    const text = typeof kept === 'string' ? kept : kept.read();
    accounts.push(`${name} ${JSON.stringify(account)} ${fingerprint(text)}`);
  });
  const late = reading.again((name, content) =>
    others.push(`${name} ${content.kind === 'unreadable' ? content.reason : content.account.email}`),
  );
  clock.advance(100);
  await late;
  return { accounts, others };
}

const must = (id: string): string => `"id":"${id}","email":"${id}@example.com","token":{"refresh_token":"1//0${id}"}`;
/** What files may say, by the id: those that are accounts, and those that are none. */
const odd: Readonly<Record<'readable' | 'unreadable', Readonly<Record<string, string>>>> = {
  readable: {
    mark: `\uFEFF{${must('mark')}}`,
    twice: `{"email":"first","id":"other",${must('twice')}}`,
    prototype: `{"__proto__":{"disabled":true},"constructor":1,"toJSON":"x",${must('prototype')}}`,
    numbers: `{${must('numbers')},"created_at":12345678901234567890,"last_used":1e400,"quota":{"models":[{"name":"m","percentage":1e400}]}}`,
    escaped: `{${must('escaped')},"name":"\\u0000\\ud800 \\u00e9","notes":"]]}}"}`,
    flags: `{${must('flags')},"disabled":null,"proxy_disabled":true,"proxy_disabled_reason":7,"protected_models":["a",1]}`,
    'a-b': `\n\t{${must('a-b')}}\r\n `,
  },
  unreadable: {
    whose: `{${must('else')}}`,
    flag: `{${must('flag')},"disabled":"yes"}`,
    list: `[{${must('list')}}]`,
    null: 'null',
    text: '"{}"',
    more: `{${must('more')}} {}`,
    nul: `{${must('nul')}}\0`,
    deep: `{${must('deep')},"x":${'['.repeat(101)}${']'.repeat(101)}}`,
    tokenless: '{"id":"tokenless","email":"a@b","token":["refresh_token"]}',
  },
};
const [READABLE_ODD, UNREADABLE_ODD] = [Object.keys(odd.readable).length, Object.keys(odd.unreadable).length];

function writeOdd(folder: string): void {
  for (const [id, text] of Object.entries({ ...odd.readable, ...odd.unreadable }))
    writeFileSync(`${folder}/${id}.json`, text);
}

for (const name of ['han', '한글'])
  test(`a thread reads what is read without one, in the same order, whatever the files are: ${name}`, () =>
    withDirectory(async (dir) => {
      const folder = dir.at('accounts');
      for (let number = 0; number < 60; number++) {
        const id = `a${number}`;
        const token = { refresh_token: `1//0${id}` };
        await dir.put({ id, email: `${name}.${id}@example.com`, token, notes: 'x'.repeat((number * 7_919) % 60_000) });
      }
      await dir.put({ id: 'large', notes: 'y'.repeat(70_000) });
      writeFileSync(`${folder}/torn.json`, '{"id": ');
      writeFileSync(`${folder}/empty.json`, '');
      writeOdd(folder);
      // one such byte, and a part of the reading is no ASCII
      if (name !== 'han') writeFileSync(`${folder}/bytes.json`, Buffer.from([0x7b, 0xff, 0x7d]));
      writeFileSync(`${folder}/.hidden.json`, '{}');
      mkdirSync(`${folder}/folder.json`);
      symlinkSync(`${folder}/a1.json`, `${folder}/link.json`);
      symlinkSync(`${folder}/nowhere`, `${folder}/nowhere.json`);
      chmodSync(`${folder}/a2.json`, 0o400);
      const [alone, threaded] = [await readBy(folder, Infinity), await readBy(folder, 1)];
      assert.equal(threaded, alone);
      assert.is(alone.accounts.length, 61 + READABLE_ODD);
      assert.is(alone.others.length, (name === 'han' ? 5 : 6) + UNREADABLE_ODD);
    }));

test('files that are gone when the thread comes to them, or a thread that ends, hold up nobody', () =>
  withDirectory(async (dir) => {
    for (let number = 0; number < 20; number++) await dir.put({ id: `a${number}` });
    const reading = FirstReading.begin(dir.at('accounts'), setClock(), 1);
    reading.stop();
    let read = 0;
    await reading.each(() => read++);
    assert.is(read, 20);
  }));

for (const threadFrom of [1, Infinity])
  test(`what a file says beside what an account is made of is there when it is asked for, and is kept by a write: thread from ${threadFrom}`, () =>
    withDirectory(async (dir) => {
      const folder = dir.at('accounts');
      writeOdd(folder);
      writeFileSync(`${folder}/kept.json`, `{${must('kept')},"unknown":{"한":[12345678901234567890,"é"]}}`);
      const clock = setClock();
      const parts = { folder, clock, disk: systemDisk, keepCopy: noCopies };
      const { store, whole } = await AccountFiles.begin(FirstReading.begin(folder, clock, threadFrom), parts);
      clock.advance(100);
      await whole;
      assert.is(store.list().length, READABLE_ODD + UNREADABLE_ODD + 1);
      assert.equal(store.json('kept')?.unknown, { 한: [12345678901234567000, 'é'] });
      assert.equal(Object.keys(store.json('prototype') ?? {}).slice(0, 3), ['__proto__', 'constructor', 'toJSON']);
      await store.patch('kept', touch(7));
      assert.match(readFileSync(`${folder}/kept.json`, 'utf8'), /12345678901234567890,\s+"é"/);
      // what it says is known: a look at it is no news
      let news = 0;
      store.onNoticed(() => news++);
      await store.reread();
      assert.is(news, 0);
      store.close();
    }));

test('a start of many files begins to count from where it began when it asks which have changed since', () =>
  withDirectory(async (dir) => {
    await dir.put({ id: 'a' });
    const reading = FirstReading.begin(dir.at('accounts'), setClock(), 1);
    const parts = { folder: dir.at('accounts'), clock: setClock(), disk: systemDisk, keepCopy: noCopies };
    const { store } = await AccountFiles.begin(reading, parts);
    assert.is(store.readAt, reading.begunAt);
    store.close();
  }));

test.run();
