/** Several tokens that were pasted together: each is checked and saved by itself, and has a verdict of its own. */
import { createHash } from 'node:crypto';
import type { TokenName } from '../proxy/snapshot.js';
import type { Operations, Progress, RegrantResult, RegrantStep, Said } from '../proxy/supervisor.js';

export type Verdict = 'waiting' | 'checking' | 'saved' | 'refused';

export interface BatchEntry {
  readonly name: TokenName;
  readonly verdict: Verdict;
  readonly text: string;
}

interface Entry {
  readonly name: TokenName;
  /** Forgotten once it is saved. */
  token: string;
  readonly client: string | null;
  verdict: Verdict;
  text: string;
}

export const nameOf = (token: string): TokenName => ({
  length: token.length,
  sha256: createHash('sha256').update(token).digest('hex').slice(0, 8),
});

export class TokenBatch {
  readonly #entries: Entry[];

  constructor(tokens: readonly { readonly token: string; readonly client: string | null }[]) {
    this.#entries = tokens.map(({ token, client }) => ({
      ...{ name: nameOf(token), token, client },
      ...{ verdict: 'waiting' as const, text: '' },
    }));
  }

  get entries(): readonly BatchEntry[] {
    return this.#entries;
  }
  get saved(): number {
    return this.#entries.filter(({ verdict }) => verdict === 'saved').length;
  }

  /** One after the other: Google is asked about each; those that are saved already are left alone. */
  async run(operations: Pick<Operations, 'regrant'>, changed: () => void): Promise<void> {
    for (const entry of this.#entries) {
      if (entry.verdict === 'saved') continue;
      entry.verdict = 'checking';
      changed();
      const result = await this.#ask(entry, operations, changed);
      const saved = 'outcome' in result && 'accountId' in result;
      entry.verdict = saved ? 'saved' : 'refused';
      entry.text = result.text;
      if (saved) entry.token = '';
      changed();
    }
  }

  async #ask(
    entry: Entry,
    operations: Pick<Operations, 'regrant'>,
    changed: () => void,
  ): Promise<RegrantResult | Said> {
    const progress = ({ step, text }: Progress): void => {
      if (entry.verdict !== 'checking') return;
      entry.text = `${stepWords[step]} ${text}`;
      changed();
    };
    const request = {
      accountId: null,
      refreshToken: entry.token,
      client: entry.client,
      otherAccount: 'accept' as const,
    };
    try {
      return await operations.regrant(request, progress);
    } catch (error) {
      return { ok: false, text: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The tokens are not needed any more. */
  forget(): void {
    for (const entry of this.#entries) entry.token = '';
  }
}

const stepWords: Record<RegrantStep, string> = {
  exchange: 'Google takes it',
  identity: 'it belongs to',
  scopes: 'scopes',
  saved: 'saved',
  reloaded: 'pool reloaded',
  upstream: 'upstream answers',
  served: 'first request',
};
