/** Several tokens that were pasted together: each is checked and saved by itself, and comes to an outcome of its own. */
import { tokenName, type TokenName } from '../../proxy/contract/snapshot.js';
import type { Operations, Progress, ReaddResult, Said } from '../../proxy/contract/operations.js';
import type { FormNote } from './form-host.js';
import { stepNames } from './steps.js';
import { wordsOf } from '../text/text.js';

/** What came of a token; `warning`: it was taken, but is not on disk yet, or its account is still kept out; there is nothing to ask again. */
export type TokenOutcome = 'waiting' | 'checking' | 'saved' | 'warning' | 'refused';

export interface BatchEntry {
  readonly name: TokenName;
  readonly outcome: TokenOutcome;
  readonly text: string;
}

interface Entry {
  readonly name: TokenName;
  /** Forgotten once it is taken. */
  token: string;
  readonly client: string | null;
  /** Google took it, but whose it is nobody knows yet: by this name it is asked about again, without a second exchange. */
  pending: string | null;
  outcome: TokenOutcome;
  text: string;
}

type BatchOperations = Pick<Operations, 'readd' | 'resume'>;

export class TokenBatch {
  private readonly held: Entry[];

  constructor(
    tokens: readonly { readonly token: string; readonly client: string | null }[],
    private readonly operations: BatchOperations,
  ) {
    this.held = tokens.map(({ token, client }): Entry => ({
      name: tokenName(token),
      token,
      client,
      pending: null,
      outcome: 'waiting',
      text: '',
    }));
  }

  get entries(): readonly BatchEntry[] {
    return this.held;
  }
  /** On disk, and nothing keeps their accounts out. */
  get saved(): number {
    return this.held.filter(({ outcome }) => outcome === 'saved').length;
  }
  /** Some may be asked about again. */
  get isOpen(): boolean {
    return !this.held.every(isTaken);
  }

  /** How it went, once all were asked about. */
  get summary(): FormNote {
    const { saved, isOpen, entries } = this;
    if (saved === entries.length) return { text: `${saved} of ${saved} saved and in the pool`, tone: 'good' };
    const others = isOpen
      ? 'Enter asks again about the others, Ctrl-U takes them away'
      : 'see what is said of the others';
    return { text: `${saved} of ${entries.length} saved and in the pool; ${others}`, tone: 'warn' };
  }

  /** One after the other: Google is asked about each; those that are taken already are left alone. */
  async run(changed: () => void): Promise<void> {
    for (const entry of this.held) {
      if (isTaken(entry)) continue;
      entry.outcome = 'checking';
      changed();
      this.judge(entry, await this.ask(entry, changed));
      changed();
    }
  }

  private judge(entry: Entry, result: ReaddResult | Said): void {
    entry.text = result.text;
    entry.pending = 'pending' in result ? result.pending : null;
    if ('accountId' in result) {
      entry.outcome = result.outcome === 'saved' && result.keptOut === null ? 'saved' : 'warning';
      entry.token = '';
    } else entry.outcome = 'refused';
  }

  private async ask(entry: Entry, changed: () => void): Promise<ReaddResult | Said> {
    const progress = ({ step, text }: Progress): void => {
      if (entry.outcome !== 'checking') return;
      entry.text = `${stepNames[step]} ${text}`;
      changed();
    };
    const { token: refreshToken, client, pending } = entry;
    try {
      if (pending !== null) return await this.operations.resume(pending, 'retry', progress);
      const request = { accountId: null, refreshToken, client, otherAccount: 'accept' as const };
      return await this.operations.readd(request, progress);
    } catch (error) {
      return { ok: false, text: wordsOf(error) };
    }
  }

  /** The tokens are not needed any more. */
  forget(): void {
    for (const entry of this.held) {
      entry.token = '';
      // an attached screen may have lost its supervisor, which forgets it then by itself
      if (entry.pending !== null) this.operations.resume(entry.pending, 'drop', nothing).catch(nothing);
      entry.pending = null;
    }
  }
}

const isTaken = ({ outcome }: Entry): boolean => outcome === 'saved' || outcome === 'warning';
const nothing = (): void => undefined;
