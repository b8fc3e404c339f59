import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';

/** Headers by which clients tell their conversations apart, the most specific first. */
const HEADERS = ['x-claude-code-session-id', 'session-id', 'x-session-id'];

/**
 * The client's own id of the conversation that a request belongs to; null where it sends none, and the conversation has
 * to be recognised by its first message.
 *
 * @param headers - names and values alternating
 */
export function conversationKey(headers: readonly string[], body: JsonObject): string | null {
  for (const wanted of HEADERS) {
    for (let at = 0; at + 1 < headers.length; at += 2) {
      const value = headers[at + 1];
      if (headers[at]?.toLowerCase() === wanted && value !== undefined && value !== '') return value;
    }
  }
  const user = isJsonObject(body.metadata) ? body.metadata.user_id : undefined;
  return (
    ([body.prompt_cache_key, user].find((value) => typeof value === 'string' && value !== '') as string | undefined) ??
    null
  );
}
