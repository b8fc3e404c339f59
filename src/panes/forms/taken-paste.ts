/** What a form for refresh tokens makes of a paste: one token, several, or nothing that it can take, and why. */
import { LONGEST_TOKEN_BYTES } from '../../proxy/contract/token-text.js';
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { FormNote, Tone } from './form-host.js';
import type { Paste } from '../terminal/keys.js';
import { tokensOf, type PastedTokens } from './pasted-tokens.js';
import { grouped } from '../../store/words/counted.js';
import { clauses, tell } from '../../store/words/tongue.js';

type Client = Snapshot['clients'][number];

/** The form that it was pasted into. */
export interface PasteTarget {
  /** Whether it takes several tokens: only a form that adds accounts does. */
  readonly takesSeveral: boolean;
  readonly clients: readonly Client[];
  /** The client that was chosen before. */
  readonly chosen: Client | null;
  /** Bytes that the field holds already. */
  readonly held: number;
}

export type TakenPaste =
  | { readonly kind: 'nothing'; readonly note: FormNote }
  | {
      readonly kind: 'one';
      readonly token: string;
      readonly issuer: Client | undefined;
      readonly note: FormNote | null;
    }
  | {
      readonly kind: 'several';
      /** Each with the name of the client to ask with, where one is known. */
      readonly tokens: readonly { readonly token: string; readonly client: string | null }[];
      readonly note: FormNote;
    };

/** How a paste begins that has more than one token. */
const LIST = /^\s*[[{]|\S[\r\n]+\S/;

export function takenPaste(paste: Paste, target: PasteTarget): TakenPaste {
  const pasted = tokensOf(paste.text);
  const [only] = pasted.tokens;
  const count = pasted.tokens.length;
  if (target.takesSeveral && (count > 1 || (paste.cut && LIST.test(paste.text)))) return several(pasted, paste, target);
  if (count > 1)
    return nothing(tell('{n} tokens were pasted, this form takes one; Esc, then a takes several', { n: count }));
  const token = only?.token ?? '';
  const size = target.held + Math.max(Buffer.byteLength(token), paste.cut ? paste.bytes : 0);
  if (token === '') return nothing(tell('the paste was empty: nothing taken'));
  if (size > LONGEST_TOKEN_BYTES) return tooMuch(size);
  const said = only?.client ?? null;
  const issuer = issuerOf(said, target.clients);
  return { kind: 'one', token, issuer, note: noteOf(paste, token, pasted.from, issuer === undefined ? said : null) };
}

const nothing = (text: string): TakenPaste => ({ kind: 'nothing', note: { text, tone: 'warn' } });

/** The answer to a paste that is longer than any token. */
export const tooMuch = (size: number): Extract<TakenPaste, { kind: 'nothing' }> => ({
  kind: 'nothing',
  note: {
    text: tell('{size} bytes are no refresh token ({most} at most): nothing taken', {
      size: grouped(size),
      most: grouped(LONGEST_TOKEN_BYTES),
    }),
    tone: 'warn',
  },
});

/** Takes a list whole or not at all, since half a list would end in half a token. */
function several({ tokens, from }: PastedTokens, { cut, unfinished, bytes }: Paste, target: PasteTarget): TakenPaste {
  if (cut || unfinished) {
    const why = cut
      ? tell('{n} bytes were pasted, more than are kept', { n: grouped(bytes) })
      : tell('the terminal did not say where the paste ends');
    return nothing(tell('{why}: nothing taken; regrant import takes a file of them', { why }));
  }
  const issuers = tokens.map(({ client }) => issuerOf(client, target.clients));
  const foreign = tokens.filter(({ client }, at) => client !== null && issuers[at] === undefined).length;
  const lack =
    foreign === 0
      ? ''
      : foreign === 1
        ? tell('1 OAuth client of theirs not configured here')
        : tell('{n} OAuth clients of theirs not configured here', { n: grouped(foreign) });
  const tone: Tone = foreign === 0 ? 'plain' : 'warn';
  const taken = tell('{n} tokens taken ({source}); Enter checks and saves each', {
    n: tokens.length,
    source: from ?? '',
  });
  return {
    kind: 'several',
    tokens: tokens.map(({ token }, at) => ({ token, client: (issuers[at] ?? target.chosen)?.name ?? null })),
    note: {
      text: lack === '' ? taken : clauses(taken, lack),
      tone,
    },
  };
}

/** The configured client of this name or id; undefined where there is none. */
const issuerOf = (said: string | null, clients: readonly Client[]): Client | undefined =>
  clients.find(({ name, id }) => said !== null && (name === said || id === said));

/** What was changed in the pasted text, if it was not just the token. */
function noteOf(
  { text, unfinished }: Paste,
  token: string,
  from: string | null,
  unknownClient: string | null,
): FormNote | null {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '').length;
  if (unfinished)
    return { text: tell('the terminal did not say where the paste ends: check its length'), tone: 'warn' };
  if (unknownClient !== null) {
    const client = tell('its OAuth client ({client}) is not configured here', { client: unknownClient });
    return {
      text: tell('taken out of {source}; {client}: Esc, then O sets one up', { source: from ?? '', client }),
      tone: 'warn',
    };
  }
  if (from !== null)
    return {
      text: tell('the refresh token was taken out of {source}; Enter sends it', { source: from }),
      tone: 'plain',
    };
  if (lines > 1) return { text: tell('{n} lines joined into one token; Enter sends it', { n: lines }), tone: 'plain' };
  return token === text ? null : { text: tell('white space taken out of the paste; Enter sends it'), tone: 'plain' };
}
