import type { Context } from '../context.js';

/** Why a full-screen program cannot be drawn here; null: it can. */
export function terminalFault({ env, stdin }: Context, stdoutIsTerminal: boolean): string | null {
  if (stdin.isTTY !== true || !stdoutIsTerminal) return 'there is no terminal to draw on';
  const term = env.TERM ?? '';
  return term === '' || term === 'dumb' ? `the terminal (TERM=${term}) cannot place a cursor` : null;
}
