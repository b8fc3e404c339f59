import * as v from 'valibot';
import type { Disk } from '../../disk/disk.js';
import { fingerprint } from '../../ground/fingerprint.js';
import { GrantSchema } from '../../state/state-store.js';
import { SealedFolder } from '../accounts/sealed-folder.js';
import { ReplacementSchema } from '../accounts/successors.js';
import type { Sealing } from '../sealing.js';

const SpooledSchema = v.object({
  ...ReplacementSchema.entries,
  grant: GrantSchema,
  /** The process that sent the token. */
  boot: v.string(),
});

/** An answer that brought another refresh token, as it waits for the database. */
export type Spooled = v.InferOutput<typeof SpooledSchema>;

const NAME = /^[0-9a-f]{64}$/;

/**
 * The folder `state/spool/`: answers that brought another refresh token, each sealed in a file by the fingerprint of the
 * token that it replaced, from before the new one is used until the database has it.
 */
export class Spool {
  /** Fingerprint of the token that was replaced → of the one that took its place. */
  private readonly brought = new Map<string, string>();

  private constructor(private readonly files: SealedFolder) {}

  static async open(folder: string, sealing: Sealing, disk: Disk): Promise<Spool> {
    const spool = new Spool(await SealedFolder.open(folder, NAME, sealing, disk));
    for (const { sent, rotated } of spool.list()) spool.brought.set(fingerprint(sent), fingerprint(rotated));
    return spool;
  }

  /** How many wait for the database. */
  get size(): number {
    return this.files.size;
  }

  /** Whether it has this token, as one that was replaced or as one that took its place. */
  knows(tokenFp: string): boolean {
    return this.files.has(tokenFp) || this.brings(tokenFp);
  }

  /** Whether it has this token as one that took another's place: it is not lost. */
  brings(tokenFp: string): boolean {
    return this.brought.size > 0 && [...this.brought.values()].includes(tokenFp);
  }

  /** Everything that can be read; what cannot stays where it is. */
  list(): readonly Spooled[] {
    return this.files.list().flatMap(([name, content]) => {
      const read = v.safeParse(SpooledSchema, content);
      return read.success && fingerprint(read.output.sent) === name ? [read.output] : [];
    });
  }

  /** Durable once it resolves. @throws the system's error */
  async put(spooled: Spooled): Promise<void> {
    const name = fingerprint(spooled.sent);
    await this.files.put(name, spooled);
    this.brought.set(name, fingerprint(spooled.rotated));
  }

  /** The database has it. */
  async remove(tokenFp: string): Promise<void> {
    this.brought.delete(tokenFp);
    await this.files.remove(tokenFp);
  }
}
