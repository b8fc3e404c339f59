/** Divides the rows of the screen among its parts. */
import type { PaneName } from '../desk/desk.js';

export const LEAST_WIDTH = 60;
export const LEAST_HEIGHT = 15;

export const tooSmall = (width: number, height: number): boolean => width < LEAST_WIDTH || height < LEAST_HEIGHT;

export interface Rows {
  readonly top: number;
  readonly height: number;
}

export interface Layout {
  readonly head: Rows;
  /** A pane without rows is not shown. */
  readonly panes: Readonly<Record<PaneName, Rows>>;
  readonly foot: Rows;
  /** The rows of all panes together. */
  readonly body: Rows;
}

export interface LayoutNeeds {
  readonly width: number;
  readonly height: number;
  /** Rows of the status line, alarm, hint and banners. */
  readonly headRows: number;
  readonly footRows: number;
  readonly focus: PaneName;
  readonly zoomed: boolean;
  /** Rows that the accounts pane would fill, including its form or detail and its border. */
  readonly accountsRows: number;
  /** The fewest rows that the accounts pane can have; more where a form is open. */
  readonly accountsLeast: number;
}

/**
 * Divides the screen: the accounts get what they fill, the log gets what is left, and no pane gets fewer rows than are
 * of use.
 */
export function layoutFor(needs: LayoutNeeds): Layout {
  const { height, headRows, footRows, focus, zoomed } = needs;
  const body = { top: headRows, height: Math.max(3, height - headRows - footRows) };
  const foot = { top: height - footRows, height: footRows };
  const heights = zoomed ? alone(focus, body.height) : shared(needs, body.height);
  const accounts = { top: body.top, height: heights.accounts };
  const log = { top: accounts.top + accounts.height, height: heights.log };
  const refreshes = { top: log.top + log.height, height: heights.refreshes };
  return { head: { top: 0, height: headRows }, panes: { accounts, log, refreshes }, foot, body };
}

const alone = (focus: PaneName, height: number): Record<PaneName, number> => ({
  accounts: focus === 'accounts' ? height : 0,
  log: focus === 'log' ? height : 0,
  refreshes: focus === 'refreshes' ? height : 0,
});

function shared({ accountsRows, accountsLeast, focus }: LayoutNeeds, height: number): Record<PaneName, number> {
  const least = 3;
  if (accountsLeast + 2 * least > height) return { ...alone('accounts', height) };
  const tall = height >= 24;
  const wanted = {
    refreshes: Math.max(least, Math.min(12, Math.round(height * (focus === 'refreshes' ? 0.3 : 0.2)))),
    log: Math.max(least, Math.round(height * (tall ? 0.3 : 0.26))),
  };
  const accounts = Math.max(
    Math.min(accountsRows, Math.max(accountsLeast, height - wanted.refreshes - wanted.log)),
    Math.min(5, height - 2 * least),
  );
  const left = height - accounts;
  const refreshes = Math.min(wanted.refreshes, Math.max(least, Math.floor(left / 2)));
  return { accounts, refreshes, log: left - refreshes };
}
