import type { Account } from '../accounts/account.js';
import type { AccountStore } from '../accounts/account-store.js';
import { landingPatches } from '../accounts/landing.js';
import { disable, type Patch } from '../accounts/patches.js';
import { NotSaved } from '../accounts/stored-account.js';
import { fingerprint } from '../ground/fingerprint.js';
import type { Condemnation, ExchangeStore, Landing, Permit, Unsaved } from '../state/exchange-store.js';
import type { StateStore } from '../state/state-store.js';

const granted: Promise<Permit> = Promise.resolve({ kind: 'granted', doubt: null });

/** The exchanges of the one process that has these account files: nobody else sends a token, so each is granted. */
export class FileExchanges implements ExchangeStore {
  constructor(
    private readonly accounts: Pick<AccountStore, 'patch'>,
    private readonly state: Pick<StateStore, 'refuse' | 'forgive' | 'setGrant' | 'dropGrant'>,
  ) {}

  intend(): () => void {
    return () => undefined;
  }

  permit(): Promise<Permit> {
    return granted;
  }

  freed(): Promise<void> {
    return Promise.resolve();
  }

  async land(landing: Landing): Promise<void> {
    const { sent, rotated, holders, grant } = landing;
    this.state.forgive(fingerprint(sent));
    this.state.setGrant(fingerprint(rotated ?? sent), grant);
    if (rotated !== null) this.state.dropGrant(fingerprint(sent));
    await Promise.all(holders.map((account) => this.save(account, landingPatches(account, landing))));
  }

  async condemn({ sent, refused, accounts }: Condemnation): Promise<Unsaved> {
    this.state.refuse(fingerprint(sent), refused);
    const doomed = accounts.filter(({ disabled }) => disabled === null);
    const patch = disable(sent, refused.at, refused.reason);
    const faults = await Promise.all(
      doomed.map(async (account) => [account.id, await this.save(account, [patch])] as const),
    );
    return new Map(faults.flatMap(([id, why]) => (why === null ? [] : [[id, why] as const])));
  }

  letGo(): void {
    // nobody waits for it
  }

  onBack(): () => void {
    return () => undefined;
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  /** @returns why it is in memory only; null: it is saved */
  private async save({ id }: Account, patches: readonly Patch[]): Promise<string | null> {
    const saved = await Promise.all(patches.map((patch) => this.accounts.patch(id, patch).then(noFault, whyNotSaved)));
    return saved.find((why) => why !== null) ?? null;
  }
}

const noFault = (): null => null;

/** The store shows what is not saved, and tries again by itself. @throws what else went wrong */
function whyNotSaved(error: unknown): string {
  if (error instanceof NotSaved) return error.reason;
  throw error;
}
