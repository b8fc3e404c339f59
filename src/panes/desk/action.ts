/** The shape of an action; the table of them is in `actions`. */
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { Desk, PaneName } from './desk.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { tell } from '../../store/words/tongue.js';

export type Where = PaneName | 'everywhere';

export interface Action {
  /** Its name in the palette and for scripts and tests. */
  readonly id: string;
  /** Names of keys, as the terminal input gives them. */
  readonly keys: readonly string[];
  /** The keys as people write them. */
  readonly shown: string;
  /** Its word in the foot; without one it is not shown there. */
  readonly label?: PlainWord | ((desk: Desk) => PlainWord | '');
  /** Its word in the foot of a sheet that it acts in, where it has no other. */
  readonly inSheets?: PlainWord;
  /** The keys to show in the foot where the word stands for several actions. */
  readonly footKeys?: string;
  /** Whether it is left out of the foot before others, where the screen is narrow. */
  readonly isSpare?: boolean;
  /** One line for the help. */
  readonly help: PlainWord;
  readonly where: Where;
  /** Whether it acts on what lies open, which stays open. */
  readonly isOfOpen?: boolean;
  /** Whether it only moves about, so that the palette does not offer it. */
  readonly isMotion?: boolean;
  /** Why it cannot act now, in one line; null where it can. Always possible where this is missing. */
  readonly unavailable?: (desk: Desk) => string | null;
  readonly run: (desk: Desk) => void;
}

export const places = {
  accounts: 'Accounts',
  log: 'Log',
  refreshes: 'Refresh events',
  everywhere: 'Everywhere',
} as const satisfies Record<Where, PlainWord>;

/** Why it cannot act now, or null. */
export const obstacle = (action: Action, desk: Desk): string | null => action.unavailable?.(desk) ?? null;

/** Why a key that acts on the selected account cannot act; null: it can. */
export function withoutSelected({ accounts, snapshot }: Desk): string | null {
  if (accounts.selected !== null) return null;
  if (snapshot.accounts.length === 0) return noAccount(snapshot);
  return tell('no account is listed: Esc takes the filter away');
}

/** Why a key that acts on the marked accounts, which a filter may hide, or else on the selected one, cannot act. */
export const withoutAccount = (desk: Desk): string | null =>
  desk.accounts.marked.size > 0 ? null : withoutSelected(desk);

/** What the operator has to do first where there is no account. */
export const noAccount = ({ clients }: Snapshot): string =>
  clients.length === 0
    ? tell('there is no account yet: O sets up the OAuth client first')
    : tell('there is no account yet: o logs in, a takes a token');
