import * as v from 'valibot';

/** What a 403 says about the account, as far as it is about the account. */
export interface Forbidden {
  /**
   * `validation`: a human has to verify the account · `account`: it lacks something that every request needs, so no request
   * will fare better · `other`: it may be about this request alone.
   */
  readonly kind: 'validation' | 'account' | 'other';
  /** In plain words, one line. */
  readonly reason: string;
  /** Where a human verifies. */
  readonly url: string | null;
}

/** Google's error shape (AIP-193), as far as it tells what is missing. */
const ErrorSchema = v.object({
  error: v.object({
    message: v.fallback(v.string(), ''),
    status: v.fallback(v.string(), ''),
    details: v.fallback(
      v.array(
        v.object({
          reason: v.fallback(v.string(), ''),
          metadata: v.fallback(v.object({ validation_url: v.fallback(v.string(), '') }), { validation_url: '' }),
          links: v.fallback(v.array(v.object({ url: v.fallback(v.string(), '') })), []),
        }),
      ),
      [],
    ),
  }),
});

/** What the reasons of Google's ErrorInfo mean for the operator; each holds for every request of the account. */
export const accountReasons: Readonly<Record<string, string>> = {
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: 'the token lacks a Gemini scope (generative-language); log in again with it',
  SERVICE_DISABLED: 'the Generative Language API is not enabled in the quota project; enable it in the Cloud console',
  CONSUMER_INVALID: 'the quota project does not exist or is not open to this account; set token.project_id',
  USER_PROJECT_DENIED: 'the account may not use its quota project; grant it Service Usage Consumer there',
};

const LONGEST_WORDS = 200;

/** Reads the body of a 403. */
export function forbiddenOf(body: string): Forbidden {
  const parsed = v.safeParse(ErrorSchema, firstOf(jsonOf(body)));
  if (!parsed.success) return { kind: 'other', reason: 'forbidden', url: null };
  const { message, details } = parsed.output.error;
  const words = message.slice(0, LONGEST_WORDS);
  if (details.some(({ reason }) => reason === 'VALIDATION_REQUIRED')) {
    const urls = details.flatMap(({ metadata, links }) => [metadata.validation_url, ...links.map(({ url }) => url)]);
    const url = urls.find((link) => link.startsWith('https://')) ?? null;
    return { kind: 'validation', reason: words === '' ? 'Google asks a human to verify the account' : words, url };
  }
  const known = details.map(({ reason }) => accountReasons[reason]).find((text) => text !== undefined);
  if (known !== undefined) return { kind: 'account', reason: known, url: null };
  return { kind: 'other', reason: words === '' ? 'forbidden' : `forbidden: ${words}`, url: null };
}

/** A stream that is not SSE answers with a list. */
const firstOf = (parsed: unknown): unknown => (Array.isArray(parsed) ? (parsed as unknown[])[0] : parsed);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
