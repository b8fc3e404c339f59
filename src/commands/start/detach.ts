import { tell } from '../../store/words/tongue.js';
import { spawn, type ChildProcess } from 'node:child_process';
import * as v from 'valibot';
import { dataDirectoryPath } from '../../store/disk/directory.js';
import { MEMORY_ENVIRONMENT } from '../service/memory-environment.js';
import { exit, say, type Context } from '../context.js';
import { Signals, exitAfter } from '../signals.js';
import { programArguments } from './handover/successor-process.js';

const ReadySchema = v.object({ address: v.string() });

type Outcome =
  | { readonly how: 'ready'; readonly address: string }
  | { readonly how: 'ended'; readonly status: number; readonly words: string };

/** `regrant --detach`: the proxy in the background; returns once it listens, else with the reason why it does not. */
export async function detach(context: Context): Promise<number> {
  const { env, stdout, stderr } = context;
  const signals = new Signals();
  const child = startInBackground(dataDirectoryPath(context.dataDir, env), env);
  const outcome = await Promise.race([outcomeOf(child), signals.stop]);
  signals.release();
  if (typeof outcome === 'string') {
    child.kill('SIGTERM');
    return exitAfter[outcome];
  }
  if (outcome.how === 'ended') {
    stderr.write(outcome.words);
    return outcome.status;
  }
  letGo(child);
  say(
    stdout,
    tell(
      'regrant serves on {address} in the background (pid {pid}); `regrant attach` brings its screen, `regrant stop` ends it',
      { address: outcome.address, pid: child.pid ?? 0 },
    ),
  );
  return exit.done;
}

/** Starts it in a session of its own, so that it does not end with the terminal. */
function startInBackground(dataDir: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, programArguments(['--headless', '--data-dir', dataDir]), {
    env: { ...MEMORY_ENVIRONMENT, ...env },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words += text));
  return new Promise((resolve) => {
    child.on('message', (message) => {
      const ready = v.safeParse(ReadySchema, message);
      if (ready.success) resolve({ how: 'ready', address: ready.output.address });
    });
    child.once('error', (error) =>
      resolve({
        how: 'ended',
        status: exit.cannotRun,
        words: `regrant: ${tell('cannot start it: {why}', { why: error.message })}\n`,
      }),
    );
    child.once('close', (status) => resolve({ how: 'ended', status: status ?? exit.bug, words }));
  });
}

/** Disconnects from the child, so that neither process keeps the other from ending. */
function letGo(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  child.stderr?.destroy();
  child.unref();
}
