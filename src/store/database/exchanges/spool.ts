import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import type { Disk } from '../../disk/disk.js';
import { makeFolderDurably, removeDurably, removeStrays, writeDurably } from '../../disk/durable.js';
import { systemCode } from '../../ground/errors.js';
import { fingerprint } from '../../ground/fingerprint.js';
import { jsonOf } from '../../ground/json.js';
import { GrantSchema } from '../../state/state-store.js';
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
const placeOf = (tokenFp: string) => ({ table: 'spool', row: tokenFp, column: 'secret' }) as const;

/**
 * The folder `state/spool/`: answers that brought another refresh token, each sealed in a file by the fingerprint of the
 * token that it replaced, from before the new one is used until the database has it.
 */
export class Spool {
  private readonly names = new Set<string>();

  private constructor(
    private readonly folder: string,
    private readonly sealing: Sealing,
    private readonly disk: Disk,
  ) {}

  static async open(folder: string, sealing: Sealing, disk: Disk): Promise<Spool> {
    const spool = new Spool(folder, sealing, disk);
    for (const name of namesIn(folder)) spool.names.add(name);
    if (spool.names.size > 0) await removeStrays(folder);
    return spool;
  }

  /** How many wait for the database. */
  get size(): number {
    return this.names.size;
  }

  has(tokenFp: string): boolean {
    return this.names.has(tokenFp);
  }

  /** Everything that can be read; what cannot stays where it is. */
  list(): readonly Spooled[] {
    return [...this.names].flatMap((name) => {
      const read = v.safeParse(SpooledSchema, this.read(name));
      return read.success && fingerprint(read.output.sent) === name ? [read.output] : [];
    });
  }

  /** Durable once it resolves. @throws the system's error */
  async put(spooled: Spooled): Promise<void> {
    const name = fingerprint(spooled.sent);
    const sealed = this.sealing.seal(placeOf(name), JSON.stringify(spooled)).toString('base64');
    await makeFolderDurably(this.folder, this.disk);
    await writeDurably(path.join(this.folder, name), sealed, this.disk);
    this.names.add(name);
  }

  /** The database has it. One that cannot be removed is delivered once more at the next start, which does no harm. */
  async remove(tokenFp: string): Promise<void> {
    if (!this.names.delete(tokenFp)) return;
    try {
      await removeDurably(path.join(this.folder, tokenFp), this.disk);
    } catch (error) {
      if (systemCode(error) === '') throw error;
    }
  }

  private read(name: string): unknown {
    try {
      const text = readFileSync(path.join(this.folder, name), 'utf8');
      const open = this.sealing.open(placeOf(name), Buffer.from(text, 'base64'));
      return open === null ? null : jsonOf(open);
    } catch (error) {
      if (systemCode(error) === '') throw error;
      return null;
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => NAME.test(name));
  } catch {
    return [];
  }
}
