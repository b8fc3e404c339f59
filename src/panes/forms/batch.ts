/** Several tokens that were pasted together: each is checked and saved by itself, with an outcome of its own. */
import { tokenName, type TokenName } from '../../proxy/contract/snapshot.js';
import type { Operations, Progress, ReaddResult, OperationReply } from '../../proxy/contract/operations.js';
import type { FormNote } from './form-host.js';
import { stepNames } from './steps.js';
import { wordsOf } from '../text/text.js';
import { clauses, tell } from '../../store/words/tongue.js';

/**
 * The outcome of a token; `warning`: it was accepted, but is not on disk yet or its account is still kept out, and
 * asking again would not help.
 */
export type TokenOutcome = 'waiting' | 'checking' | 'saved' | 'warning' | 'refused';

export interface BatchEntry {
  readonly name: TokenName;
  readonly outcome: TokenOutcome;
  readonly text: string;
}

interface Entry {
  readonly name: TokenName;
  /** Emptied once it is accepted. */
  token: string;
  readonly client: string | null;
  /**
   * Set if Google accepted it but did not say whose it is: the name by which to ask about that again, without a second
   * exchange.
   */
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
  /** How many are on disk and their accounts serve. */
  get saved(): number {
    return this.held.filter(({ outcome }) => outcome === 'saved').length;
  }
  /** Whether some can still be asked about again. */
  get isOpen(): boolean {
    return !this.held.every(isTaken);
  }

  /** The result in one line, once all were asked about. */
  get summary(): FormNote {
    const { saved, isOpen, entries } = this;
    if (saved === entries.length)
      return { text: tell('{n} of {all} saved and in the pool', { n: saved, all: saved }), tone: 'good' };
    const others = isOpen
      ? tell('Enter asks again about the others, Ctrl-U takes them away')
      : tell('see what is said of the others');
    const taken = tell('{n} of {all} saved and in the pool', { n: saved, all: entries.length });
    return { text: clauses(taken, others), tone: 'warn' };
  }

  /** Asks Google about one after the other, except those that were accepted already. */
  async run(changed: () => void): Promise<void> {
    for (const entry of this.held) {
      if (isTaken(entry)) continue;
      entry.outcome = 'checking';
      changed();
      this.judge(entry, await this.ask(entry, changed));
      changed();
    }
  }

  private judge(entry: Entry, result: ReaddResult | OperationReply): void {
    entry.text = result.text;
    entry.pending = 'pending' in result ? result.pending : null;
    if ('accountId' in result) {
      entry.outcome = result.outcome === 'saved' && result.keptOut === null ? 'saved' : 'warning';
      entry.token = '';
    } else entry.outcome = 'refused';
  }

  private async ask(entry: Entry, changed: () => void): Promise<ReaddResult | OperationReply> {
    const progress = ({ step, text }: Progress): void => {
      if (entry.outcome !== 'checking') return;
      entry.text = `${tell(stepNames[step])} ${text}`;
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

  /** Empties the tokens that are not needed any more. */
  forget(): void {
    for (const entry of this.held) {
      entry.token = '';
      // an attached screen may have lost its supervisor, which then forgets the token by itself
      if (entry.pending !== null) this.operations.resume(entry.pending, 'drop', nothing).catch(nothing);
      entry.pending = null;
    }
  }
}

const isTaken = ({ outcome }: Entry): boolean => outcome === 'saved' || outcome === 'warning';
const nothing = (): void => undefined;
