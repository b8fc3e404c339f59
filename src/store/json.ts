/** A JSON object as read from disk: keys we know and keys we do not. */
export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text is not JSON. Carries the place only: the engine's own message quotes the text, and with it any secret there. */
export class NotJson extends Error {
  readonly code = 'NOT_JSON';

  constructor(readonly line: number | null) {
    super(line === null ? 'not JSON' : `not JSON, see line ${line}`);
  }
}

/** @throws {NotJson} */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new NotJson(lineOf(error, text));
  }
}

function lineOf(error: unknown, text: string): number | null {
  if (!(error instanceof SyntaxError)) return null;
  if (error.message.includes('end of JSON input')) return text.split('\n').length;
  const position = /position (\d+)/.exec(error.message)?.[1];
  return position === undefined ? null : text.slice(0, Number(position)).split('\n').length;
}
