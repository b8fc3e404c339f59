/** An event with a name, as Anthropic's and OpenAI's Responses have it. `data` is JSON in one line. */
export const namedEvent = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`;

/** An event without a name. */
export const dataEvent = (data: string): string => `data: ${data}\n\n`;

/** Keeps a connection alive, and every reader passes over it. */
export const COMMENT = ': still waiting\n\n';

const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A text as JSON. Where nothing in it is escaped, as in most of a stream's pieces, in a third of the engine's own time. */
export const quoted = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);
