/** Account files as power cuts, editors and other programs leave them. */
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { account } from './directory.js';

interface Kind {
  readonly reason: RegExp;
  readonly put: (file: string, id: string) => void;
}

const text = (id: string, parts: Record<string, unknown> = {}): string =>
  JSON.stringify(account({ id, email: `${id}@example.com`, ...parts }), null, 2);

const says =
  (content: (id: string) => string | Buffer): Kind['put'] =>
  (file, id) =>
    writeFileSync(file, content(id));

const kinds: readonly Kind[] = [
  { reason: /^not JSON, see line \d+$/, put: says((id) => text(id).slice(0, 40 + (id.length % 7) * 60)) },
  { reason: /^not JSON, see line \d+$/, put: says((id) => `${text(id)}}`) },
  { reason: /^empty$/, put: says(() => '') },
  { reason: /^NUL bytes in it/, put: says((id) => `${text(id).slice(0, 300)}${'\0'.repeat(300)}`) },
  { reason: /^not UTF-8$/, put: says((id) => Buffer.from(`\uFEFF${text(id)}`, 'utf16le')) },
  { reason: /^not UTF-8$/, put: says((id) => Buffer.from(text(id, { name: 'Zoë' }), 'latin1')) },
  { reason: /^disabled is neither true nor false$/, put: says((id) => text(id, { disabled: 'no' })) },
  { reason: /^token\.refresh_token is no text$/, put: says((id) => text(id, { token: { refresh_token: 7 } })) },
  { reason: /^email is missing$/, put: says((id) => text(id).replace('"email"', '"e-mail"')) },
  // a copy of another account's file under a name of its own
  { reason: /^its id is "good-0", which belongs to another file name$/, put: says(() => text('good-0')) },
  { reason: /^a directory$/, put: (file) => mkdirSync(file) },
  { reason: /^a loop of symbolic links/, put: (file) => symlinkSync(file, file) },
  {
    reason: /^50 MB is too large for an account file$/,
    put: (file) => {
      const fd = openSync(file, 'w');
      ftruncateSync(fd, 50 * 1_048_576);
      closeSync(fd);
    },
  },
];

export const malformedKinds = kinds.length;

/** Puts so many malformed files into the folder, of each kind in turn. @returns id → the reason that is to be named */
export function putMalformed(folder: string, count: number): ReadonlyMap<string, RegExp> {
  const reasons = new Map<string, RegExp>();
  for (let index = 0; index < count; index++) {
    const kind = kinds[index % kinds.length];
    const id = `bad-${index}`;
    kind?.put(`${folder}/${id}.json`, id);
    reasons.set(id, kind?.reason ?? /./);
  }
  return reasons;
}

/** The files of accounts that are well: of the same e-mail two by two, and with a byte order mark every third. */
export function putGood(folder: string, count: number): readonly string[] {
  const ids = Array.from({ length: count }, (_, index) => `good-${index}`);
  for (const [index, id] of ids.entries()) {
    const content = text(id, { email: `user${index >> 1}@example.com`, refreshToken: `1//0token-of-${id}` });
    writeFileSync(`${folder}/${id}.json`, `${index % 3 === 0 ? '\uFEFF' : ''}${content}`);
  }
  return ids;
}
