/** Two programs on the same account files at once: our store with its watch, and one that knows nothing of it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AccountFiles } from '../../src/store/files/account-files.js';
import { NotSaved } from '../../src/store/accounts/stored-account.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { systemDisk, type Disk } from '../../src/store/disk/disk.js';
import type { JsonObject } from '../../src/store/ground/json.js';
import { disable, rotate, setProject, setProxyDisabled, upsert, type Patch } from '../../src/store/accounts/patches.js';
import { AccountsWatch } from '../../src/store/files/watch.js';
import { account, withDirectory } from './directory.js';
import type { Random } from './random.js';
import { tokenAnswer } from './token-answer.js';

export interface TwoEditors {
  readonly how: 'in-place' | 'rename';
  /** Of each side. */
  readonly edits: number;
  /** After each of the other program's edits, in ms. */
  readonly pauseMs: number;
  readonly files: number;
  /** A file system that cannot exchange two names. */
  readonly exchange: 'yes' | 'no';
}

export interface TwoEditorsFigures {
  readonly lostTheirs: number;
  /** Of these, edits without a write of ours within 5 ms. */
  readonly lostTheirsApart: number;
  /** Accounts that in the end are not as our patches made them. */
  readonly lostOurs: readonly string[];
  readonly applied: number;
  /** Patches whose first write failed because the other program was in the middle of writing; each landed later. */
  readonly retried: number;
}

const APART_MS = 5;
const editor = fileURLToPath(new URL('editor.mjs', import.meta.url));

/** The keys that our patches are about. */
const ours = (json: JsonObject): string => {
  const { refresh_token, project_id } = json.token as JsonObject;
  const { disabled, disabled_at, disabled_reason, proxy_disabled, proxy_disabled_at } = json;
  return JSON.stringify([
    refresh_token,
    project_id,
    disabled,
    disabled_at,
    disabled_reason,
    proxy_disabled,
    proxy_disabled_at,
  ]);
};

/** The next change to an account: a rotation, a verdict, a re-add, a toggle or a project, as its state allows. */
function nextPatch(json: JsonObject, number: number, random: Random): Patch {
  const token = String((json.token as JsonObject).refresh_token);
  const answer = tokenAnswer(`ya29.${number}`);
  const credential = {
    email: String(json.email),
    name: null,
    refreshToken: `1//0added-${number}`,
    answer,
    clientKey: 'default',
  };
  const choice = random(100);
  if (json.disabled === true && choice < 60) return upsert(credential);
  if (choice < 25) return rotate(token, `1//0rotated-${number}`, answer);
  if (choice < 40) return disable(token, 1_700_000_000 + number, 'invalid_grant: gone');
  if (choice < 70) return setProxyDisabled(json.proxy_disabled === true ? null : { at: number, reason: 'by hand' });
  return setProject(`p-${number}`);
}

/** An edit of the other program: file, number, when it was done in ms since 1970. */
type Edit = readonly [file: string, number: number, at: number];

async function otherEditor(folder: string, { how, edits, pauseMs }: TwoEditors): Promise<readonly Edit[]> {
  const child = spawn(process.execPath, [editor, folder, how, String(edits), String(pauseMs), '7']);
  let out = '';
  child.stdout.on('data', (text) => (out += String(text)));
  child.stderr.pipe(process.stderr);
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`the other editor ended with ${String(status)}`);
  return JSON.parse(out) as Edit[];
}

/** Lets both edit at once, and counts what either lost in the end. */
export async function twoEditors(options: TwoEditors, random: Random): Promise<TwoEditorsFigures> {
  return withDirectory(async (dir) => {
    const folder = dir.at('accounts');
    const models = new Map<string, JsonObject>();
    for (let index = 0; index < options.files; index++) {
      models.set(`a${index}`, await dir.put(account({ id: `a${index}` })));
    }
    const replacedAt: number[] = [];
    const disk: Disk = {
      ...systemDisk,
      exchange: async (one, other) => {
        replacedAt.push(performance.timeOrigin + performance.now());
        if (options.exchange === 'no') throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' });
        await systemDisk.exchange(one, other);
      },
      rename: async (from, to) => {
        replacedAt.push(performance.timeOrigin + performance.now());
        await systemDisk.rename(from, to);
        replacedAt.push(performance.timeOrigin + performance.now());
      },
    };
    const store = await AccountFiles.open(folder, systemClock, disk);
    const watch = new AccountsWatch({ folder, store, clock: systemClock });
    watch.start();
    const counts = { applied: 0, retried: 0 };
    const work = async (): Promise<void> => {
      while (counts.applied < options.edits) {
        const number = counts.applied++;
        const id = `a${random(options.files)}`;
        const model = models.get(id);
        if (model === undefined) throw new Error(id);
        const patch = nextPatch(model, number, random);
        patch.apply(model);
        await store.patch(id, patch).catch((error: unknown) => {
          if (!(error instanceof NotSaved)) throw error;
          counts.retried++;
        });
      }
    };
    const [done] = await Promise.all([otherEditor(folder, options), work(), work(), work()]);
    // their last edit may not have been noticed yet, and a patch that it undid may still be on its way
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await store.reread();
      await store.flush();
    }
    watch.stop();
    const lostOurs: string[] = [];
    for (const [id, model] of models) {
      const found = await dir.read(id);
      if (ours(found) !== ours(model)) lostOurs.push(`${id}: ${ours(model)} became ${ours(found)}`);
    }
    store.close();
    const lost: number[] = [];
    for (const [name, number, at] of done) {
      const kept = ((await dir.read(name.slice(0, -5))).x_theirs as JsonObject | undefined) ?? {};
      if (kept[`e${number}`] !== number) lost.push(at);
    }
    const apart = lost.filter((at) => replacedAt.every((other) => Math.abs(other - at) >= APART_MS));
    return { lostTheirs: lost.length, lostTheirsApart: apart.length, lostOurs, ...counts };
  });
}
