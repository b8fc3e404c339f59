/** What a paste says about an OAuth client: the JSON that Google's console downloads, its id, its secret, or both. */

export interface PastedClient {
  readonly id: string | null;
  readonly secret: string | null;
  /** The console's word for what kind of client it is; null where the paste does not say. */
  readonly kind: 'installed' | 'web' | null;
}

const ID = /^\S+\.apps\.googleusercontent\.com$/;
const SECRET = /^GOCSPX-\S+$/;

/** null for a paste that is neither: it goes unchanged into the field where it was pasted. */
export function pastedClient(text: string): PastedClient | null {
  const json = clientInJson(text.trim());
  if (json !== null) return json;
  const words = text.trim().split(/\s+/);
  const id = words.find((word) => ID.test(word)) ?? null;
  const secret = words.find((word) => SECRET.test(word)) ?? null;
  const known = Number(id !== null) + Number(secret !== null);
  return known > 0 && known === words.length ? { id, secret, kind: null } : null;
}

function clientInJson(text: string): PastedClient | null {
  const json = objectOf(text);
  if (json === null) return null;
  for (const kind of ['installed', 'web', null] as const) {
    const holder = kind === null ? json : json[kind];
    if (!isRecord(holder) || typeof holder.client_id !== 'string') continue;
    const { client_id: id, client_secret: secret } = holder;
    return { id: id.trim(), secret: typeof secret === 'string' ? secret.trim() : null, kind };
  }
  return null;
}

function objectOf(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{')) return null;
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : null;
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
