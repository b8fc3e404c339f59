import { isJsonObject, type JsonObject, setOwn } from '../ground/json.js';
import { carryOver } from '../ground/merge.js';
import { isProjectId, lifeOf } from './bounds.js';

/**
 * A named change to an account file, applied to the file as it is on disk at that moment. It changes only the keys it is
 * about, in place, and may find that it no longer applies: then it changes nothing.
 */
export interface Patch {
  readonly name:
    | 'disable'
    | 'enable'
    | 'refreshed'
    | 'rotate'
    | 'upsert'
    | 'restore'
    | 'setProxyDisabled'
    | 'setClient'
    | 'setProject'
    | 'blockValidation'
    | 'setQuota'
    | 'setForbidden'
    | 'liftBlock'
    | 'touch'
    /** The write that makes a new account's file; it changes nothing more. */
    | 'create'
    /** Changes of another program that were written at the very moment of a write of ours. */
    | 'merge';
  /** Changes `json` itself. */
  apply(json: JsonObject): void;
}

/** A successful answer of the token endpoint, as it goes into the file. */
export interface TokenAnswer {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Unix seconds: time of the answer + `expiresIn`. */
  readonly expiresAt: number;
  readonly tokenType: string;
  readonly idToken: string | null;
}

const REASON_CODE_POINTS = 800;

/** The text cut to 800 code points in all, the last an ellipsis where anything was cut. */
export function cutReason(reason: string): string {
  // a code point takes at most two UTF-16 units, so no more of a server's endless text is looked at
  const points = Array.from(reason.slice(0, 2 * (REASON_CODE_POINTS + 1)));
  return points.length <= REASON_CODE_POINTS ? reason : `${points.slice(0, REASON_CODE_POINTS - 1).join('')}…`;
}

/** Marks a grant as refused while the file still holds the refused token. If it is marked, the first time stays. */
export const disable = (refusedToken: string, at: number, reason: string): Patch => ({
  name: 'disable',
  apply(json) {
    if (tokenOf(json).refresh_token !== refusedToken) return;
    const since = json.disabled === true && typeof json.disabled_at === 'number' ? json.disabled_at : at;
    json.disabled = true;
    json.disabled_at = since;
    json.disabled_reason = cutReason(reason);
  },
});

/** Clears the three fields of `disable`, but only while the file holds the honoured token or its replacement. */
export const enable = (honouredToken: string): Patch => ({
  name: 'enable',
  apply(json) {
    if (tokenOf(json).refresh_token === honouredToken) clearDisabled(json);
  },
});

function clearDisabled(json: JsonObject): void {
  json.disabled = false;
  delete json.disabled_at;
  delete json.disabled_reason;
}

/**
 * A new access token, unless the file holds another refresh token by now, or one that somebody got since and that ends
 * later.
 *
 * @param replaced - the access token that was known when the answer came
 */
export const refreshed = (sentToken: string, answer: TokenAnswer, replaced: string): Patch => ({
  name: 'refreshed',
  apply(json) {
    const token = tokenOf(json);
    if (token.refresh_token !== sentToken) return;
    const isOthers = token.access_token !== replaced && token.access_token !== answer.accessToken;
    if (isOthers && Number(token.expiry_timestamp) > answer.expiresAt) return;
    putAnswer(token, answer);
  },
});

/** A new refresh token that took the place of the one sent, with its access token. */
export const rotate = (sentToken: string, refreshToken: string, answer: TokenAnswer): Patch => ({
  name: 'rotate',
  apply(json) {
    const token = tokenOf(json);
    if (token.refresh_token !== sentToken) return;
    token.refresh_token = refreshToken;
    putAnswer(token, answer);
  },
});

export interface Credential {
  readonly email: string;
  readonly name: string | null;
  readonly refreshToken: string;
  readonly answer: TokenAnswer;
  readonly clientKey: string;
}

/** A verified credential of the same e-mail. Clears `disabled*` if the account was disabled and a token differs. */
export const upsert = (credential: Credential): Patch => ({
  name: 'upsert',
  apply(json) {
    const token = tokenOf(json);
    const differs =
      token.refresh_token !== credential.refreshToken || token.access_token !== credential.answer.accessToken;
    token.refresh_token = credential.refreshToken;
    putAnswer(token, credential.answer);
    token.oauth_client_key = credential.clientKey;
    if (credential.name !== null && (json.name === undefined || json.name === null || json.name === '')) {
      json.name = credential.name;
    }
    if (json.disabled === true && differs) clearDisabled(json);
  },
});

/** The keys that `upsert` may have replaced. */
const CREDENTIAL = [
  'access_token',
  'refresh_token',
  'expires_in',
  'expiry_timestamp',
  'token_type',
  'id_token',
  'oauth_client_key',
];

/** Undoes `upsert`: puts back the credential in `previous` and its flags, unless the account holds a third by now. */
export const restore = (replacedBy: string, previous: JsonObject): Patch => ({
  name: 'restore',
  apply(json) {
    const token = tokenOf(json);
    if (token.refresh_token !== replacedBy) return;
    copyKeys(CREDENTIAL, isJsonObject(previous.token) ? previous.token : {}, token);
    copyKeys(['name', 'disabled', 'disabled_at', 'disabled_reason'], previous, json);
  },
});

function copyKeys(keys: readonly string[], from: JsonObject, to: JsonObject): void {
  for (const key of keys) {
    if (Object.hasOwn(from, key)) setOwn(to, key, from[key]);
    else Reflect.deleteProperty(to, key);
  }
}

/** Takes an account out of the proxy by hand, or puts it back. */
export const setProxyDisabled = (mark: { readonly at: number; readonly reason: string } | null): Patch => ({
  name: 'setProxyDisabled',
  apply(json) {
    json.proxy_disabled = mark !== null;
    if (mark === null) {
      delete json.proxy_disabled_at;
      delete json.proxy_disabled_reason;
    } else {
      json.proxy_disabled_at = mark.at;
      json.proxy_disabled_reason = mark.reason;
    }
  },
});

/** The OAuth client that turned out to be the issuer of this refresh token. */
export const setClient = (sentToken: string, clientKey: string): Patch => ({
  name: 'setClient',
  apply(json) {
    const token = tokenOf(json);
    if (token.refresh_token === sentToken) token.oauth_client_key = clientKey;
  },
});

/** Sets the account's project; a text that cannot be a project's id changes nothing. */
export const setProject = (projectId: string): Patch => ({
  name: 'setProject',
  apply(json) {
    if (isProjectId(projectId)) tokenOf(json).project_id = projectId;
  },
});

/** Google asks a human to verify the account; it is not used before the given time. */
export const blockValidation = (block: {
  /** Unix seconds. */
  readonly until: number;
  readonly reason: string;
  readonly url: string | null;
}): Patch => ({
  name: 'blockValidation',
  apply(json) {
    json.validation_blocked = true;
    json.validation_blocked_until = block.until;
    json.validation_blocked_reason = cutReason(block.reason);
    if (block.url === null) delete json.validation_url;
    else json.validation_url = block.url;
  },
});

/** When the account last served, unix seconds. A disabled account's file is not written for this alone. */
export const touch = (lastUsed: number): Patch => ({
  name: 'touch',
  apply(json) {
    if (json.disabled === true) return;
    if (typeof json.last_used !== 'number' || json.last_used < lastUsed) json.last_used = lastUsed;
  },
});

/** Merges in what another program changed from `base` to `changed` in a file that a write of ours replaced. */
export const merge = (base: JsonObject, changed: JsonObject): Patch => ({
  name: 'merge',
  apply: (json) => carryOver(base, changed, json),
});

/** Changes nothing: a new account's file is complete before any patch. */
export const create = (): Patch => ({ name: 'create', apply: () => undefined });

/** What is lost if a change never reaches the disk, in words that follow "its" or stand alone. */
export const lossOf: Record<Patch['name'], string> = {
  disable: 'that Google refused its refresh token',
  enable: 'that Google honours its refresh token again',
  refreshed: 'its new access token',
  rotate: 'its new refresh token, which took the place of the one on disk',
  upsert: 'the refresh token it was re-added with',
  restore: 'the credential that was brought back',
  setProxyDisabled: 'that it was taken out of the proxy or put back',
  setClient: 'which OAuth client issued its token',
  setProject: 'its project',
  blockValidation: 'that Google asks a human to verify it',
  setQuota: 'what is left of its quota',
  setForbidden: 'that Google has closed the service to it',
  liftBlock: 'that its block was lifted',
  touch: 'when it was used last',
  create: 'the whole account',
  merge: 'what another program wrote meanwhile',
};

function tokenOf(json: JsonObject): JsonObject {
  return isJsonObject(json.token) ? json.token : (json.token = {});
}

function putAnswer(token: JsonObject, answer: TokenAnswer): void {
  token.access_token = answer.accessToken;
  const life = lifeOf(answer.expiresIn);
  token.expires_in = life;
  token.expiry_timestamp = answer.expiresAt - answer.expiresIn + life;
  token.token_type = answer.tokenType;
  if (answer.idToken !== null) token.id_token = answer.idToken;
}
