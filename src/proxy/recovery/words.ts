import { english } from '../../store/words/saying.js';
import { LONGEST_TOKEN_BYTES } from '../contract/token-text.js';
import type { Progress, ReaddResult } from '../contract/operations.js';
import { causes, type Cause } from '../contract/causes.js';
import { ClientRefused, GrantRefused, NotAsked, TokenEndpointUnavailable, type RefreshError } from '../oauth/errors.js';
import type { Saved } from './verified-token.js';

/** What is wrong with a pasted text, before Google is asked; the format of tokens is not judged. */
export function pasteFault(token: string): string | null {
  if (token === '') return 'there is no token to check: paste the refresh token first';
  const bytes = Buffer.byteLength(token);
  if (bytes <= LONGEST_TOKEN_BYTES) return null;
  return `${bytes} bytes are too long for a refresh token (at most ${LONGEST_TOKEN_BYTES}); nothing was sent`;
}

/** Why a token was not accepted, and that nothing was changed. */
export function refusal(error: RefreshError): Extract<ReaddResult, { outcome: 'refused' | 'unavailable' }> {
  const cause: Cause =
    error instanceof GrantRefused && /^bad request$/i.test(error.words) ? 'token_malformed' : error.cause;
  if (error instanceof TokenEndpointUnavailable) {
    const why = error.isOfBoxes
      ? `nothing was sent: ${error.words}; another box may be sending this token`
      : `nobody could be asked: ${error.message}; ${causes[cause].short}`;
    return { outcome: 'unavailable', cause, text: `${why}; nothing was changed, try again` };
  }
  if (error instanceof NotAsked) {
    return { outcome: 'refused', cause, text: `nothing was sent: ${error.words}; ${causes[cause].next}` };
  }
  const whose = error instanceof ClientRefused ? 'the OAuth client' : 'this token';
  return {
    outcome: 'refused',
    cause,
    text: `Google refused ${whose}: ${error.message} (${causes[cause].short}); nothing was changed`,
  };
}

/** Asks whether a token of another account than the selected one is to be saved. */
export const otherAccountText = (email: string, other: string, isNew: boolean): string =>
  isNew
    ? english('this token belongs to {email}, which is new here, not to {other}: save it for {email}?', {
        email,
        other,
      })
    : english('this token belongs to {email}, which is here too, not to {other}: save it for {email}?', {
        email,
        other,
      });

/** Why an account is still out although its token was renewed. */
export function keptOutText(state: string, reason: string): string {
  if (state === 'proxy_disabled') return `still off: ${reason}; e puts it back`;
  return `still out (${state}): ${reason}`;
}

/** Where a credential is that the database does not have. */
const SPOOLED = "it lies sealed in this box's spool until the database has it";

/** How the saving ended, for the form. */
export function savedText({ notSaved, isInMemoryOnly }: Saved, isNew: boolean): [Progress['status'], string] {
  if (notSaved === null) return ['done', isNew ? 'a new account' : ''];
  return isInMemoryOnly ? ['failed', notSaved] : ['warning', `${notSaved}; ${SPOOLED}`];
}

/** How a re-add ended, in one line. */
export function resultText(
  email: string,
  created: boolean,
  { notSaved, isInMemoryOnly }: Saved,
  keptOut: string | null,
): string {
  const done = `${email} is ${created ? 'added' : 're-added'}`;
  if (notSaved !== null && isInMemoryOnly) {
    const serves = keptOut ?? 'it serves from memory, and is lost with this process';
    return `${done}, but not saved: ${notSaved} (the write is tried again); ${serves}`;
  }
  if (notSaved !== null) {
    const serves = keptOut === null ? ', and serves' : `; ${keptOut}`;
    return `${done}, but not saved: ${notSaved}; ${SPOOLED}${serves}`;
  }
  return `${done}${keptOut === null ? ' and ready' : `; ${keptOut}`}`;
}

/** If there are more than this, the others are counted instead of named. */
const NAMED = 3;

/** The first names, and how many there are beside them: however many they are, it is one line. */
export const fewNames = (names: readonly string[]): string =>
  names.length <= NAMED ? names.join(', ') : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
