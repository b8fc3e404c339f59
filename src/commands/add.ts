import type { Readable } from 'node:stream';
import { RegrantResultSchema, SaidSchema } from '../control/protocol.js';
import * as v from 'valibot';
import type { Progress, RegrantRequest, RegrantResult, Said } from '../proxy/supervisor.js';
import { exit, say, type Context } from './context.js';
import { withSupervisor } from './supervised.js';

/** More than any refresh token, and less than would hurt. */
const LONGEST_INPUT_BYTES = 65_536;

type Reporter = (news: Progress) => void;

/** `regrant add`: adds or re-adds the refresh token that comes on standard input, for whoever it belongs to. */
export async function add(context: Context, { client }: { readonly client: string | undefined }): Promise<number> {
  if (context.stdin.isTTY === true) {
    say(
      context.stderr,
      'paste the refresh token, then Enter and Ctrl-D (it is echoed here; a pipe or the screen hides it)',
    );
  }
  const refreshToken = await readAll(context.stdin);
  const request: RegrantRequest = { accountId: null, refreshToken, client: client ?? null, otherAccount: 'accept' };
  const report: Reporter = ({ step, status, text }) => {
    if (status !== 'running') say(context.stderr, `${marks[status]} ${step}${text === '' ? '' : `: ${text}`}`);
  };
  const result = await withSupervisor<RegrantResult | Said>(
    context,
    async (control) => {
      const first = await control.request('regrant', request, RegrantResultSchema, report);
      if (!('pending' in first)) return first;
      const again = { pending: first.pending, decision: 'retry' } as const;
      return control.request('resume', again, v.union([RegrantResultSchema, SaidSchema]), report);
    },
    async ({ operations }) => {
      const first = await operations.regrant(request, report);
      return 'pending' in first ? operations.resume(first.pending, 'retry', report) : first;
    },
  );
  const saved = 'outcome' in result && (result.outcome === 'saved' || result.outcome === 'not_saved');
  say(saved ? context.stdout : context.stderr, result.text);
  return 'outcome' in result && result.outcome === 'saved' ? exit.done : exit.failed;
}

const marks = { done: '✔', failed: '✖', warning: '▲' } as const;

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
