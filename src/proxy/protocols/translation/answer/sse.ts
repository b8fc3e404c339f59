/** An event with a name, as in Anthropic's Messages and OpenAI's Responses. `data` is JSON on one line. */
export const namedEvent = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`;

/** An event without a name. */
export const dataEvent = (data: string): string => `data: ${data}\n\n`;

/** Keeps a connection alive; readers skip it. */
export const COMMENT = ': still waiting\n\n';

const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * A text as a JSON string. Where nothing has to be escaped, as in most pieces of a stream, it takes a third of the
 * engine's time.
 */
export const quoted = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);
