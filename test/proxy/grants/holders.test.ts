/** Who holds a token and who is of an e-mail, however the accounts changed. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Holders } from '../../../src/proxy/grants/holders.js';
import type { AccountStore } from '../../../src/store/accounts/account-store.js';
import type { StoredAccount } from '../../../src/store/accounts/stored-account.js';

type Holder = Pick<StoredAccount, 'id' | 'account'>;

interface Step {
  readonly id: string;
  readonly token: string;
  readonly email: string;
  readonly how: 'there' | 'gone' | 'never read';
  readonly asks: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  token: fc.constantFrom('1', '2', '3'),
  email: fc.constantFrom('x@e.com', 'X@E.com', 'y@e.com'),
  how: fc.constantFrom('there', 'there', 'gone', 'never read'),
  asks: fc.boolean(),
});

test('after any changes they are those that a look at all accounts finds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const all = new Map<string, Holder>();
      let tell: (ids: readonly string[]) => void = () => undefined;
      let looks = 0;
      const store = {
        get: (id: string) => all.get(id),
        list: () => (looks++, [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1))),
        onChange: (listener: typeof tell) => ((tell = listener), () => undefined),
      };
      const holders = new Holders(store as unknown as AccountStore);
      const ids = (found: readonly Holder[]): string[] => found.map(({ id }) => id);
      for (const { id, token, email, how, asks } of steps) {
        if (how === 'gone') all.delete(id);
        else {
          const account = how === 'there' ? ({ refreshToken: token, email } as StoredAccount['account']) : null;
          all.set(id, { id, account });
        }
        tell([id]);
        if (!asks) continue;
        const truth = [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
        const isOf = ({ account }: Holder): boolean => account?.email.toLowerCase() === email.toLowerCase();
        assert.equal(
          ids(holders.withToken(token)),
          ids(truth.filter(({ account }) => account?.refreshToken === token)),
        );
        assert.equal(ids(holders.withEmail(email.toUpperCase())), ids(truth.filter(isOf)));
      }
      assert.ok(looks <= 1, 'all are looked at once');
    }),
  );
});

test.run();
