/** A re-add under way: the pasted token, the questions on the way, and how far it has come. */
import { tokenName, type AccountRow, type Snapshot, type TokenName } from '../../proxy/contract/snapshot.js';
import type { Progress, ReaddResult, ReaddStep, OperationReply } from '../../proxy/contract/operations.js';
import { LONGEST_TOKEN_BYTES, tokenText } from '../../proxy/contract/token-text.js';
import { TokenBatch } from './batch.js';
import { Field } from './field.js';
import { decisionOf, type FormHost, type FormNote, type Tone } from './form-host.js';
import type { Key, Paste } from '../terminal/keys.js';
import { ignoring, type ReaddPhase } from './readd-phase.js';
import { takenPaste, tooMuch, type TakenPaste } from './taken-paste.js';
import { wordsOf } from '../text/text.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { tell } from '../../store/words/tongue.js';

/** Names Ctrl-O and not `O`, which is a letter in a field. */
const NO_CLIENT: PlainWord = 'nothing was sent: there is no OAuth client yet; Ctrl-O sets it up';

/** How long a success is shown. */
const CLOSES_AFTER_MS = 3000;

/** How long the form waits for the first request after a success. */
const AWAITS_SERVED_MS = 8000;

/** After this long, a token that was pasted and left there is removed. */
const FORGOTTEN_AFTER_MS = 5 * 60_000;

export class ReaddForm {
  readonly field = new Field(LONGEST_TOKEN_BYTES);
  readonly steps = new Map<ReaddStep, Progress>();
  readonly accountId: string | null;
  readonly email: string | null;
  /** Several tokens that were pasted at once; only when adding. */
  private currentBatch: TokenBatch | null = null;
  private currentNote: FormNote | null = null;
  private currentPhase: ReaddPhase = 'editing';
  private pending: string | null = null;
  /** Index of the chosen client; -1: none was chosen, so the client that issued the token is used. */
  private client = -1;
  private isClosed = false;
  private closesAt = Infinity;
  private touchedAt: number;
  /** Name of the token that was sent last, shown after the token itself is forgotten. */
  private sent: TokenName | null = null;

  /** @param account - the row under which it opens; null adds whoever the token belongs to */
  constructor(
    account: Pick<AccountRow, 'id' | 'email'> | null,
    readonly known: { readonly refreshToken: TokenName | null; readonly clientName: string | null },
    readonly clients: Snapshot['clients'],
    private readonly host: FormHost,
  ) {
    this.accountId = account?.id ?? null;
    this.email = account?.email ?? null;
    this.touchedAt = host.now();
  }

  get note(): FormNote | null {
    return this.currentNote;
  }
  get phase(): ReaddPhase {
    return this.currentPhase;
  }
  get batch(): TokenBatch | null {
    return this.currentBatch;
  }
  get closed(): boolean {
    return this.isClosed;
  }

  /** The client that was chosen, else null. */
  get chosenClient(): Snapshot['clients'][number] | null {
    return this.clients[this.client] ?? null;
  }

  /** Name of the token in the field, else of the one sent last. */
  get token(): TokenName | null {
    const text = tokenText(this.field.text);
    if (text === '') return this.sent;
    return tokenName(text);
  }

  /** When it closes or removes a token by itself, ms since 1970. */
  get nextChange(): number {
    return Math.min(this.closesAt, this.forgetsAt);
  }

  /** When a token that was left in the field is removed; never while Google is asked about it, or once it is saved. */
  private get forgetsAt(): number {
    const holds = this.field.text !== '' || this.currentBatch !== null || this.pending !== null;
    const waits = this.currentPhase !== 'checking' && this.currentPhase !== 'saved';
    return holds && waits ? this.touchedAt + FORGOTTEN_AFTER_MS : Infinity;
  }

  /** Does what is due at `now`. */
  tick(now: number): void {
    if (now >= this.closesAt) this.close();
    else if (now >= this.forgetsAt) this.forget();
  }

  private forget(): void {
    this.field.clear();
    if (this.currentBatch !== null) this.takeAway(this.currentBatch);
    this.drop();
    this.back(tell('left for five minutes: the token was forgotten'));
  }

  close(): void {
    this.isClosed = true;
    if (this.currentPhase === 'checking') this.host.say(tell('the check goes on; how it ends is said here'), 'plain');
    this.field.clear();
    if (this.currentPhase !== 'checking') this.currentBatch?.forget();
    if (this.pending !== null && this.currentPhase !== 'checking') this.drop();
    this.host.changed();
  }

  /** @returns `closed` once there is nothing left to show */
  key(key: Key): 'open' | 'closed' {
    this.touchedAt = this.host.now();
    if (key.name === 'escape') this.close();
    else if (this.currentPhase === 'editing') this.edit(key);
    else if (this.currentPhase === 'saved' && key.name === 'enter') this.close();
    else if (this.currentPhase === 'other_account' || this.currentPhase === 'identity_unknown')
      this.answer(this.currentPhase, key.name);
    return this.isClosed ? 'closed' : 'open';
  }

  private edit(key: Key): void {
    if (key.name === 'enter') this.submit();
    else if (key.name === 'C-u' && this.currentBatch !== null) this.takeAway(this.currentBatch);
    else if (this.currentBatch !== null && key.text !== null)
      this.tell(tell('Ctrl-U takes the pasted tokens away first'), 'plain');
    else if (key.name === 'tab' || key.name === 'S-tab') this.chooseClient();
    else if (key.name === 'C-o') this.host.login();
    else if (key.text !== null && this.field.text.length >= LONGEST_TOKEN_BYTES)
      this.currentNote = tooMuch(LONGEST_TOKEN_BYTES + 1).note;
    else if (this.field.key(key)) this.currentNote = null;
  }

  private takeAway(batch: TokenBatch): void {
    batch.forget();
    this.currentBatch = null;
    this.currentNote = null;
  }

  /** A paste goes into the field, whatever it is; a line end in it sends nothing. */
  paste(paste: Paste): void {
    this.touchedAt = this.host.now();
    if (this.currentPhase !== 'editing') {
      // at the foot, so that the question stays readable
      this.host.say(tell('paste ignored: {why}', { why: tell(ignoring[this.currentPhase]) }), 'warn');
      return;
    }
    const { clients, chosenClient: chosen, field } = this;
    const taken = takenPaste(paste, {
      takesSeveral: this.accountId === null,
      clients,
      chosen,
      held: Buffer.byteLength(field.text),
    });
    if (taken.kind !== 'nothing') this.take(taken);
    this.currentNote = taken.note;
  }

  private take(taken: Exclude<TakenPaste, { kind: 'nothing' }>): void {
    if (this.currentBatch !== null) this.takeAway(this.currentBatch);
    if (taken.kind === 'several') {
      this.field.clear();
      this.currentBatch = new TokenBatch(taken.tokens, this.host.operations);
      return;
    }
    this.field.insert(taken.token);
    if (taken.issuer !== undefined && this.clients.length > 1) this.client = this.clients.indexOf(taken.issuer);
  }

  private tell(text: string, tone: Tone): void {
    this.currentNote = { text, tone };
  }

  private chooseClient(): void {
    if (this.currentBatch !== null)
      this.tell(tell('the client is chosen before the paste: Ctrl-U takes the tokens away'), 'plain');
    else if (this.clients.length > 1) this.client = this.client + 1 < this.clients.length ? this.client + 1 : -1;
    else if (this.clients.length === 1) this.tell(tell('only one OAuth client is configured'), 'plain');
    else this.tell(tell(NO_CLIENT), 'warn');
  }

  private submitSeveral(batch: TokenBatch): void {
    this.currentPhase = 'checking';
    this.currentNote = null;
    batch
      .run(() => this.host.changed())
      .then(
        () => {
          if (this.isClosed) batch.forget();
          this.currentPhase = batch.isOpen ? 'editing' : 'saved';
          this.currentNote = batch.summary;
          this.afterwards();
        },
        (error: unknown) => this.tell(String(error), 'warn'),
      );
  }

  private submit(): void {
    if (this.currentBatch !== null) {
      this.submitSeveral(this.currentBatch);
      return;
    }
    const refreshToken = tokenText(this.field.text);
    if (refreshToken === '') {
      this.tell(tell('nothing to send: paste the token first'), 'warn');
      return;
    }
    this.sent = this.token;
    this.steps.clear();
    const client = this.chosenClient?.name ?? null;
    const request = { accountId: this.accountId, refreshToken, client, otherAccount: 'ask' as const };
    this.run(this.host.operations.readd(request, this.progress));
  }

  private readonly progress = (news: Progress): void => {
    this.steps.set(news.step, news);
    const served = news.step === 'served' && news.status === 'done';
    // The last step may end long after the result: its end is shown here or at the foot of the screen.
    if (served && this.isClosed)
      this.host.say(tell('{account} serves again', { account: this.email ?? tell('the new account') }), 'good');
    else if (served && this.closesAt < Infinity) this.closesAt = this.host.now() + CLOSES_AFTER_MS;
    this.host.changed();
  };

  private run(asked: Promise<ReaddResult | OperationReply>): void {
    this.currentPhase = 'checking';
    this.currentNote = null;
    asked.then(
      (result) => this.ended(result),
      (error: unknown) => this.back(wordsOf(error)),
    );
  }

  private ended(result: ReaddResult | OperationReply): void {
    if (!('outcome' in result)) this.back(result.text, result.ok ? 'plain' : 'warn');
    else if ('pending' in result) this.asked(result);
    else if ('accountId' in result) this.saved(result);
    else this.back(result.cause === 'client_missing' && this.clients.length === 0 ? tell(NO_CLIENT) : result.text);
  }

  private asked({ pending, outcome, text }: Extract<ReaddResult, { readonly pending: string }>): void {
    this.touchedAt = this.host.now();
    this.pending = pending;
    this.currentPhase = outcome;
    this.tell(text, 'warn');
    if (this.isClosed) {
      // Nobody is there to answer the question: the token is dropped.
      this.drop();
      this.host.say(tell('{text} The form was closed: not saved.', { text }), 'warn');
    }
    this.host.changed();
  }

  private saved(result: Extract<ReaddResult, { readonly outcome: 'saved' | 'not_saved' }>): void {
    const clean = result.outcome === 'saved' && result.keptOut === null;
    this.currentPhase = 'saved';
    this.pending = null;
    this.field.clear();
    this.tell(result.text, clean ? 'good' : 'warn');
    const awaited = this.steps.get('served')?.status === 'running';
    if (clean) this.closesAt = this.host.now() + (awaited ? AWAITS_SERVED_MS : CLOSES_AFTER_MS);
    this.afterwards();
  }

  /** Goes back to the field, which keeps its text. */
  private back(text: string, tone: Tone = 'warn'): void {
    this.currentPhase = 'editing';
    this.pending = null;
    this.tell(text, tone);
    this.afterwards();
  }

  private afterwards(): void {
    this.touchedAt = this.host.now();
    if (this.isClosed && this.currentNote !== null) this.host.say(this.currentNote.text, this.currentNote.tone);
    this.host.changed();
  }

  private answer(question: 'other_account' | 'identity_unknown', key: string): void {
    const decision = decisionOf(question, key);
    if (decision === 'drop') {
      this.drop();
      this.back(tell('not saved; another token can be pasted (Ctrl-U clears this one)'), 'plain');
    } else if (decision !== null && this.pending !== null) {
      this.run(this.host.operations.resume(this.pending, decision, this.progress));
    }
  }

  private drop(): void {
    if (this.pending === null) return;
    const dropped = this.host.operations.resume(this.pending, 'drop', this.progress);
    this.pending = null;
    dropped.catch(() => undefined);
  }
}
