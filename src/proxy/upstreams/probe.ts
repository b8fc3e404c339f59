import { request } from 'undici';
import * as v from 'valibot';
import type { Account } from '../../store/account.js';
import { reasonOf } from '../../store/errors.js';
import { accountReasons } from '../forbidden.js';
import { redact } from '../../store/redact.js';

const PROBE_TIMEOUT_MS = 10_000;

/** Google's error shape (AIP-193), as far as it tells what is missing. */
const GoogleErrorSchema = v.object({
  error: v.object({
    message: v.optional(v.string(), ''),
    status: v.optional(v.string(), ''),
    details: v.fallback(v.array(v.object({ reason: v.optional(v.string(), '') })), []),
  }),
});

/**
 * Lists the models once with an account's token: free, and it needs the scope, the API and the quota project that real
 * requests need. Never throws.
 */
export async function probeGemini(
  baseUrl: string,
  account: Account,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const response = await request(new URL('/v1beta/models?pageSize=1', baseUrl), {
      headers: {
        authorization: `Bearer ${account.accessToken}`,
        ...(account.projectId === null ? {} : { 'x-goog-user-project': account.projectId }),
      },
      headersTimeout: PROBE_TIMEOUT_MS,
      bodyTimeout: PROBE_TIMEOUT_MS,
    });
    const body = await response.body.text();
    return response.statusCode === 200
      ? { ok: true, text: 'models list 200' }
      : { ok: false, text: meaning(response.statusCode, body, account) };
  } catch (error) {
    return { ok: false, text: `the upstream did not answer: ${reasonOf(error)}` };
  }
}

function meaning(status: number, body: string, account: Account): string {
  const parsed = v.safeParse(GoogleErrorSchema, jsonOf(body));
  if (!parsed.success) return `the upstream answered ${status}`;
  const { message, details } = parsed.output.error;
  const known = details.map(({ reason }) => accountReasons[reason]).find((text) => text !== undefined);
  if (known !== undefined) return `${status}: ${known}`;
  const project = status === 403 && account.projectId === null ? '; the account file has no token.project_id' : '';
  return `${status}: ${redact(message, [account.accessToken, account.refreshToken]).slice(0, 200)}${project}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
