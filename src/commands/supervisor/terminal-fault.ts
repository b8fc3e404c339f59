import type { Saying } from '../../store/ground/errors.js';
import { saying } from '../../store/words/saying.js';
import type { Context } from '../context.js';

/** Why a full-screen program cannot be drawn here; null: it can. */
export function terminalFault({ env, stdin }: Context, stdoutIsTerminal: boolean): Saying | null {
  if (stdin.isTTY !== true || !stdoutIsTerminal) return saying('there is no terminal to draw on');
  const term = env.TERM ?? '';
  return term === '' || term === 'dumb' ? saying('the terminal (TERM={term}) cannot place a cursor', { term }) : null;
}
