import { english } from '../../store/words/saying.js';
import path from 'node:path';
import type { Account } from '../../store/accounts/account.js';
import { NotBroughtBack, type AccountStore } from '../../store/accounts/account-store.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import type { Clock } from '../../store/ground/clock.js';
import { reasonOf } from '../../store/ground/errors.js';
import type { AccessRecord, Logger } from '../../store/records/log.js';
import { type Patch, restore } from '../../store/accounts/patches.js';
import type { Trash, Trashed } from '../../store/accounts/trash.js';
import type { OperationReply, StepQuestions } from '../contract/operations.js';
import { fewNames } from './words.js';
import type { MassActs } from './mass-acts.js';
import { byItself } from '../../store/ground/faults.js';
import { oneAtATime } from '../../store/ground/one-at-a-time.js';

export interface UndoParts {
  readonly store: AccountStore;
  readonly trash: Trash;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Forgets what was known of this account's refresh token beyond its file. */
  readonly forget: (account: Account) => void;
  readonly acts: MassActs;
}

/** A step that can be undone. */
type Step =
  | { readonly kind: 'removed'; readonly files: readonly { readonly id: string; readonly file: string }[] }
  | { readonly kind: 're-added'; readonly id: string; readonly previous: Trashed }
  | { readonly kind: 'added'; readonly ids: readonly string[] };

/** The result of undoing a step, with the step that would undo that; null: nothing was undone. */
interface Taken {
  readonly said: OperationReply;
  readonly inverse: Step | null;
}

/** How many steps can be undone: nobody remembers more. */
const MOST_STEPS = 50;

/**
 * Undoes removals and re-adds, the last first. What they replaced lies in the trash meanwhile: a credential stays there
 * until its successor has served a request.
 */
export class Undo {
  private steps: Step[] = [];
  /** Undone steps that can be redone, the last one at the end; a new step empties the list. */
  private undone: Step[] = [];
  /** Whether there was anything to undo since the start. */
  private hadSteps = false;
  /** The removals that were asked for; what they removed can be undone once they have ended. */
  private removals: Promise<void> = Promise.resolve();
  /** Of two at once the second would find the step of the first neither done nor undone. */
  private readonly inTurn = oneAtATime();

  constructor(private readonly parts: UndoParts) {}

  /** A re-add is about to replace the credential in this account's file: keeps that in the trash. */
  async replacing(id: string): Promise<void> {
    const { store, trash, logger } = this.parts;
    const json = store.json(id);
    if (json === null) return;
    try {
      this.push({ kind: 're-added', id, previous: await trash.keepReplaced(id, json) });
    } catch (error) {
      // the new credential is worth more than keeping the old one
      logger.warn(`The previous credential of ${id}.json is not kept: ${reasonOf(error)}`);
    }
  }

  /** A re-add made a new account. */
  added(id: string): void {
    this.push({ kind: 'added', ids: [id] });
  }

  /** A request ended well: the account's new credential is proven, and the one before it can go. */
  served({ account: email, status, ms }: AccessRecord): void {
    const { store, trash, clock } = this.parts;
    if (!trash.isAwaiting || email === null || status === 0 || status >= 400) return;
    for (const id of trash.awaited) {
      const since = trash.replacedAt(id) ?? Number.POSITIVE_INFINITY;
      const isOurs = store.get(id)?.account?.email.toLowerCase() === email.toLowerCase();
      // a request that began before the re-add was served with the old credential
      if (isOurs && clock.now() - ms >= since) byItself('the clearing of the trash', trash.proven(id));
    }
  }

  /** Moves the files of accounts to the trash; one that cannot be moved does not stop the others. */
  remove(ids: readonly string[]): Promise<OperationReply> {
    const removal = this.moveToTrash(ids);
    this.removals = Promise.allSettled([this.removals, removal]).then(() => undefined);
    return removal;
  }

  private async moveToTrash(ids: readonly string[]): Promise<OperationReply> {
    const { store, trash, logger, acts } = this.parts;
    const removed = new Map<string, { readonly id: string; readonly file: string; readonly name: string }>();
    const unsaved: string[] = [];
    const known = ids.filter((id) => store.get(id) !== undefined);
    const { done, faults, left } = await acts.run('remove', known, async (id) => {
      const stored = store.get(id);
      if (stored === undefined) return null;
      const file = trash.placeForRemoved(id);
      const name = stored.account?.email ?? stored.file;
      try {
        await store.moveAway(id, file);
      } catch (error) {
        // one that is out of memory is removed here, and can be brought back: only the saving is tried again
        if (!(error instanceof NotSaved) || store.get(id) !== undefined)
          return `${stored.file} is not removed: ${reasonOf(error)}`;
        unsaved.push(error.message);
      }
      removed.set(id, { id, file, name });
      logger.info({ account: stored.account?.email }, `Account removed (${name}): its file lies in the trash`);
      return null;
    });
    const files = done.flatMap((id) => removed.get(id) ?? []);
    if (files.length > 0) this.push({ kind: 'removed', files });
    const parts = [
      files.length === 0 ? 'nothing removed' : `removed ${fewNames(files.map(({ name }) => name))}`,
      left === 0 ? '' : `stopped: ${left} not come to`,
      files.length === 0 ? '' : 'u brings it back',
      fewNames(faults),
      fewNames(unsaved),
    ];
    return { ok: faults.length + unsaved.length === 0, text: parts.filter((part) => part !== '').join('; ') };
  }

  /** Undoes the last step; a removal under way is that step once it has ended. */
  undo(): Promise<OperationReply> {
    return this.inTurn(async () => {
      await this.removals;
      const step = this.steps.pop();
      if (step === undefined) {
        const never = 'nothing to undo: nothing was removed or re-added since the start';
        return { ok: false, text: this.hadSteps ? 'nothing is left to undo' : never };
      }
      const { undone } = this;
      const { said, inverse } = await this.take(step);
      this.undone = inverse === null ? undone : [...undone, inverse];
      this.parts.logger.info(said.text);
      return said;
    });
  }

  /** Redoes the step that was undone last; after a removal, also one under way, there is none. */
  redo(): Promise<OperationReply> {
    return this.inTurn(async () => {
      await this.removals;
      const step = this.undone.at(-1);
      if (step === undefined)
        return { ok: false, text: 'nothing to do again: nothing was undone since the last change' };
      const undone = this.undone.slice(0, -1);
      const { said, inverse } = await this.take(step);
      if (inverse !== null) this.push(inverse);
      this.undone = undone;
      this.parts.logger.info(said.text);
      return said;
    });
  }

  /** What to ask the operator before an undo or redo that brings back a credential that is dead or older. */
  async questions(): Promise<StepQuestions> {
    return {
      undo: await this.question(this.steps.at(-1), 'older'),
      redo: await this.question(this.undone.at(-1), null),
    };
  }

  /** Brings back what lies in the trash by this name: a removed account, or the credential that a re-add replaced. */
  async restoreTrashed(name: string): Promise<OperationReply> {
    const trashed = (await this.parts.trash.list()).find(({ file }) => path.basename(file) === name);
    if (trashed === undefined)
      return { ok: false, text: `there is no ${name} in the trash; \`regrant trash\` lists what is` };
    const { id, file } = trashed;
    const step: Step =
      trashed.kind === 'removed'
        ? { kind: 'removed', files: [{ id, file }] }
        : { kind: 're-added', id, previous: trashed };
    const { said, inverse } = await this.take(step);
    if (inverse !== null && step.kind === 're-added') this.push(inverse);
    this.steps = this.steps.filter(
      (known) => known.kind !== 'removed' || known.files.every((one) => one.file !== file),
    );
    this.parts.logger.info(said.text);
    return said;
  }

  private async question(step: Step | undefined, age: 'older' | null): Promise<string | null> {
    if (step?.kind !== 're-added') return null;
    const json = await this.parts.trash.read(step.previous);
    const kind = json?.disabled === true ? 'dead' : age;
    const email = this.parts.store.get(step.id)?.account?.email ?? step.id;
    return json === null || kind === null ? null : `put the ${kind} credential of ${email} back`;
  }

  /** Undoes one step; `inverse` would redo it, null: nothing was undone. */
  private async take(step: Step): Promise<Taken> {
    if (step.kind !== 'removed') return step.kind === 'added' ? this.takeAway(step.ids) : this.putBack(step);
    return this.bringBack(step);
  }

  /** One that cannot be brought back does not stop the others; it, and those not come to, are the next step to undo. */
  private async bringBack(step: Extract<Step, { kind: 'removed' }>): Promise<Taken> {
    const { store, acts } = this.parts;
    const { done, faults, left } = await acts.run('bring_back', step.files, async ({ id, file }) => {
      try {
        await store.bringBack(id, file);
        return null;
      } catch (error) {
        if (!(error instanceof NotBroughtBack)) throw error;
        return error.message;
      }
    });
    const missing = step.files.filter((file) => !done.includes(file));
    if (missing.length > 0) this.push({ kind: 'removed', files: missing });
    const back = fewNames(done.map(({ id }) => store.get(id)?.account?.email ?? `${id}.json`));
    const parts = [
      fewNames(faults),
      done.length === 0 ? '' : `brought back ${back}`,
      left === 0 ? '' : `stopped: ${left} not come to; u goes on`,
    ].filter((part) => part !== '');
    const inverse: Step | null = done.length === 0 ? null : { kind: 'added', ids: done.map(({ id }) => id) };
    return { said: { ok: faults.length === 0, text: parts.join('; ') }, inverse };
  }

  /** One that cannot be removed does not stop the others; it, and those not come to, are the next step to undo. */
  private async takeAway(ids: readonly string[]): Promise<Taken> {
    const { store } = this.parts;
    const before = this.steps;
    const { ok, text } = await this.moveToTrash(ids);
    // `remove` has pushed a step, unless none was removed: left there, the next undo would bring the accounts back again
    const inverse = this.steps === before ? null : (this.steps.pop() ?? null);
    const left = ids.filter((id) => store.get(id) !== undefined);
    if (left.length > 0) this.push({ kind: 'added', ids: left });
    const again = ok ? ' again; its file lies in the trash' : ' again';
    return { said: { ok, text: text.replace('; u brings it back', again) }, inverse };
  }

  private async putBack(step: Extract<Step, { kind: 're-added' }>): Promise<Taken> {
    const { store, trash } = this.parts;
    const { id, previous } = step;
    const stored = store.get(id);
    const account = stored?.account ?? null;
    const json = await trash.read(previous);
    if (account === null || stored?.unreadable !== null) {
      return notTaken(`${id}.json cannot be changed; its previous credential lies in ${previous.file}`);
    }
    if (json === null) {
      return notTaken(
        `${account.email}: its new refresh token has served a request, so the one before it is not kept any more`,
      );
    }
    try {
      // the credential that is replaced now may be wanted again
      const kept = await trash.keepReplaced(id, store.json(id) ?? {});
      const why = await this.putIn(id, restore(account.refreshToken, json));
      await trash.discard(previous);
      const done = this.saidOf(id, account.email);
      const inverse: Step = { kind: 're-added', id, previous: kept };
      if (why === null) return { said: done, inverse };
      return { said: { ok: false, text: english('{done}, but not saved: {why}', { done: done.text, why }) }, inverse };
    } catch (error) {
      return notTaken(`${account.email}: ${reasonOf(error)}`);
    }
  }

  /** @returns why it counts here, but is not saved and tried again; null: it is @throws it does not count */
  private async putIn(id: string, back: Patch): Promise<string | null> {
    const { store } = this.parts;
    const before = store.get(id)?.account?.refreshToken;
    try {
      await store.patch(id, back);
      return null;
    } catch (error) {
      if (!(error instanceof NotSaved) || store.get(id)?.account?.refreshToken === before) throw error;
      return error.reason;
    }
  }

  private saidOf(id: string, email: string): OperationReply {
    const now = this.parts.store.get(id)?.account;
    if (now !== undefined && now !== null) this.parts.forget(now);
    const words =
      now?.disabled === null
        ? english('its previous refresh token is back')
        : english('its previous refresh token is back, and it is disabled again with it');
    return { ok: true, text: `${email}: ${words}` };
  }

  private push(step: Step): void {
    this.hadSteps = true;
    this.undone = [];
    this.steps = [...this.steps, step].slice(-MOST_STEPS);
  }
}

const notTaken = (text: string): Taken => ({ said: { ok: false, text }, inverse: null });
