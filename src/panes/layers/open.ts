/** Opens layers on top of the panes, or forms on a row, when the operator asks for them. */
import type { AccountRow } from '../../proxy/contract/snapshot.js';
import type { Desk } from '../desk/desk.js';
import type { Tone } from '../forms/form-host.js';
import { LoginForm } from '../forms/login-form.js';
import { ReaddForm } from '../forms/readd-form.js';
import { SetupForm } from '../forms/setup-form.js';
import type { TerminalPage } from '../terminal/page.js';
import { LoginDialog } from './login-dialog.js';
import { ReaddLayer } from './readd-layer.js';
import { SetupDialog } from './setup-dialog.js';

/** Opens the form for a refresh token on an account's row; null adds whoever the token belongs to. */
export function openForm(desk: Desk, account: AccountRow | null): void {
  desk.closeAll();
  desk.focusOn('accounts');
  const host = {
    operations: desk.supervisor.operations,
    now: () => desk.now,
    changed: () => {
      if (form.closed) desk.drop(layer);
      desk.changed();
    },
    login: () => openLogin(desk, account),
    say: (text: string, tone: Tone) => desk.say(text, tone),
  };
  const known = { refreshToken: account?.refreshToken ?? null, clientName: account?.client ?? null };
  const form = new ReaddForm(account, known, desk.snapshot.clients, host);
  const layer = new ReaddLayer(form);
  desk.show(layer);
  desk.arrange();
}

/** Opens the set-up of the OAuth client that this account lacks, else of the default one. */
export function openSetup(desk: Desk, account: AccountRow | null): void {
  const { clients } = desk.snapshot;
  const lacking = account !== null && (account.state === 'no_client' || lacksClient(desk, account));
  const name = lacking ? account.client : (clients[0]?.name ?? null);
  const known = clients.find((client) => client.name === name);
  const host = {
    operations: desk.supervisor.operations,
    changed: () => desk.changed(),
    say: (text: string, tone: Tone) => desk.say(text, tone),
    login: () => startLogin(desk, account),
    paste: () => {
      // so that the new client is known
      desk.take(desk.supervisor.snapshot());
      openForm(desk, null);
    },
  };
  desk.show(new SetupDialog(new SetupForm({ name, id: known?.id ?? '', hasSecret: known?.hasSecret === true }, host)));
}

/**
 * Starts a login with Google, after the set-up of its OAuth client where there is none; null: a login of any account.
 */
export function openLogin(desk: Desk, account: AccountRow | null): void {
  const needsClient = desk.snapshot.clients.length === 0 || (account !== null && lacksClient(desk, account));
  if (needsClient) openSetup(desk, account);
  else startLogin(desk, account);
}

/** Whether its file names a client that is not configured. */
const lacksClient = ({ snapshot }: Desk, { client, clientKnown }: AccountRow): boolean =>
  clientKnown && !snapshot.clients.some(({ name }) => name === client);

function startLogin(desk: Desk, account: AccountRow | null): void {
  const { host: screen, supervisor } = desk;
  const host = {
    operations: supervisor.operations,
    env: screen.env,
    page: (page: TerminalPage) => screen.page(page),
    copy: (text: string) => screen.copy(text),
    changed: () => desk.changed(),
    say: (text: string, tone: Tone) => desk.say(text, tone),
  };
  desk.show(new LoginDialog(new LoginForm(account, host)));
}
