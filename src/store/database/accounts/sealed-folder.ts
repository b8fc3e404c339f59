import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Disk } from '../../disk/disk.js';
import { makeFolderDurably, removeDurably, removeStrays, writeDurably } from '../../disk/durable.js';
import { systemCode } from '../../ground/errors.js';
import { jsonOf } from '../../ground/json.js';
import type { Sealing } from '../sealing.js';

const placeOf = (name: string) => ({ table: 'spool', row: name, column: 'secret' }) as const;

/** Sealed files of one kind in a folder, which wait for the database. */
export class SealedFolder {
  private readonly names = new Set<string>();

  private constructor(
    private readonly folder: string,
    private readonly sealing: Sealing,
    private readonly disk: Disk,
  ) {}

  /** @param kind - what the names of these files look like */
  static async open(folder: string, kind: RegExp, sealing: Sealing, disk: Disk): Promise<SealedFolder> {
    const opened = new SealedFolder(folder, sealing, disk);
    for (const name of namesIn(folder)) if (kind.test(name)) opened.names.add(name);
    if (opened.names.size > 0) await removeStrays(folder);
    return opened;
  }

  get size(): number {
    return this.names.size;
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** What each file says, parsed; null where it cannot be read or does not open: it stays where it is. */
  list(): readonly (readonly [name: string, content: unknown])[] {
    return [...this.names].map((name) => [name, this.read(name)]);
  }

  /** Durable once it resolves. @throws the system's error */
  async put(name: string, content: unknown): Promise<void> {
    const sealed = this.sealing.seal(placeOf(name), JSON.stringify(content)).toString('base64');
    await makeFolderDurably(this.folder, this.disk);
    await writeDurably(path.join(this.folder, name), sealed, this.disk);
    this.names.add(name);
  }

  /** The database has it. One that cannot be removed is delivered once more at the next start, which does no harm. */
  async remove(name: string): Promise<void> {
    if (!this.names.delete(name)) return;
    try {
      await removeDurably(path.join(this.folder, name), this.disk);
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
    return readdirSync(folder);
  } catch {
    return [];
  }
}
