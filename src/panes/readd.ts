/** A re-add under way: the pasted token, the questions on the way, and how far it has come. */
import { tokenName, type AccountRow, type Snapshot, type TokenName } from '../proxy/snapshot.js';
import type { Progress, RegrantResult, RegrantStep, Said } from '../proxy/supervisor.js';
import { TokenBatch } from './batch.js';
import { Field } from './field.js';
import type { FormHost, Note, Tone } from './formhost.js';
import type { Key, Paste } from './keys.js';
import { stripped, tokensOf, type PastedTokens } from './pasted-tokens.js';
import { grouped, plural } from './text.js';

/** Refresh tokens have about a hundred characters; whatever is longer than this is something else. */
export const LONGEST_TOKEN = 8192;
/** In a field `O` is text. */
const NO_CLIENT = 'nothing was sent: there is no OAuth client yet; Ctrl-O sets it up';
/** How long a success stays in sight. */
const CLOSES_AFTER_MS = 3000;
/** How long the form waits for the first request after a success. */
const AWAITS_SERVED_MS = 8000;
/** A token that was pasted and left is forgotten. */
const FORGOTTEN_AFTER_MS = 5 * 60_000;

/**
 * - `editing`: letters go into the field.
 * - `checking`: Google is being asked; nothing can be typed.
 * - `other_account`, `identity_unknown`: a question waits for a key.
 * - `saved`: done.
 */
export type Phase = 'editing' | 'checking' | 'other_account' | 'identity_unknown' | 'saved';

/** How a paste begins or goes on that holds more than a token. */
const LIST = /^\s*[[{]|\S[\r\n]+\S/;

/** Why a paste is not taken now. */
const ignoring: Record<Exclude<Phase, 'editing'>, string> = {
  checking: 'a check is under way',
  other_account: 'a question waits for its answer',
  identity_unknown: 'a question waits for its answer',
  saved: 'this form is done, Esc closes it',
};

export class ReaddForm {
  readonly field = new Field(LONGEST_TOKEN);
  readonly steps = new Map<RegrantStep, Progress>();
  readonly accountId: string | null;
  readonly email: string | null;
  /** Several tokens at once, where they were pasted so; only when adding. */
  #batch: TokenBatch | null = null;
  #note: Note | null = null;
  #phase: Phase = 'editing';
  #pending: string | null = null;
  /** -1: nobody chose, so the issuer decides. */
  #client = -1;
  #closed = false;
  #closesAt = Infinity;
  #touchedAt: number;
  /** Name of the token that was sent last, shown after the token itself is forgotten. */
  #sent: TokenName | null = null;

  /** @param account - the row under which it opens; null adds whoever the token belongs to */
  constructor(
    account: Pick<AccountRow, 'id' | 'email'> | null,
    readonly known: { readonly refreshToken: TokenName | null; readonly clientName: string | null },
    readonly clients: Snapshot['clients'],
    private readonly host: FormHost,
  ) {
    this.accountId = account?.id ?? null;
    this.email = account?.email ?? null;
    this.#touchedAt = host.now();
  }

  get note(): Note | null {
    return this.#note;
  }
  get phase(): Phase {
    return this.#phase;
  }
  get batch(): TokenBatch | null {
    return this.#batch;
  }
  get closed(): boolean {
    return this.#closed;
  }

  /** The client that was chosen, else null. */
  get chosenClient(): Snapshot['clients'][number] | null {
    return this.clients[this.#client] ?? null;
  }

  /** Name of the token in the field, else of the one sent last. */
  get token(): TokenName | null {
    const text = stripped(this.field.text);
    if (text === '') return this.#sent;
    return tokenName(text);
  }

  /** When it closes or forgets by itself, ms since 1970. */
  get nextChange(): number {
    return Math.min(this.#closesAt, this.#forgetsAt);
  }

  /** When a token that nobody comes back to is forgotten; never while Google is asked about it, or once it is saved. */
  get #forgetsAt(): number {
    const holds = this.field.text !== '' || this.#batch !== null || this.#pending !== null;
    const waits = this.#phase !== 'checking' && this.#phase !== 'saved';
    return holds && waits ? this.#touchedAt + FORGOTTEN_AFTER_MS : Infinity;
  }

  /** Does what is due by now. */
  tick(now: number): void {
    if (now >= this.#closesAt) this.close();
    else if (now >= this.#forgetsAt) this.#forget();
  }

  #forget(): void {
    this.field.clear();
    if (this.#batch !== null) this.#takeAway(this.#batch);
    this.#drop();
    this.#back('left for five minutes: the token was forgotten');
  }

  close(): void {
    this.#closed = true;
    if (this.#phase === 'checking') this.host.say('the check goes on; how it ends is said here', 'plain');
    this.field.clear();
    if (this.#phase !== 'checking') this.#batch?.forget();
    if (this.#pending !== null && this.#phase !== 'checking') this.#drop();
    this.host.changed();
  }

  key(key: Key): void {
    this.#touchedAt = this.host.now();
    if (key.name === 'escape') this.close();
    else if (this.#phase === 'editing') this.#edit(key);
    else if (this.#phase === 'saved' && key.name === 'enter') this.close();
    else if (this.#phase === 'other_account' || this.#phase === 'identity_unknown') this.#answer(key.name);
  }

  #edit(key: Key): void {
    if (key.name === 'enter') this.#submit();
    else if (key.name === 'C-u' && this.#batch !== null) this.#takeAway(this.#batch);
    else if (this.#batch !== null && key.text !== null)
      this.#tell('Ctrl-U takes the pasted tokens away first', 'plain');
    else if (key.name === 'tab' || key.name === 'S-tab') this.#chooseClient();
    else if (key.name === 'C-o') this.host.login();
    else if (key.text !== null && this.field.text.length >= LONGEST_TOKEN) this.#tooMuch(this.field.text.length + 1);
    else if (this.field.key(key)) this.#note = null;
  }

  #takeAway(batch: TokenBatch): void {
    batch.forget();
    this.#batch = null;
    this.#note = null;
  }

  /** A paste goes into the field whatever it holds; a line end in it sends nothing. */
  paste(paste: Paste): void {
    this.#touchedAt = this.host.now();
    if (this.#phase !== 'editing') {
      // at the foot: what is asked stays to be read
      this.host.say(`paste ignored: ${ignoring[this.#phase]}`, 'warn');
      return;
    }
    const pasted = tokensOf(paste.text);
    const [only] = pasted.tokens;
    const isList = pasted.tokens.length > 1 || (paste.cut && LIST.test(paste.text));
    if (isList && this.accountId === null) {
      this.#takeSeveral(pasted, paste);
      return;
    }
    if (pasted.tokens.length > 1) {
      this.#tell(`${pasted.tokens.length} tokens were pasted, this form takes one; Esc, then a takes several`, 'warn');
      return;
    }
    if (this.#batch !== null) this.#takeAway(this.#batch);
    const token = only?.token ?? '';
    const unknown = this.#useClient(only?.client ?? null);
    const size = this.field.text.length + Math.max(token.length, paste.cut ? paste.bytes : 0);
    if (token === '') this.#tell('the paste was empty: nothing taken', 'warn');
    else if (size > LONGEST_TOKEN || !this.field.insert(token)) this.#tooMuch(size);
    else this.#note = pasteNote(paste, token, pasted.from, unknown);
  }

  /** Half a list would end in half a token: it is taken whole, or not at all. */
  #takeSeveral({ tokens, from }: PastedTokens, { cut, unfinished, bytes }: Paste): void {
    if (cut || unfinished) {
      const why = cut
        ? `${grouped(bytes)} bytes were pasted, more than are kept`
        : 'the terminal did not say where the paste ends';
      this.#tell(`${why}: nothing taken; regrant import takes a file of them`, 'warn');
      return;
    }
    this.field.clear();
    if (this.#batch !== null) this.#takeAway(this.#batch);
    this.#batch = new TokenBatch(
      tokens.map(({ token, client }) => ({
        token,
        client: this.#issuer(client)?.name ?? this.chosenClient?.name ?? null,
      })),
      this.host.operations,
    );
    const foreign = tokens.filter(({ client }) => client !== null && this.#issuer(client) === undefined);
    const note =
      foreign.length === 0 ? '' : `; ${plural(foreign.length, 'OAuth client')} of theirs not configured here`;
    this.#tell(
      `${tokens.length} tokens taken (${from ?? ''}); Enter checks and saves each${note}`,
      foreign.length === 0 ? 'plain' : 'warn',
    );
  }

  /** The configured client of this name or id; undefined where there is none. */
  #issuer(said: string | null): Snapshot['clients'][number] | undefined {
    return this.clients.find(({ name, id }) => said !== null && (name === said || id === said));
  }

  /** Asks with the client that the paste names. @returns how it is called where it is not configured here, else null */
  #useClient(said: string | null): string | null {
    const issuer = this.#issuer(said);
    if (issuer === undefined) return said;
    if (this.clients.length > 1) this.#client = this.clients.indexOf(issuer);
    return null;
  }

  #tooMuch(size: number): void {
    const text = `${grouped(size)} characters are no refresh token (${grouped(LONGEST_TOKEN)} at most): nothing taken`;
    this.#tell(text, 'warn');
  }

  #tell(text: string, tone: Tone): void {
    this.#note = { text, tone };
  }

  #chooseClient(): void {
    if (this.#batch !== null)
      this.#tell('the client is chosen before the paste: Ctrl-U takes the tokens away', 'plain');
    else if (this.clients.length > 1) this.#client = this.#client + 1 < this.clients.length ? this.#client + 1 : -1;
    else if (this.clients.length === 1) this.#tell('only one OAuth client is configured', 'plain');
    else this.#tell(NO_CLIENT, 'warn');
  }

  #submitSeveral(batch: TokenBatch): void {
    this.#phase = 'checking';
    this.#note = null;
    void batch
      .run(() => this.host.changed())
      .then(() => {
        if (this.#closed) batch.forget();
        const { saved, isOpen, entries } = batch;
        const isAll = saved === entries.length;
        this.#phase = isOpen ? 'editing' : 'saved';
        const others = isOpen
          ? '; Enter asks again about the others, Ctrl-U takes them away'
          : '; see what is said of the others';
        this.#tell(
          `${saved} of ${entries.length} saved and in the pool${isAll ? '' : others}`,
          isAll ? 'good' : 'warn',
        );
        this.#afterwards();
      });
  }

  #submit(): void {
    if (this.#batch !== null) {
      this.#submitSeveral(this.#batch);
      return;
    }
    const refreshToken = stripped(this.field.text);
    if (refreshToken === '') {
      this.#tell('nothing to send: paste the token first', 'warn');
      return;
    }
    this.#sent = this.token;
    this.steps.clear();
    const client = this.chosenClient?.name ?? null;
    const request = { accountId: this.accountId, refreshToken, client, otherAccount: 'ask' as const };
    this.#run(this.host.operations.regrant(request, this.#progress));
  }

  readonly #progress = (news: Progress): void => {
    this.steps.set(news.step, news);
    const served = news.step === 'served' && news.status === 'done';
    // The last step may end long after the result: it is seen to end, here or at the foot of the screen.
    if (served && this.#closed) this.host.say(`${this.email ?? 'the new account'} serves again`, 'good');
    else if (served && this.#closesAt < Infinity) this.#closesAt = this.host.now() + CLOSES_AFTER_MS;
    this.host.changed();
  };

  #run(asked: Promise<RegrantResult | Said>): void {
    this.#phase = 'checking';
    this.#note = null;
    asked.then(
      (result) => this.#ended(result),
      (error: unknown) => this.#back(error instanceof Error ? error.message : String(error)),
    );
  }

  #ended(result: RegrantResult | Said): void {
    if (!('outcome' in result)) this.#back(result.text, result.ok ? 'plain' : 'warn');
    else if ('pending' in result) this.#asked(result);
    else if ('accountId' in result) this.#saved(result);
    else this.#back(result.cause === 'client_missing' && this.clients.length === 0 ? NO_CLIENT : result.text);
  }

  #asked({ pending, outcome, text }: Extract<RegrantResult, { readonly pending: string }>): void {
    this.#touchedAt = this.host.now();
    this.#pending = pending;
    this.#phase = outcome;
    this.#tell(text, 'warn');
    if (this.#closed) {
      // Nobody is there to answer: as if it had never been sent.
      this.#drop();
      this.host.say(`${text} The form was closed: not saved.`, 'warn');
    }
    this.host.changed();
  }

  #saved(result: Extract<RegrantResult, { readonly outcome: 'saved' | 'not_saved' }>): void {
    const clean = result.outcome === 'saved' && result.keptOut === null;
    this.#phase = 'saved';
    this.#pending = null;
    this.field.clear();
    this.#tell(result.text, clean ? 'good' : 'warn');
    const awaited = this.steps.get('served')?.status === 'running';
    if (clean) this.#closesAt = this.host.now() + (awaited ? AWAITS_SERVED_MS : CLOSES_AFTER_MS);
    this.#afterwards();
  }

  /** To the field again, value kept. */
  #back(text: string, tone: Tone = 'warn'): void {
    this.#phase = 'editing';
    this.#pending = null;
    this.#tell(text, tone);
    this.#afterwards();
  }

  #afterwards(): void {
    this.#touchedAt = this.host.now();
    if (this.#closed && this.#note !== null) this.host.say(this.#note.text, this.#note.tone);
    this.host.changed();
  }

  #answer(name: string): void {
    const yes = this.#phase === 'other_account' ? ['y'] : ['enter', 'r', 'y'];
    if (yes.includes(name) && this.#pending !== null) {
      const decision = this.#phase === 'other_account' ? 'accept' : 'retry';
      this.#run(this.host.operations.resume(this.#pending, decision, this.#progress));
    } else if (name === 'n') {
      this.#drop();
      this.#back('not saved; another token can be pasted (Ctrl-U clears this one)', 'plain');
    }
  }

  #drop(): void {
    if (this.#pending === null) return;
    const dropped = this.host.operations.resume(this.#pending, 'drop', this.#progress);
    this.#pending = null;
    dropped.catch(() => undefined);
  }
}

/** What was done to the paste, where it is not the token as it came. */
function pasteNote(
  { text, unfinished }: Paste,
  token: string,
  from: string | null,
  unknown: string | null,
): Note | null {
  const breaks = text.trim().split(/\r\n|[\r\n]/).length - 1;
  if (unfinished) return { text: 'the terminal did not say where the paste ends: check its length', tone: 'warn' };
  if (unknown !== null) {
    const client = `its OAuth client (${unknown}) is not configured here`;
    return { text: `taken out of ${from ?? ''}; ${client}: O sets one up`, tone: 'warn' };
  }
  if (from !== null) return { text: `the refresh token was taken out of ${from}; Enter sends it`, tone: 'plain' };
  if (breaks > 0)
    return { text: `${plural(breaks, 'line break')} taken out of the paste; Enter sends it`, tone: 'plain' };
  return token === text ? null : { text: 'white space taken out of the paste; Enter sends it', tone: 'plain' };
}
