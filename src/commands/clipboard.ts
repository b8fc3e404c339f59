import { spawn } from 'node:child_process';

/** How long to wait for tmux, which answers at once or not at all. */
const WAIT_MS = 1000;

/**
 * A clipboard within tmux: tmux keeps the text and passes it on to its terminal's clipboard; false where it did not
 * take it.
 */
export function tmuxClipboard(env: NodeJS.ProcessEnv): { readonly clipboard?: (text: string) => Promise<boolean> } {
  if ((env.TMUX ?? '') === '') return {};
  const clipboard = (text: string): Promise<boolean> =>
    new Promise((done) => {
      const tmux = spawn('tmux', ['load-buffer', '-w', '-'], {
        env,
        timeout: WAIT_MS,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      tmux.on('error', () => done(false));
      tmux.on('close', (status) => done(status === 0));
      tmux.stdin.on('error', () => undefined);
      tmux.stdin.end(text);
    });
  return { clipboard };
}
