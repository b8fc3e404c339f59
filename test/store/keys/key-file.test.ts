import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldDisk } from '../../../src/store/disk/held-disk.js';
import { InstanceLock } from '../../../src/store/disk/lock.js';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { isKeyName, readKeys, writeKeys, type KeyChanges } from '../../../src/store/keys/key-file.js';
import { SettingsError } from '../../../src/store/settings/settings.js';
import { withDirectory } from '../../support/directory.js';
import { testDisk } from '../../support/disk.js';

const sha256 = fingerprint('one');

const refused = async (work: Promise<unknown>, words: RegExp): Promise<void> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, SettingsError);
  assert.match((error as Error).message, words);
};

test('keys are changed in one write, and what would stand there wrong changes nothing', () =>
  withDirectory(async (dir) => {
    const file = dir.at('keys.json');
    writeFileSync(file, JSON.stringify({ schema: 1, x_own: 1, keys: { old: { sha256 }, ci: { sha256, x_note: 2 } } }));
    const disk = testDisk();
    await writeKeys(
      file,
      new Map([
        ['old', null],
        ['ci', { off: true }],
        ['new', { sha256 }],
      ]),
      disk,
    );
    assert.is(disk.calls.filter((call) => call === 'create').length, 1);
    const text = readFileSync(file, 'utf8');
    assert.equal(JSON.parse(text), {
      ...{ schema: 1, x_own: 1 },
      keys: { ci: { sha256, x_note: 2, off: true }, new: { sha256 } },
    });
    const wrong: KeyChanges[] = [
      new Map([['ci', { sha256: 'no hash' }]]),
      new Map([['ci', { tokensPerDay: -1 }]]),
      ...['constructor', '__proto__', 'prototype', 'a b', ''].map((name) => new Map([[name, { sha256 }]])),
    ];
    for (const changes of wrong) await refused(writeKeys(file, changes, disk), /keys\.json: keys\S* is .*; allowed: /);
    assert.is(readFileSync(file, 'utf8'), text);
  }));

test('what is wrong in the file is one line with the key, what stands there and what is allowed; a text may be a key', () =>
  withDirectory(async (dir) => {
    const file = dir.at('keys.json');
    const one = (members: string): string => `{"keys":{"ci":{"sha256":"${sha256}",${members}}}}`;
    const HASH = 'allowed: 64 of 0-9 and a-f: the SHA-256 of the key';
    for (const [text, line] of [
      ['{"keys":[]}', 'keys is (not shown); allowed: an object in braces'],
      ['{"keys":{"ci":["open-sesame"]}}', 'keys.ci is (not shown); allowed: an object in braces'],
      ['{"keys":{"ci":{"sha256":"open-sesame"}}}', `keys.ci.sha256 is (not shown); ${HASH}`],
      [`{"keys":{"ci":{"sha256":"${sha256.toUpperCase()}"}}}`, `keys.ci.sha256 is (not shown); ${HASH}`],
      ['{"schema":"1"}', 'schema is (not shown); allowed: a whole number'],
      [one('"tokensPerDay":-1'), 'keys.ci.tokensPerDay is -1; allowed: a whole number from 0 to 9007199254740991'],
      [one('"maxInFlight":1.5'), 'keys.ci.maxInFlight is 1.5; allowed: a whole number from 0 to 9007199254740991'],
      [one('"requestsPerMinute":null'), 'keys.ci.requestsPerMinute is null; allowed: a whole number from 0 to'],
      [one('"expires":"open-sesame"'), 'keys.ci.expires is (not shown); allowed: a whole number'],
      [one('"models":"open-sesame"'), 'keys.ci.models is (not shown); allowed: a list of texts'],
      [one('"models":[1]'), 'keys.ci.models.0 is 1; allowed: text in quotes'],
      [one('"pin":1'), 'keys.ci.pin is 1; allowed: true or false'],
      [one('"note":null'), 'keys.ci.note is null; allowed: text in quotes'],
      [one('"old":{"sha256":"open-sesame","until":1}'), `keys.ci.old.sha256 is (not shown); ${HASH}`],
    ] as const) {
      writeFileSync(file, text);
      await refused(
        Promise.resolve().then(() => readKeys(file)),
        new RegExp(`^${`${file}: ${line}`.replace(/[.()[\]]/g, '\\$&')}`),
      );
    }
  }));

test('a key of the name of what every object has is refused wherever it stands, instead of never working', () =>
  withDirectory(async (dir) => {
    const file = dir.at('keys.json');
    for (const name of ['constructor', '__proto__', 'prototype']) {
      assert.is(isKeyName(name), false);
      writeFileSync(file, `{"keys":{"${name}":{"sha256":"${sha256}"}}}`);
      await refused(
        Promise.resolve().then(() => readKeys(file)),
        /names of keys/,
      );
    }
    assert.ok(isKeyName('hasOwnProperty'));
    writeFileSync(file, `{"keys":{"hasOwnProperty":{"sha256":"${sha256}"}}}`);
    assert.is(readKeys(file).get('hasOwnProperty')?.sha256, sha256);
  }));

test('keys of a directory that another process has taken are not written', () =>
  withDirectory(async (dir) => {
    mkdirSync(dir.at('state'));
    const file = dir.at('keys.json');
    const lock = InstanceLock.acquire(dir.at('state/lock'), dir.path);
    const disk = heldDisk(lock, testDisk());
    await writeKeys(file, new Map([['ci', { sha256 }]]), disk);
    unlinkSync(dir.at('state/lock'));
    const other = InstanceLock.acquire(dir.at('state/lock'), dir.path);
    await refused(writeKeys(file, new Map([['ci', null]]), disk), /taken over the data directory/);
    assert.equal([...readKeys(file).keys()], ['ci']);
    other.release();
    lock.release();
  }));

test.run();
