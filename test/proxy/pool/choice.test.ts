/** Where several boxes serve from the same accounts: which of them a conversation goes to first. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Choice } from '../../../src/proxy/pool/choice.js';
import type { MutableMember } from '../../../src/proxy/pool/member.js';
import { Rests } from '../../../src/proxy/rests/rests.js';
import { setClock } from '../../support/clock.js';

const nobody: ReadonlySet<string> = new Set();
const flash = { model: 'flash', group: 'generate' } as const;

/** A box with these accounts, which has served `turns` requests of other clients. */
function box(ids: readonly string[], turns: number, boxesAgree = true): (conversation: string) => string {
  const settings = { strategy: 'round-robin' as const, stickySeconds: 60, waitSeconds: 0 };
  const choice = new Choice(setClock(), new Rests(), settings, boxesAgree);
  const members = ids.map((id, number) => {
    const rules = { priority: 0, maxInFlight: 0, label: '' };
    return { id, number, quotaProject: id, inFlight: 0, protectedModels: [], rules } as unknown as MutableMember;
  });
  for (const member of members) choice.rotation.put(member, true);
  for (let turn = 0; turn < turns; turn++) choice.pick(new Map(), flash, nobody, null);
  const byId = new Map(members.map((member) => [member.id, member]));
  return (conversation) => choice.pick(byId, flash, nobody, conversation)?.id ?? '-';
}

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `account-${at}`);
const conversations = Array.from({ length: 2_000 }, (_, at) => `conversation ${at}`);

test('boxes agree about the account of a conversation that none has served, whoever has had a turn', () => {
  for (const count of [1, 7, 3_000]) {
    const [one, other] = [box(names(count), 0), box(names(count), 5)];
    assert.equal(conversations.map(one), conversations.map(other));
  }
});

test('conversations are spread over all accounts, and one that goes takes only its own along', () => {
  const [seven, six] = [box(names(7), 0), box(names(6), 0)];
  const before = conversations.map(seven);
  const counts = names(7).map((name) => before.filter((id) => id === name).length);
  assert.ok(Math.min(...counts) > 200 && Math.max(...counts) < 380, counts.join(' '));
  const after = conversations.map(six);
  assert.ok(before.every((id, at) => id === 'account-6' || id === after[at]));
});

test('where the accounts are of one machine, turns go on as the strategy says', () => {
  const ask = box(names(3), 0, false);
  assert.equal(['a', 'b', 'c', 'a'].map(ask), ['account-0', 'account-1', 'account-2', 'account-0']);
});

test.run();
