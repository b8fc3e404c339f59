import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProvenEvents } from '../../../src/store/files/proven-events.js';
import type { ScanResult } from '../../../src/store/files/folder-scan.js';

const pass = (differs: readonly string[], isWhole = true, isTouched = false): ScanResult => ({
  ...{ changed: differs, differs, folder: '1 2', isAllHere: true, isTouched, isWhole, isListed: isWhole, tookMs: 1 },
});

/** Events that a probe file has just proven. */
function proven(): ProvenEvents {
  const events = new ProvenEvents();
  events.begins();
  events.probes('.probe');
  events.tells('.probe', 0);
  events.compare(pass([]), 0);
  assert.ok(events.areProven(1));
  return events;
}

test('a file that changes while a pass goes on, behind it, casts no doubt on the events: one told of it', () => {
  const events = proven();
  events.begins();
  events.tells('a1.json', 1);
  events.compare(pass([]), 2);
  events.begins();
  events.compare(pass(['a1.json']), 3);
  events.begins();
  events.compare(pass([], false), 4);
  assert.ok(events.areProven(5));
});

test('a change that no event told of casts doubt on them for a minute, also where one told of an earlier change', () => {
  const events = proven();
  events.begins();
  events.tells('a1.json', 1);
  events.compare(pass(['a1.json']), 2);
  for (const differs of [[], ['a1.json']]) {
    events.begins();
    events.compare(pass(differs), 3);
  }
  events.begins();
  events.compare(pass([], false), 4);
  assert.not.ok(events.areProven(5));
  assert.not.ok(events.areProven(60_003));
});

test('of very many events some may have been dropped without a word: the folder is looked at whole then', () => {
  const events = proven();
  const burst = (count: number): void => {
    for (let at = 0; at < count; at++) events.tells(`a${at % 2_000}.json`, 1);
  };
  burst(8_000);
  assert.not.ok(events.mayLackSome);
  burst(8_000);
  events.compare(pass([], false), 2);
  assert.ok(events.mayLackSome, 'a glance has not looked at the files');
  events.compare(pass([]), 3);
  assert.not.ok(events.mayLackSome);
});

test('a folder that was touched though no event told of anything is looked at whole; a late event says enough', () => {
  const glance = (events: ProvenEvents, isTouched: boolean, told: number): boolean => {
    events.begins();
    for (let each = 0; each < told; each++) events.tells('a1.json', 1);
    events.compare(pass([], false, isTouched), 2);
    return events.mayLackSome;
  };
  const events = proven();
  glance(events, false, 0);
  assert.not.ok(glance(events, true, 0), 'its event may come yet');
  assert.ok(glance(events, false, 0), 'it did not');
  events.begins();
  events.compare(pass(['a1.json'], true), 3);
  assert.not.ok(events.mayLackSome, 'the files were looked at');
  const late = proven();
  glance(late, false, 0);
  glance(late, true, 0);
  assert.not.ok(glance(late, false, 1));
  assert.not.ok(glance(late, true, 1), 'told of before the folder was looked at');
  assert.not.ok(glance(late, false, 0));
});

test('a look is told of whom events told since the one before, and so is not asked twice', () => {
  const events = proven();
  events.tells('new.json', 1);
  events.compare(pass([], false), 2);
  assert.equal(events.names, ['new.json'], 'a glance has not looked at it');
  events.begins();
  events.tells('later.json', 3);
  events.compare(pass(['new.json']), 4);
  assert.equal(events.names, ['later.json'], 'the look may have been there before it');
  events.begins();
  events.compare(pass(['later.json']), 5);
  assert.equal(events.names, []);
  assert.ok(events.areProven(5), 'neither was untold');
});

test.run();
