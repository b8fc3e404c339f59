import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { FirstReading } from '../../../src/store/files/first-reading.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';

interface Read {
  readonly accounts: readonly string[];
  readonly others: readonly string[];
}

/** @param threadFrom - so many files are read by a thread */
async function readBy(folder: string, threadFrom: number): Promise<Read> {
  const reading = FirstReading.begin(folder, threadFrom);
  const clock = setClock();
  const accounts: string[] = [];
  const others: string[] = [];
  await reading.each((name, { account, text, json }) => {
    assert.equal(JSON.parse(text), json);
    accounts.push(`${name} ${account.email} ${text.length}`);
  });
  const late = reading.again(clock, (name, content) =>
    others.push(`${name} ${content.kind === 'unreadable' ? content.reason : content.account.email}`),
  );
  clock.advance(100);
  await late;
  return { accounts, others };
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
      // one such byte, and a part of the reading is no ASCII: without it the others of the part are cut out of one text
      if (name !== 'han') writeFileSync(`${folder}/bytes.json`, Buffer.from([0x7b, 0xff, 0x7d]));
      writeFileSync(`${folder}/.hidden.json`, '{}');
      mkdirSync(`${folder}/folder.json`);
      symlinkSync(`${folder}/a1.json`, `${folder}/link.json`);
      symlinkSync(`${folder}/nowhere`, `${folder}/nowhere.json`);
      chmodSync(`${folder}/a2.json`, 0o400);
      const [alone, threaded] = [await readBy(folder, Infinity), await readBy(folder, 1)];
      assert.equal(threaded, alone);
      assert.is(alone.accounts.length, 61);
      assert.is(alone.others.length, name === 'han' ? 4 : 5);
    }));

test('files that are gone when the thread comes to them, or a thread that ends, hold up nobody', () =>
  withDirectory(async (dir) => {
    for (let number = 0; number < 20; number++) await dir.put({ id: `a${number}` });
    const reading = FirstReading.begin(dir.at('accounts'), 1);
    reading.stop();
    let read = 0;
    await reading.each(() => read++);
    assert.is(read, 20);
  }));

test.run();
