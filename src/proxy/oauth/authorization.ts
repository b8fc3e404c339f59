/**
 * Asking a human for consent (RFC 6749 §4.1, RFC 7636, RFC 8252): the link to open, and the answer, whether it comes
 * from the browser itself or as a text that somebody pasted. Pure but for the random numbers.
 */
import { createHash, randomBytes } from 'node:crypto';
import { english } from '../../store/words/saying.js';
import type { PlainSentence } from '../../store/words/tongue.js';
import type { OAuthClient } from './google.js';

/** What was asked for, and the secrets that prove that an answer belongs to this question. */
export interface Authorization {
  /** To be opened in any browser. */
  readonly url: string;
  readonly redirectUri: string;
  readonly state: string;
  /** The code verifier of PKCE; sent only with the code. */
  readonly verifier: string;
}

export interface AuthorizationRequest {
  readonly authUrl: string;
  readonly client: OAuthClient;
  readonly scopes: readonly string[];
  /** E-mail of the account to log in; null lets the human choose. */
  readonly email: string | null;
  readonly redirectUri: string;
}

const secret = (bytes: number): string => randomBytes(bytes).toString('base64url');

/** Makes the link for one login. */
export function authorize({ authUrl, client, scopes, email, redirectUri }: AuthorizationRequest): Authorization {
  const state = secret(16);
  const verifier = secret(32);
  const url = new URL(authUrl);
  const parameters: Record<string, string> = {
    client_id: client.id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: scopes.join(' '),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    // without these two Google gives no refresh token, or only at the user's very first consent
    access_type: 'offline',
    prompt: email === null ? 'consent select_account' : 'consent',
    ...(email === null ? {} : { login_hint: email }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, redirectUri, state, verifier };
}

/** The result of an answer: a code to exchange, or why there is none, in words that say what to do now. */
export type Consent = { readonly code: string } | { readonly fault: string };

const fault = (text: string): Consent => ({ fault: text });

const denials: Record<string, PlainSentence> = {
  access_denied: 'consent was denied in the browser: open the link again and allow the access',
  admin_policy_enforced:
    "the Workspace administrator's policy blocks this app: have it allowed, then open the link again",
  org_internal: 'this OAuth client is for accounts of its own organization only: use one of them, or another client',
  invalid_scope:
    'Google does not know one of the scopes in oauth.scopes: correct it in settings.json, then log in again',
};

/** Reads the parameters that the browser brought to the listener; only an answer to this very question counts. */
export function consentOf(parameters: URLSearchParams, { state }: Authorization): Consent {
  if (parameters.get('state') !== state) {
    return fault('the answer belongs to another login (its state is not the one of this link): nothing was sent');
  }
  return codeIn(parameters) ?? fault('the answer holds no code: open the link again');
}

function codeIn(parameters: URLSearchParams): Consent | null {
  const error = parameters.get('error');
  if (error !== null)
    return fault(
      (Object.hasOwn(denials, error) ? denials[error] : undefined) ??
        english('Google answered {error}: open the link again', { error: printable(error) }),
    );
  const code = parameters.get('code');
  return code === null || code === '' ? null : { code };
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '').slice(0, 60);

/**
 * Reads what somebody pasted: the address that the browser failed to open, a part of it, or the bare code. A wrong
 * state is refused; a missing one is not, since the code is useless without the verifier.
 */
export function pastedConsent(pasted: string, authorization: Authorization): Consent {
  const text = pasted.replace(/\s+/g, '');
  if (text === '') return fault('there is nothing to check: paste the address or the code first');
  const parameters = parametersIn(text);
  if (parameters === null) return bareCode(text);
  const state = parameters.get('state');
  if (parameters.has('code_challenge')) {
    return fault('that is the link itself: open it in a browser, and paste the address at which the browser ends');
  }
  if (state !== null && state !== authorization.state) {
    return fault(
      'that address belongs to another login (its state is not the one of this link): nothing was sent; open the link that is shown now',
    );
  }
  return (
    codeIn(parameters) ?? fault('that address holds no code: copy the whole address line of the page, up to its end')
  );
}

/** The parameters in a pasted address or a part of one; null: there are none. */
function parametersIn(text: string): URLSearchParams | null {
  if (URL.canParse(text) && /^https?:/i.test(text)) return new URL(text).searchParams;
  const part = /(?:^|[?&])((?:state|code|error|scope|iss)=.*)$/i.exec(text)?.[1];
  return part === undefined ? null : new URLSearchParams(part);
}

function bareCode(text: string): Consent {
  if (text.startsWith('1//')) {
    return fault('that is a refresh token, not a code: close this, press r on the account, and paste it there');
  }
  if (text.length > 2_048) return fault('that is too long for a code: nothing was sent');
  try {
    return { code: decodeURIComponent(text) };
  } catch {
    return { code: text };
  }
}
