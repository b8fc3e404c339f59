/** Sealing by age (age-encryption.org/v1): with a passphrase, or for whoever has the identity of a recipient. */
import { saying } from '../../store/words/saying.js';
import { RegrantError, UsageError } from '../../store/ground/errors.js';

/** A file that cannot be opened with what was given. Exit status 1. */
export class NotOpened extends RegrantError {
  readonly code = 'NOT_OPENED';
}

/** What opens or seals a file. */
export type Seal =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  /** `recipient`: `age1…`, to seal. */
  | { readonly kind: 'recipient'; readonly recipient: string }
  /** `identity`: `AGE-SECRET-KEY-1…`, to open. */
  | { readonly kind: 'identity'; readonly identity: string };

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';
const BINARY = 'age-encryption.org/v1';

/** Whether these bytes are a sealed file, in armor or bare. */
export const isSealed = (bytes: Buffer): boolean => {
  const start = bytes.subarray(0, 200).toString('latin1').trimStart();
  return start.startsWith(ARMOR) || start.startsWith(BINARY);
};

/** Seals a text, in armor. @throws {UsageError} the recipient is none */
export async function sealed(text: string, seal: Seal): Promise<string> {
  const { Encrypter, armor } = await import('age-encryption');
  const encrypter = new Encrypter();
  try {
    if (seal.kind === 'passphrase') encrypter.setPassphrase(seal.passphrase);
    else if (seal.kind === 'recipient') encrypter.addRecipient(seal.recipient);
  } catch {
    throw new UsageError(saying('--recipient names no recipient of age: it begins age1'));
  }
  return armor.encode(await encrypter.encrypt(text));
}

/** Opens a sealed file. @throws {NotOpened} it is cut or changed, or what was given does not open it */
export async function openedSeal(bytes: Buffer, seal: Seal): Promise<string> {
  const { Decrypter, armor } = await import('age-encryption');
  const decrypter = new Decrypter();
  try {
    if (seal.kind === 'passphrase') decrypter.addPassphrase(seal.passphrase);
    else if (seal.kind === 'identity') decrypter.addIdentity(seal.identity);
  } catch {
    throw new NotOpened(saying('--identity names a file without an identity of age (AGE-SECRET-KEY-1…)'));
  }
  const text = bytes.toString('latin1').trim();
  try {
    const bare = text.startsWith(ARMOR) ? armor.decode(text) : new Uint8Array(bytes);
    return await decrypter.decrypt(bare, 'text');
  } catch {
    throw new NotOpened(
      seal.kind === 'passphrase'
        ? saying('the file cannot be opened: another passphrase sealed it, or it is cut or changed; nothing was done')
        : saying('the file cannot be opened: another identity sealed it, or it is cut or changed; nothing was done'),
    );
  }
}
