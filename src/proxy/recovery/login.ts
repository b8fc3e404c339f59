import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Settings } from '../../store/settings/settings.js';
import type {
  LoginOffer,
  LoginRequest,
  LoginTrouble,
  Progress,
  ReaddResult,
  OperationReply,
} from '../contract/operations.js';
import { authorize, consentOf, pastedConsent, type Authorization, type Consent } from '../oauth/authorization.js';
import { causes } from '../contract/causes.js';
import type { OAuthClients } from '../oauth/clients.js';
import {
  ClientRefused,
  GrantRefused,
  RefreshError,
  RefreshRefused,
  TokenEndpointUnavailable,
} from '../oauth/errors.js';
import type { Exchanged, Google, OAuthClient } from '../oauth/google.js';
import { listenOnLoopback, type Loopback, type Page } from '../oauth/loopback.js';
import type { Recovery } from './recover.js';
import { ownUserName } from '../../store/disk/ownership.js';
import { messageOf } from '../../store/ground/errors.js';
import { took } from '../contract/durations.js';

export interface LoginParts {
  readonly store: AccountStore;
  readonly google: Google;
  readonly clients: OAuthClients;
  readonly recovery: Recovery;
  readonly clock: Clock;
  readonly oauth: Settings['oauth'];
}

/** A login that nobody finishes is given up after this long. */
const LOGIN_MS = 15 * 60_000;

/** Logins at a time; each holds a port. */
const MOST_LOGINS = 8;

/**
 * Logins with Google for a machine without a browser: the link is opened anywhere, and the answer comes back through a
 * forwarded port or as a pasted text. Its token is then verified and saved like a pasted refresh token.
 */
export class Logins {
  private readonly open = new Map<string, Login>();

  constructor(private readonly parts: LoginParts) {}

  /** Makes a link and listens for its answer. */
  async start(request: LoginRequest): Promise<LoginOffer | OperationReply> {
    const account = request.accountId === null ? null : (this.parts.store.get(request.accountId)?.account ?? null);
    const client = this.clientFor(request, account?.clientKey ?? null);
    if (typeof client === 'string') return { ok: false, text: client };
    if (this.open.size >= MOST_LOGINS) [...this.open.values()][0]?.end('another login was started instead');
    const login = new Login(this.parts, request, client);
    const id = randomUUID();
    try {
      const offer = await login.begin(account?.email ?? request.email);
      this.open.set(id, login);
      const forget = this.parts.clock.after(LOGIN_MS, () => login.end('it was left for 15 minutes'));
      login.onEnd(() => {
        forget();
        this.open.delete(id);
      });
      return { login: id, ...offer };
    } catch (error) {
      return { ok: false, text: `no login: ${messageOf(error)}` };
    }
  }

  /**
   * Resolves when an answer has come and was dealt with, or the login is over. If the answer was refused the login
   * stays open: the link may be opened again, and this may be called again.
   */
  wait(id: string, progress: (news: Progress) => void): Promise<ReaddResult | LoginTrouble> {
    return this.open.get(id)?.next(progress) ?? Promise.resolve(trouble('login_over', OVER));
  }

  /** Checks a pasted address or code; a good one goes to the caller that waits. */
  paste(id: string, text: string): OperationReply {
    return this.open.get(id)?.paste(text) ?? { ok: false, text: OVER };
  }

  cancel(id: string): OperationReply {
    this.open.get(id)?.end('it was closed');
    return { ok: true, text: 'the login was closed; nothing was saved' };
  }

  close(): void {
    for (const login of [...this.open.values()]) login.end('regrant stops');
  }

  /** The client that was asked for, else the account's own, else the default one; a text: why there is none. */
  private clientFor({ client }: LoginRequest, ofAccount: string | null): OAuthClient | string {
    const { clients } = this.parts;
    const name = client ?? ofAccount ?? clients.defaultName;
    const found = clients.get(name);
    if (found !== null) return found;
    return clients.configured().length === 0
      ? `no OAuth client is configured: ${causes.client_missing.next}`
      : `there is no OAuth client "${name}": ${causes.client_missing.next}`;
  }
}

const OVER = 'that login is over; start another one';

const trouble = (outcome: LoginTrouble['outcome'], text: string): LoginTrouble => ({ outcome, text });

type Answer = { readonly consent: Consent } | { readonly ended: string };

/** One link, until a token was saved for it or the login is closed. */
class Login {
  private authorization: Authorization | null = null;
  private loopback: Loopback | null = null;
  private readonly answers: Answer[] = [];
  private readonly seen = new Set<string>();
  private wake: () => void = () => undefined;
  private readonly endListeners: (() => void)[] = [];
  private isOver = false;

  constructor(
    private readonly parts: LoginParts,
    private readonly request: LoginRequest,
    private readonly client: OAuthClient,
  ) {}

  async begin(email: string | null): Promise<Omit<LoginOffer, 'login'>> {
    const { oauth } = this.parts;
    this.loopback = await listenOnLoopback((parameters) => this.browsed(parameters));
    const { redirectUri, port } = this.loopback;
    this.authorization = authorize({
      authUrl: oauth.authUrl,
      client: this.client,
      scopes: oauth.scopes,
      email,
      redirectUri,
    });
    const { url } = this.authorization;
    return { url, port, client: this.client.name, email, machine: `${ownUserName() ?? 'you'}@${hostname()}` };
  }

  onEnd(listener: () => void): void {
    this.endListeners.push(listener);
  }

  paste(text: string): OperationReply {
    if (this.authorization === null) return { ok: false, text: OVER };
    const consent = pastedConsent(text, this.authorization);
    if ('fault' in consent) return { ok: false, text: consent.fault };
    if (!this.take(consent)) return { ok: false, text: USED };
    return { ok: true, text: 'the code is being exchanged' };
  }

  async next(progress: (news: Progress) => void): Promise<ReaddResult | LoginTrouble> {
    const answer = await this.nextAnswer();
    if ('ended' in answer) return trouble('login_over', `the login is over: ${answer.ended}; nothing was saved`);
    if ('fault' in answer.consent) return trouble('login_open', answer.consent.fault);
    return this.exchange(answer.consent.code, progress);
  }

  end(why: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.loopback?.close();
    this.answers.push({ ended: why });
    this.wake();
    for (const tell of this.endListeners) tell();
  }

  private browsed(parameters: URLSearchParams): Page {
    if (this.authorization === null) return { status: 404, text: OVER };
    const consent = consentOf(parameters, this.authorization);
    if ('fault' in consent) {
      // an answer with another state may be an attack: it is not even passed on
      if (parameters.get('state') === this.authorization.state) this.take(consent);
      return { status: 400, text: consent.fault };
    }
    if (!this.take(consent)) return { status: 409, text: USED };
    return { status: 200, text: 'The answer has arrived. Go back to the terminal: it says how it went.' };
  }

  /** False for a code that came before: the browser loaded the page again, or the same address was pasted twice. */
  private take(consent: Consent): boolean {
    if ('code' in consent) {
      if (this.seen.has(consent.code)) return false;
      this.seen.add(consent.code);
    }
    this.answers.push({ consent });
    this.wake();
    return true;
  }

  private async nextAnswer(): Promise<Answer> {
    for (;;) {
      const answer = this.answers.shift();
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private async exchange(code: string, progress: (news: Progress) => void): Promise<ReaddResult | LoginTrouble> {
    const { authorization, client, parts, request } = this;
    if (authorization === null) return trouble('login_over', OVER);
    progress({ step: 'exchange', status: 'running', text: '' });
    let exchanged: Exchanged;
    try {
      exchanged = await parts.google.redeem(code, { client, ...authorization });
    } catch (error) {
      if (!(error instanceof RefreshError)) throw error;
      const text = refusalText(error);
      progress({ step: 'exchange', status: 'failed', text: error.message });
      return trouble('login_open', text);
    }
    if (exchanged.body.refresh_token === null) {
      progress({ step: 'exchange', status: 'failed', text: 'no refresh token' });
      return trouble('login_open', NO_REFRESH_TOKEN);
    }
    progress({
      step: 'exchange',
      status: 'done',
      text: `${took(exchanged.tookMs)}, client ${client.name}`,
    });
    this.end('it is done');
    const landed = { sent: exchanged.body.refresh_token, client, guessed: false, exchanged };
    return parts.recovery.adopt(landed, request, progress);
  }
}

const USED = 'that code was used already: open the link again for another one';

const NO_REFRESH_TOKEN =
  'Google gave no refresh token, only access for an hour; nothing was saved: take the app away at myaccount.google.com/permissions and open the link again (a server that is not Google may want offline_access in oauth.scopes)';

/** Why a code was refused, and what to do now. */
function refusalText(error: RefreshError): string {
  if (error instanceof TokenEndpointUnavailable) {
    return `nobody could be asked: ${error.message}; ${causes[error.cause].short}; open the link again for another code`;
  }
  if (error instanceof GrantRefused) {
    return `Google refused the code: ${error.message}: a code works once and for a few minutes; open the link again for another one`;
  }
  if (error instanceof ClientRefused) {
    return `Google refused the OAuth client: ${error.message}; ${causes[error.cause].next}`;
  }
  if (error instanceof RefreshRefused && error.serverCode === 'redirect_uri_mismatch') {
    return 'Google refused the redirect address: the OAuth client has to be of the type "Desktop app"';
  }
  return `Google refused the login: ${error.message}; ${causes[error.cause].next}`;
}
