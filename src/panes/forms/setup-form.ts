/** The set-up of an OAuth client: what was typed, how the check with Google ended, and what comes after it. */
import type { Operations, OperationReply } from '../../proxy/contract/operations.js';
import { Field } from './field.js';
import type { Key, Paste } from '../terminal/keys.js';
import { pastedClient, type PastedClient } from './pasted-client.js';
import type { FormNote, Tone } from './form-host.js';
import { wordsOf } from '../text/text.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { tell } from '../../store/words/tongue.js';

/** The most characters of a field; what is too long for Google is refused when it is saved. */
const LONGEST = 1024;

/**
 * - `editing`: letters go into a field.
 * - `checking`: Google is being asked; nothing can be typed.
 * - `saved`: done; the first account is next.
 */
export type SetupPhase = 'editing' | 'checking' | 'saved';
export type SetupField = 'id' | 'secret';

export interface SetupHost {
  readonly operations: Pick<Operations, 'setUpClient'>;
  /** Draw again. */
  changed(): void;
  /** Shows a message at the foot of the screen, for news that comes after this was closed. */
  say(text: string, tone: Tone): void;
  /** Goes on to a login with Google. */
  login(): void;
  /** Goes on to the form for a refresh token. */
  paste(): void;
}

/** The client that is set up, and what is known of it. */
export interface SetupClient {
  /** Null: the default one. */
  readonly name: string | null;
  /** Its id now; empty where it is not configured. */
  readonly id: string;
  /** Whether the settings have a secret that stays unless another one is given. */
  readonly hasSecret: boolean;
}

const NO_SECRET: PlainWord =
  'there is no secret, and none is stored: the Google Cloud console shows one for a desktop client; Enter again saves it without';

export class SetupForm {
  readonly id = new Field(LONGEST);
  readonly secret = new Field(LONGEST);
  private active: SetupField = 'id';
  private currentPhase: SetupPhase = 'editing';
  private currentNote: FormNote | null = null;
  private closed = false;
  /** The question about the missing secret was shown, and nothing was typed since. */
  private wasAsked = false;

  constructor(
    readonly client: SetupClient,
    private readonly host: SetupHost,
  ) {
    this.id.set(client.id);
  }

  get phase(): SetupPhase {
    return this.currentPhase;
  }
  get note(): FormNote | null {
    return this.currentNote;
  }
  /** The field that letters go into. */
  get at(): SetupField {
    return this.active;
  }

  /** @returns `closed` once there is nothing left to show */
  key(key: Key): 'open' | 'closed' {
    if (key.name === 'escape') return this.close();
    if (this.currentPhase === 'saved') return this.goOn(key.name);
    if (this.currentPhase === 'editing') this.edit(key);
    return 'open';
  }

  /** A line end in a paste sends nothing; an id and a secret go into their fields. */
  paste({ text, cut }: Paste): void {
    if (this.currentPhase !== 'editing') {
      this.host.say(tell('paste ignored: nothing can be typed now'), 'warn');
      return;
    }
    const known = cut ? null : pastedClient(text);
    if (text.trim() === '') this.tell(tell('the paste was empty: nothing taken'), 'warn');
    else if (known !== null) this.take(known);
    else if (cut || !this[this.active].insert(text.replace(/\s+/g, ''))) {
      this.tell(
        tell('that is too long for a client {field}: nothing taken', {
          field: this.active === 'id' ? 'id' : tell('secret'),
        }),
        'warn',
      );
    } else this.currentNote = null;
  }

  private take({ id, secret, kind }: PastedClient): void {
    if (id !== null) this.id.set(id);
    if (secret !== null) this.secret.set(secret);
    this.active = id === null && this.id.text === '' ? 'id' : 'secret';
    const both = id !== null && secret !== null;
    if (kind === 'web') {
      this.tell(
        tell('this client is of the type Web application: o (log in) needs one of the type Desktop app'),
        'warn',
      );
    } else if (both) this.tell(tell('id and secret are there; Enter checks and saves them'), 'plain');
    else this.tell(id === null ? tell('that is the secret') : tell('that is the id; the secret is next'), 'plain');
  }

  private edit(key: Key): void {
    if (['tab', 'S-tab', 'up', 'down'].includes(key.name)) this.active = this.active === 'id' ? 'secret' : 'id';
    else if (key.name !== 'enter') {
      if (!this[this.active].key(key)) return;
      this.currentNote = null;
      this.wasAsked = false;
    } else if (this.active === 'id' && this.id.text !== '' && this.secret.text === '') this.active = 'secret';
    else if (this.lacksSecret && !this.wasAsked) this.ask();
    else this.submit();
  }

  /** Whether there is no secret: none was typed, and none is stored that would stay. */
  private get lacksSecret(): boolean {
    const id = this.id.text.trim();
    return id !== '' && this.secret.text.trim() === '' && !(this.client.hasSecret && this.client.id === id);
  }

  private ask(): void {
    this.wasAsked = true;
    this.tell(tell(NO_SECRET), 'warn');
  }

  private submit(): void {
    const { client } = this;
    this.currentPhase = 'checking';
    this.currentNote = null;
    this.host.operations
      .setUpClient({
        ...{ client: client.name, id: this.id.text.trim(), secret: this.secret.text.trim() },
        ...(this.lacksSecret && { withoutSecret: true }),
      })
      .then(
        (said) => this.ended(said),
        (error: unknown) => this.ended({ ok: false, text: wordsOf(error) }),
      );
  }

  private ended({ ok, text }: OperationReply): void {
    this.currentPhase = ok ? 'saved' : 'editing';
    if (ok) this.secret.clear();
    this.tell(text, ok ? 'good' : 'warn');
    if (this.closed) this.host.say(text, ok ? 'good' : 'warn');
    this.host.changed();
  }

  private goOn(name: string): 'open' | 'closed' {
    if (name === 'o') this.host.login();
    else if (name === 'a') this.host.paste();
    else if (name !== 'enter') return 'open';
    return 'closed';
  }

  private tell(text: string, tone: Tone): void {
    this.currentNote = { text, tone };
  }

  private close(): 'closed' {
    this.closed = true;
    this.secret.clear();
    if (this.currentPhase === 'checking') this.host.say(tell('the check goes on; how it ends is said here'), 'plain');
    return 'closed';
  }
}
