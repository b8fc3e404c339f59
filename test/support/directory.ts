import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Json = Record<string, unknown>;

/** What `account` takes: every key of the file may be given; `token` is merged into the default one. */
export interface AccountParts extends Json {
  readonly id?: string;
  readonly email?: string;
  /** Short for `token.refresh_token`. */
  readonly refreshToken?: string;
  /** Short for `token.access_token`. */
  readonly accessToken?: string;
  /** Seconds from now until the access token ends; negative for one that has ended (the default: -10). */
  readonly accessEndsIn?: number;
  readonly token?: Json;
  /** ms since 1970; the clock that `accessEndsIn` counts from. */
  readonly now?: number;
}

/** An account file as Antigravity Tools writes it, with keys that regrant does not know at three depths. */
export function account(parts: AccountParts = {}): Json & { id: string; email: string; token: Json } {
  const {
    id = 'a1',
    email = 'anna@example.com',
    refreshToken,
    accessToken,
    accessEndsIn = -10,
    token,
    now,
    ...rest
  } = parts;
  const nowSeconds = Math.floor((now ?? Date.now()) / 1000);
  return {
    id,
    email,
    name: email.split('@')[0],
    token: {
      access_token: accessToken ?? `ya29.stale-${id}`,
      refresh_token: refreshToken ?? `1//0test-refresh-token-of-${id}`,
      expires_in: 3599,
      expiry_timestamp: nowSeconds + accessEndsIn,
      token_type: 'Bearer',
      email,
      project_id: `project-${id}`,
      is_gcp_tos: false,
      x_unknown_in_token: [1, 'two', null],
      ...token,
    },
    device_profile: { machine_id: 'auth0|user_1', x_unknown_deep: { kept: true } },
    quota: null,
    disabled: false,
    proxy_disabled: false,
    validation_blocked: false,
    created_at: nowSeconds - 86_400,
    last_used: nowSeconds - 3600,
    x_unknown: { kept: ['as', 'is'], order: { z: 1, a: 2 } },
    ...rest,
  };
}

/** A data directory of one test. */
export interface DataDirectory {
  readonly path: string;
  /** Path inside it. */
  at(...parts: string[]): string;
  /** Writes `settings.json`. */
  settings(settings: Json): Promise<void>;
  /** Writes `accounts/<id>.json` at once and whole (rename), as a careful other program would; gives back what was written. */
  put(parts?: AccountParts): Promise<ReturnType<typeof account>>;
  /** Writes these bytes as `accounts/<name>`, torn or not. */
  putRaw(name: string, text: string): Promise<void>;
  /** `accounts/<id>.json`, parsed. */
  read(id: string): Promise<Json & { token: Json }>;
  /** `accounts/<id>.json`, as it stands. */
  readRaw(id: string): Promise<string>;
  remove(id: string): Promise<void>;
  /** The text of every file below, by path, without those that match `except`: to search it for secrets. */
  everything(except?: RegExp): Promise<Map<string, string>>;
}

/** Hands in a data directory of its own under the system's temporary folder and removes it afterwards. */
export async function withDirectory<T>(use: (directory: DataDirectory) => Promise<T> | T): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'regrant-test-'));
  try {
    await mkdir(join(path, 'accounts'), { mode: 0o700 });
    return await use(directoryAt(path));
  } finally {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The same verbs on a directory that stands already. */
export function directoryAt(path: string): DataDirectory {
  const at = (...parts: string[]): string => join(path, ...parts);
  const file = (id: string): string => at('accounts', `${id}.json`);
  let written = 0;
  const replace = async (target: string, text: string): Promise<void> => {
    const temporary = `${target}.${(written += 1)}.tmp`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, target);
  };
  return {
    path,
    at,
    settings: (settings) => replace(at('settings.json'), JSON.stringify(settings, null, 2)),
    async put(parts) {
      const content = account(parts);
      await replace(file(content.id), JSON.stringify(content, null, 2));
      return content;
    },
    putRaw: (name, text) => writeFile(at('accounts', name), text, { mode: 0o600 }),
    readRaw: (id) => readFile(file(id), 'utf8'),
    read: async (id) => JSON.parse(await readFile(file(id), 'utf8')) as Json & { token: Json },
    remove: (id) => rm(file(id)),
    async everything(except) {
      const texts = new Map<string, string>();
      for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
        const name = join(entry.parentPath, entry.name).slice(path.length + 1);
        if (!entry.isFile() || except?.test(name)) continue;
        // a running program replaces and removes files of its own
        const text = await readFile(join(path, name), 'utf8').catch(goneMeanwhile);
        if (text !== null) texts.set(name, text);
      }
      return texts;
    },
  };
}

function goneMeanwhile(error: NodeJS.ErrnoException): null {
  if (error.code !== 'ENOENT') throw error;
  return null;
}
