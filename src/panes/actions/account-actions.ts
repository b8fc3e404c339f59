/** Actions on accounts. */
import { openForm, openLogin } from '../layers/open.js';
import { noAccount, withoutAccount, withoutSelected, type Action } from '../desk/action.js';
import { actingText, testingText } from '../views/progress.js';
import { columnSets } from '../views/account-columns.js';
import { RemoveDialog } from '../layers/confirm.js';
import type { Desk } from '../desk/desk.js';
import { openDetail } from '../sheets/detail.js';
import { plural } from '../text/text.js';
import { tell } from '../../store/words/tongue.js';

const ids = (desk: Desk): string[] => desk.accounts.targets(desk.snapshot.accounts).map(({ id }) => id);

function testNow(desk: Desk, accountIds: readonly string[]): void {
  desk.say(tell('asking Google about {accounts}', { accounts: plural(accountIds.length, 'account') }));
  const asked = desk.supervisor.operations.testNow(accountIds, desk.host.closed).then((results) => {
    const bad = results.filter(({ ok }) => !ok);
    const [only] = results;
    if (accountIds.length === 1 && only !== undefined) return { ok: only.ok, text: `${only.email}: ${only.text}` };
    const left = accountIds.length - results.length;
    const good = tell('{n} of {grants} are good', {
      n: results.length - bad.length,
      grants: plural(results.length, 'grant'),
    });
    return { ok: bad.length === 0, text: left === 0 ? good : tell('{good}; {n} not asked about', { good, n: left }) };
  });
  desk.answer(asked);
}

/** Whatever is done to many accounts ends with those that it is at. */
export function stopActs(desk: Desk): void {
  desk.answer(desk.supervisor.operations.stopTests());
}

function toggleProxy(desk: Desk): void {
  const targets = desk.accounts.targets(desk.snapshot.accounts);
  // Marked accounts may differ: as long as one of them is on, all go off.
  const off = targets.some(({ proxyDisabled }) => !proxyDisabled);
  desk.answer(
    desk.supervisor.operations.setProxyDisabled(
      targets.map(({ id }) => id),
      off,
    ),
  );
}

/**
 * Why a new grant cannot be saved for the selected account: its file is unreadable, so it is not changed; null: it can.
 */
function unreadable({ accounts: { selected } }: Desk): string | null {
  if (selected?.state !== 'unreadable') return null;
  return tell('{file} cannot be read: mend the file first, it is read again at once', { file: selected.file });
}

/** One act on many after the other: a second one would only wait, unseen. */
const whileActing = ({ snapshot, now }: Desk): string | null =>
  snapshot.acting === null ? null : tell('{progress}: Esc stops that', { progress: actingText(snapshot.acting, now) });

const whileFormIsOpen = ({ row }: Desk): string | null =>
  row === null ? null : tell('rows stay where they are while a form is open');

export const accountActions: readonly Action[] = [
  {
    id: 're-add',
    keys: ['r'],
    shown: 'r',
    label: 're-add',
    help: 'paste a new refresh token for the selected account; it is checked with Google, saved, and serves at once',
    where: 'accounts',
    unavailable: (desk) => withoutSelected(desk) ?? unreadable(desk),
    run: (desk) => openForm(desk, desk.accounts.selected),
  },
  {
    id: 'add',
    keys: ['a'],
    shown: 'a',
    label: 'add',
    isSpare: true,
    help: 'paste the refresh token of a new account',
    where: 'accounts',
    run: (desk) => openForm(desk, null),
  },
  {
    id: 'login',
    keys: ['o'],
    shown: 'o',
    label: 'log in',
    help: 'log in with Google: a link to open, the answer pasted back',
    where: 'accounts',
    unavailable: unreadable,
    run: (desk) => openLogin(desk, desk.accounts.selected),
  },
  {
    id: 'test',
    keys: ['t'],
    shown: 't',
    label: 'test',
    help: 'ask Google for one refresh now; a disabled account is tried once with its stored token',
    where: 'accounts',
    unavailable: withoutAccount,
    run: (desk) => testNow(desk, ids(desk)),
  },
  {
    id: 'test-all',
    keys: ['T'],
    shown: 'T',
    help: 'the same for every account, three at a time; Esc leaves out those that wait',
    where: 'accounts',
    unavailable({ snapshot, now }) {
      const { accounts, testing } = snapshot;
      if (accounts.length === 0) return noAccount(snapshot);
      const progress = testingText(testing, now);
      return progress === '' ? null : tell('{progress}: Esc leaves out those that wait', { progress });
    },
    run: (desk) =>
      testNow(
        desk,
        desk.snapshot.accounts.map(({ id }) => id),
      ),
  },
  {
    id: 'clear',
    keys: ['c'],
    shown: 'c',
    inSheets: 'clear',
    help: 'end what the account waits for: cool-downs, a block, the wait after a failed refresh; the next answer decides',
    where: 'accounts',
    unavailable: (desk) => withoutAccount(desk) ?? whileActing(desk),
    run: (desk) => desk.answer(desk.supervisor.operations.clear(ids(desk))),
  },
  {
    id: 'proxy',
    keys: ['e'],
    shown: 'e',
    label: 'on/off',
    help: 'take the account out of the proxy, or put it back (proxy_disabled); its grant is not touched',
    where: 'accounts',
    unavailable: (desk) => withoutAccount(desk) ?? whileActing(desk),
    run: toggleProxy,
  },
  {
    id: 'remove',
    keys: ['x'],
    shown: 'x',
    inSheets: 'remove',
    help: 'remove the account; asks first, and u brings it back',
    where: 'accounts',
    unavailable: (desk) => withoutAccount(desk) ?? whileActing(desk),
    run: (desk) => desk.open(new RemoveDialog(desk.accounts.targets(desk.snapshot.accounts))),
  },
  {
    id: 'mark',
    keys: ['space'],
    shown: 'Space',
    help: 'mark the account: c, e, t and x then act on all marked ones; Esc stops between two accounts',
    where: 'accounts',
    unavailable: withoutSelected,
    run(desk) {
      desk.accounts.toggleMark();
      desk.accounts.move(1);
    },
  },
  {
    id: 'mark-all',
    keys: ['*'],
    shown: '*',
    help: 'mark all accounts that are shown, or none of them',
    where: 'accounts',
    unavailable: withoutSelected,
    run: (desk) => desk.accounts.markShown(),
  },
  {
    id: 'detail',
    keys: ['enter'],
    shown: 'Enter',
    label: 'why',
    help: 'all about the account: why it is out, what to do, its timeline',
    where: 'accounts',
    unavailable: withoutSelected,
    run: (desk) => openDetail(desk, desk.accounts.selected?.id ?? ''),
  },
  {
    id: 'reload',
    keys: ['R'],
    shown: 'R',
    help: 'read the account files again and swap the pool; nothing in flight is cut',
    where: 'accounts',
    run: (desk) => desk.answer(desk.supervisor.operations.reload()),
  },
  {
    id: 'sort',
    keys: ['s'],
    shown: 's',
    help: 'sort by state, e-mail, requests, errors, last use, token end',
    where: 'accounts',
    unavailable: whileFormIsOpen,
    run(desk) {
      desk.accounts.nextSort();
      desk.arrange();
    },
  },
  {
    id: 'sort-reversed',
    keys: ['S'],
    shown: 'S',
    help: 'the same order from its other end',
    where: 'accounts',
    unavailable: whileFormIsOpen,
    run(desk) {
      desk.accounts.direction = desk.accounts.direction === 'forwards' ? 'backwards' : 'forwards';
      desk.arrange();
    },
  },
  {
    id: 'columns',
    keys: ['v'],
    shown: 'v',
    help: 'which columns are shown: those that say something, all of them, or few',
    where: 'accounts',
    run(desk) {
      desk.accounts.nextColumns();
      desk.say(tell('columns: {which}', { which: tell(columnSets[desk.accounts.columns]) }));
    },
  },
];
