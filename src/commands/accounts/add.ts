import { tell, sideBySide, type PlainWord } from '../../store/words/tongue.js';
import type { Readable } from 'node:stream';
import { toldInShell } from '../keys-as-verbs.js';
import type { Progress, ReaddRequest, ReaddResult, ReaddStep } from '../../proxy/contract/operations.js';
import { unquoted } from '../../proxy/contract/token-text.js';
import { looksLikeJson, tokensInJson } from '../../proxy/contract/tokens-in-json.js';
import { exit, say, sayJson, type Context } from '../context.js';
import { withOperations } from '../supervisor/supervised.js';

/** The longest input: longer than any refresh token, and short enough to be read. */
const LONGEST_INPUT_BYTES = 65_536;

type Reporter = (news: Progress) => void;

interface AddOptions {
  readonly client: string | undefined;
  readonly json?: boolean;
}

/** `regrant add`: adds or re-adds the refresh token on standard input, for whichever account it belongs to. */
export async function add(context: Context, { client, json = false }: AddOptions): Promise<number> {
  if (context.stdin.isTTY === true) {
    say(
      context.stderr,
      tell('paste the refresh token, then Enter and Ctrl-D (it is echoed here; a pipe or the screen hides it)'),
    );
  }
  const refreshToken = givenToken(await readAll(context.stdin));
  const request: ReaddRequest = { accountId: null, refreshToken, client: client ?? null, otherAccount: 'accept' };
  const report = reporterTo(context);
  return withOperations(context, async (operations) => {
    const result = await operations.readd(request, report);
    return json ? tellEndAsJson(context, result) : tellEnd(context, result);
  });
}

/** The token in standard input: in JSON, in a setting (`NAME=token`), or the text itself. */
function givenToken(text: string): string {
  if (!looksLikeJson(text)) return unquoted(text);
  const found = tokensInJson(text).flatMap((each) => (each.kind === 'token' ? [each.token.refreshToken] : []));
  return found.length === 1 && found[0] !== undefined ? found[0] : text;
}

/** Reports the steps of a re-add as lines on standard error, each when it has ended. */
export const reporterTo =
  ({ stderr }: Context): Reporter =>
  ({ step, status, text }) => {
    if (status === 'running') return;
    const what = tell(stepWords[step]);
    say(
      stderr,
      text === '' ? sideBySide`${marks[status]} ${what}` : sideBySide`${marks[status]} ${what}: ${toldInShell(text)}`,
    );
  };

/** What the steps are called; scripts read the English words. */
const stepWords = {
  exchange: 'exchange ¦ step',
  identity: 'identity ¦ step',
  scopes: 'scopes',
  saved: 'saved',
  reloaded: 'reloaded ¦ step',
  upstream: 'upstream ¦ step',
  served: 'served ¦ step',
} as const satisfies Record<ReaddStep, PlainWord>;

const marks = { done: '✔', failed: '✖', warning: '▲' } as const;

/** Says how the re-add ended. @returns the exit status */
export function tellEnd({ stdout, stderr }: Context, result: ReaddResult): number {
  const saved = result.outcome === 'saved' || result.outcome === 'not_saved';
  say(saved ? stdout : stderr, toldInShell(result.text));
  return result.outcome === 'saved' ? exit.done : exit.failed;
}

function tellEndAsJson({ stdout }: Context, result: ReaddResult): number {
  const ok = result.outcome === 'saved';
  const email = 'email' in result ? result.email : null;
  sayJson(stdout, { results: [{ email, ok, text: result.text }] });
  return ok ? exit.done : exit.failed;
}

async function readAll(input: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const piece = Buffer.from(chunk as Uint8Array | string);
    bytes += piece.length;
    if (bytes > LONGEST_INPUT_BYTES) break;
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}
