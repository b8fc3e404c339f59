import { tokenText } from '../contract/token-text.js';
import type { ImportRequest, ImportVerdict, Progress, ReaddRequest, ReaddResult } from '../contract/operations.js';
import type { Holders } from '../grants/holders.js';
import type { Recovery } from './recover.js';

/** Imports tokens of other programs, each verified like a re-add. */
export class TokenImports {
  constructor(
    private readonly holders: Pick<Holders, 'withToken'>,
    private readonly recovery: Pick<Recovery, 'readd' | 'resume'>,
  ) {}

  async take(request: ImportRequest, gone?: AbortSignal): Promise<ImportVerdict> {
    const refreshToken = tokenText(request.refreshToken);
    const holder = this.holder(refreshToken);
    if (holder !== null) {
      const text = `${holder} is here already with this very refresh token; nothing was changed`;
      return { outcome: 'unchanged', email: holder, text };
    }
    const warnings: string[] = [];
    const listen = ({ step, status, text }: Progress): void => {
      if (status === 'warning') warnings.push(`${step}: ${text}`);
    };
    const asPasted: ReaddRequest = { accountId: null, refreshToken, client: request.client, otherAccount: 'accept' };
    const result = await this.recovery.readd(asPasted, listen, request, gone);
    if ('pending' in result) await this.recovery.resume(result.pending, 'drop', listen);
    return verdictOn(result, warnings);
  }

  /**
   * The e-mail of the account that serves with this token; null: there is none. A disabled account does not count, nor
   * one that is not on disk: for those, asking Google is worth while.
   */
  private holder(refreshToken: string): string | null {
    const holder = this.holders.withToken(refreshToken).find(({ unreadable }) => unreadable === null);
    if (holder === undefined || holder.held || holder.notSaved !== null) return null;
    return holder.account?.disabled === null ? holder.account.email : null;
  }
}

function verdictOn(result: ReaddResult, warnings: readonly string[]): ImportVerdict {
  const text = [result.text, ...warnings].join('; ');
  switch (result.outcome) {
    case 'saved':
      return { outcome: result.created ? 'added' : 're-added', email: result.email, text };
    case 'not_saved':
      return { outcome: 'not_saved', email: result.email, text };
    case 'refused':
      return { outcome: 'refused', email: null, text };
    case 'unavailable':
    case 'identity_unknown':
    case 'other_account':
      return { outcome: 'unavailable', email: null, text };
  }
}
