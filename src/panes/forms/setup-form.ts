/** The OAuth client under set-up: what was typed of it, how the check with Google ended, and what comes after it. */
import type { Operations, Said } from '../../proxy/contract/operations.js';
import { Field } from './field.js';
import type { Key, Paste } from '../terminal/keys.js';
import { pastedClient, type PastedClient } from './pasted-client.js';
import type { Note, Tone } from './form-host.js';

/** Longer ones than Google makes are refused when they are saved, with a word about it. */
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
  /** A word at the foot of the screen, for news that comes when this is closed. */
  say(text: string, tone: Tone): void;
  /** On to a login with Google. */
  login(): void;
  /** On to the form for a refresh token. */
  paste(): void;
}

/** Which client is set up, and what is known of it. */
export interface SetupClient {
  /** Null: the default one. */
  readonly name: string | null;
  /** Its id now; empty where it is not configured. */
  readonly id: string;
}

export class SetupForm {
  readonly id = new Field(LONGEST);
  readonly secret = new Field(LONGEST);
  #at: SetupField = 'id';
  #phase: SetupPhase = 'editing';
  #note: Note | null = null;
  #closed = false;

  constructor(
    readonly client: SetupClient,
    private readonly host: SetupHost,
  ) {
    this.id.set(client.id);
  }

  get phase(): SetupPhase {
    return this.#phase;
  }
  get note(): Note | null {
    return this.#note;
  }
  /** The field that letters go into. */
  get at(): SetupField {
    return this.#at;
  }

  /** `closed` once there is nothing left to show. */
  key(key: Key): 'open' | 'closed' {
    if (key.name === 'escape') return this.#close();
    if (this.#phase === 'saved') return this.#goOn(key.name);
    if (this.#phase === 'editing') this.#edit(key);
    return 'open';
  }

  /** A line end in a paste sends nothing; an id and a secret go where they belong. */
  paste({ text, cut }: Paste): void {
    if (this.#phase !== 'editing') {
      this.host.say('paste ignored: nothing can be typed now', 'warn');
      return;
    }
    const known = cut ? null : pastedClient(text);
    if (text.trim() === '') this.#tell('the paste was empty: nothing taken', 'warn');
    else if (known !== null) this.#take(known);
    else if (cut || !this[this.#at].insert(text.replace(/\s+/g, ''))) {
      this.#tell(`that is too long for a client ${this.#at}: nothing taken`, 'warn');
    } else this.#note = null;
  }

  #take({ id, secret, kind }: PastedClient): void {
    if (id !== null) this.id.set(id);
    if (secret !== null) this.secret.set(secret);
    this.#at = id === null && this.id.text === '' ? 'id' : 'secret';
    const both = id !== null && secret !== null;
    if (kind === 'web') {
      this.#tell('this client is of the type Web application: o (log in) needs one of the type Desktop app', 'warn');
    } else if (both) this.#tell('id and secret are there; Enter checks and saves them', 'plain');
    else this.#tell(id === null ? 'that is the secret' : 'that is the id; the secret is next', 'plain');
  }

  #edit(key: Key): void {
    if (['tab', 'S-tab', 'up', 'down'].includes(key.name)) this.#at = this.#at === 'id' ? 'secret' : 'id';
    else if (key.name !== 'enter') {
      if (this[this.#at].key(key)) this.#note = null;
    } else if (this.#at === 'id' && this.id.text !== '' && this.secret.text === '') this.#at = 'secret';
    else this.#submit();
  }

  #submit(): void {
    const { client } = this;
    this.#phase = 'checking';
    this.#note = null;
    this.host.operations
      .setUpClient({ client: client.name, id: this.id.text.trim(), secret: this.secret.text.trim() })
      .then(
        (said) => this.#ended(said),
        (error: unknown) => this.#ended({ ok: false, text: error instanceof Error ? error.message : String(error) }),
      );
  }

  #ended({ ok, text }: Said): void {
    this.#phase = ok ? 'saved' : 'editing';
    if (ok) this.secret.clear();
    this.#tell(text, ok ? 'good' : 'warn');
    if (this.#closed) this.host.say(text, ok ? 'good' : 'warn');
    this.host.changed();
  }

  #goOn(name: string): 'open' | 'closed' {
    if (name === 'o') this.host.login();
    else if (name === 'a') this.host.paste();
    else if (name !== 'enter') return 'open';
    return 'closed';
  }

  #tell(text: string, tone: Tone): void {
    this.#note = { text, tone };
  }

  #close(): 'closed' {
    this.#closed = true;
    this.secret.clear();
    if (this.#phase === 'checking') this.host.say('the check goes on; how it ends is said here', 'plain');
    return 'closed';
  }
}
