/** The shape of an action; the table of them is in `actions`. */
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { Desk, PaneName } from './desk.js';

export type Where = PaneName | 'everywhere';

export interface Action {
  /** Its name in the palette and for scripts and tests. */
  readonly id: string;
  /** Names as the input gives them. */
  readonly keys: readonly string[];
  /** As people write them. */
  readonly shown: string;
  /** In the foot; without one it is not shown there. */
  readonly label?: string | ((desk: Desk) => string);
  /** Keys to show in the foot where it stands for several. */
  readonly footKeys?: string;
  /** Left out of the foot before the others, where that is narrow. */
  readonly isSpare?: boolean;
  /** One line for the help. */
  readonly help: string;
  readonly where: Where;
  /** It is about what lies open, which stays so. */
  readonly isOfOpen?: boolean;
  /** Moving about: not offered in the palette. */
  readonly isMotion?: boolean;
  /** Why it cannot act now, in one line; null where it can. Always possible where this is missing. */
  readonly unavailable?: (desk: Desk) => string | null;
  readonly run: (desk: Desk) => void;
}

export const places: Record<Where, string> = {
  accounts: 'Accounts',
  log: 'Log',
  refreshes: 'Refresh events',
  everywhere: 'Everywhere',
};

/** Why it cannot act now, or null. */
export const obstacle = (action: Action, desk: Desk): string | null => action.unavailable?.(desk) ?? null;

/** A reason for keys that act on the account that is selected. */
export function withoutSelected({ accounts, snapshot }: Desk): string | null {
  if (accounts.selected !== null) return null;
  if (snapshot.accounts.length === 0) return noAccount(snapshot);
  return 'no account is listed: Esc takes the filter away';
}

/** The same for keys that act on the marked accounts too, which a filter may hide. */
export const withoutAccount = (desk: Desk): string | null =>
  desk.accounts.marked.size > 0 ? null : withoutSelected(desk);

/** What comes first where there is none. */
export const noAccount = ({ clients }: Snapshot): string =>
  `there is no account yet: ${clients.length === 0 ? 'O sets up the OAuth client first' : 'o logs in, a takes a token'}`;
