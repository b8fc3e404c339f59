import { tell } from '../../store/words/tongue.js';
import type { Readable } from 'node:stream';
import { loginPage } from '../../panes/forms/login-page.js';
import type { LoginOffer, Operations } from '../../proxy/contract/operations.js';
import { reporterTo, tellEnd } from './add.js';
import { exit, say, type Context, sayExactly } from '../context.js';
import { toldInShell } from '../keys-as-verbs.js';
import { Signals, exitAfter } from '../signals.js';
import { withOperations } from '../supervisor/supervised.js';

interface LoginOptions {
  readonly client: string | undefined;
  /** E-mail to suggest in the browser. */
  readonly email: string | undefined;
}

/**
 * How long to wait for further lines: a pasted address that the terminal broke comes as several lines, one right after
 * the other.
 */
const SETTLE_MS = 250;
const LONGEST_PASTE = 16_384;

/** `regrant login`: a link to open anywhere; its answer comes by a forwarded port, or is pasted. */
export function login(context: Context, { client, email }: LoginOptions): Promise<number> {
  return withOperations(context, async (operations) => {
    const request = { accountId: null, email: email ?? null, client: client ?? null, otherAccount: 'accept' as const };
    const offer = await operations.startLogin(request);
    if ('ok' in offer) {
      say(context.stderr, toldInShell(offer.text));
      return exit.failed;
    }
    sayExactly(
      context.stdout,
      loginPage(offer, context.env, tell('Paste the address or the code, then Enter. Ctrl-C gives up.')),
    );
    const signals = new Signals();
    const gone = new Promise<number>((resolve) => signals.onTerminalGone(() => resolve(exit.failed)));
    const stopReading = readPastes(context, (text) => paste(context, operations, offer, text));
    try {
      const stopped = signals.stop.then((signal) => exitAfter[signal]);
      return await Promise.race([finish(context, operations, offer), stopped, gone]);
    } finally {
      stopReading();
      signals.release();
      await operations.cancelLogin(offer.login);
    }
  });
}

/** Waits until a token was saved or refused for good, or the login is over. */
async function finish(context: Context, operations: Operations, { login, email }: LoginOffer): Promise<number> {
  const report = reporterTo(context);
  for (;;) {
    const result = await operations.awaitLogin(login, report);
    if (result.outcome === 'login_open') {
      say(context.stderr, toldInShell(result.text));
    } else if (result.outcome === 'login_over') {
      say(context.stderr, toldInShell(result.text));
      return exit.failed;
    } else {
      if ('accountId' in result && email !== null && result.email.toLowerCase() !== email.toLowerCase()) {
        say(
          context.stderr,
          tell('note: it was {email} who logged in, not {other}', { email: result.email, other: email }),
        );
      }
      return tellEnd(context, result);
    }
  }
}

async function paste(context: Context, operations: Operations, { login }: LoginOffer, text: string): Promise<void> {
  const said = await operations.pasteLogin(login, text);
  if (!said.ok) say(context.stderr, toldInShell(said.text));
}

/** Reads pastes: lines that come close together are one. */
function readPastes({ stdin, clock }: Context, take: (text: string) => Promise<void>): () => void {
  let text = '';
  let cancel = (): void => undefined;
  const onData = (chunk: Buffer | string): void => {
    text = (text + String(chunk)).slice(0, LONGEST_PASTE);
    cancel();
    if (!/[\r\n]\s*$/.test(text)) return;
    cancel = clock.after(SETTLE_MS, () => {
      const pasted = text;
      text = '';
      if (pasted.trim() !== '') void take(pasted).catch(() => undefined);
    });
  };
  const input: Readable = stdin;
  input.on('data', onData);
  return () => {
    cancel();
    input.off('data', onData);
    input.pause();
  };
}
