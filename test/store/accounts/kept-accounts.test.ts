/** The list of accounts, in the order of their names. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KeptAccounts } from '../../../src/store/accounts/kept-accounts.js';

interface Named {
  readonly id: string;
}

test('however accounts come and go it has each once, in order, and what was handed out does not change', () => {
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    how: fc.constantFrom('new', 'same', 'remove', 'list'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const kept = new KeptAccounts<Named>();
      const truth = new Map<string, Named>();
      const removed = new Map<string, Named>();
      const handed: (readonly [readonly Named[], string])[] = [];
      for (const { id, how } of steps) {
        const known = truth.get(id);
        if (how === 'remove' && known !== undefined) {
          kept.remove(known);
          truth.delete(id);
          removed.set(id, known);
        } else if (how === 'list') {
          const list = kept.list();
          handed.push([list, list.map((one) => one.id).join('')]);
          assert.equal(
            list.map((one) => one.id),
            [...truth.keys()].sort(),
          );
          assert.ok(list.every((one) => truth.get(one.id) === one));
          assert.is(kept.list(), list, 'the same while nothing changes');
        } else if (how === 'new' || (how === 'same' && known === undefined && removed.has(id))) {
          // one that was removed may come back as it was
          const account = (how === 'same' ? removed.get(id) : undefined) ?? { id };
          kept.add(account);
          truth.set(id, account);
        }
        assert.is(kept.size, truth.size);
      }
      for (const [list, text] of handed) assert.is(list.map((one) => one.id).join(''), text);
    }),
    { numRuns: 500 },
  );
});

test.run();
