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

test('filed ahead by turns, whoever asks or changes meanwhile is answered as ever, and later no other is looked at', () => {
  for (const asked of ['in between', 'afterwards'] as const) {
    const all = new Map<string, Holder>();
    const put = (id: string, token: string): void =>
      void all.set(id, { id, account: { refreshToken: token, email: `${id}@e.com` } as StoredAccount['account'] });
    for (let at = 0; at < 10; at++) put(`a${at}`, `t${at}`);
    let tell: (ids: readonly string[]) => void = () => undefined;
    const looked: string[] = [];
    const store = {
      get: (id: string) => (looked.push(id), all.get(id)),
      list: () => [...all.values()],
      onChange: (listener: typeof tell) => ((tell = listener), () => undefined),
    };
    const holders = new Holders(store as unknown as AccountStore);
    const { file, done } = holders.ahead();
    const holderOf = (token: string): readonly string[] => holders.withToken(token).map(({ id }) => id);
    const before = store.list();
    for (const account of before.slice(0, 5)) file(account);
    put('a1', 'changed');
    put('new', 'added');
    tell(['a1', 'new']);
    if (asked === 'in between') assert.equal([holderOf('changed'), holderOf('t9')], [['a1'], ['a9']]);
    for (const account of before.slice(5)) file(account);
    put('a2', 'late');
    tell(['a2']);
    done();
    looked.length = 0;
    assert.equal(
      [holderOf('changed'), holderOf('t1'), holderOf('added'), holderOf('late')],
      [['a1'], [], ['new'], ['a2']],
    );
    assert.ok(looked.length < 10, looked.join(' '));
    assert.equal([holderOf('t2'), holderOf('t7')], [[], ['a7']]);
  }
});

test.run();
