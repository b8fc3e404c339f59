import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { writeDurably } from '../../disk/durable.js';
import type { Disk } from '../../disk/disk.js';
import { jsonOf } from '../../ground/json.js';

const FileSchema = v.object({ boots: v.array(v.string()) });

/** Several starts in a row may each end before their box is known to the database. */
const MOST_BOOTS = 8;

/** The ids of this data directory's processes, the present one first. */
export interface Boots {
  readonly own: string;
  /** Of processes that ended, or that hand over to this one. */
  readonly former: readonly string[];
}

/**
 * Takes an id for this process and keeps it in `state/box.json`, so that the next one on this directory may follow it at
 * once. A file that cannot be read counts as empty.
 */
export async function newBoot(stateFolder: string, disk: Disk): Promise<Boots> {
  const file = path.join(stateFolder, 'box.json');
  const own = randomUUID();
  const former = readBoots(file).slice(0, MOST_BOOTS);
  await writeDurably(file, `${JSON.stringify({ boots: [own, ...former] })}\n`, disk);
  return { own, former };
}

function readBoots(file: string): readonly string[] {
  try {
    const read = v.safeParse(FileSchema, jsonOf(readFileSync(file, 'utf8')));
    return read.success ? read.output.boots : [];
  } catch {
    return [];
  }
}
