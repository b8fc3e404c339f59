import type { Clock } from '../../store/ground/clock.js';
import { OpenList, type InOpenList } from '../transport/open-list.js';
import type { OwnError } from '../http/own-answer.js';
import type { ClientKey, NamedKeys } from './client-keys.js';
import type { KeyLimits } from './key-limits.js';

/** A request as `KeyGate` needs it: something that can be ended. */
export interface HeldRequest extends InOpenList {
  readonly key: ClientKey;
  /** Ends the request, whatever was sent. */
  cut(): void;
}

/** How often running requests are checked for whether their keys are still let in. */
const LOOK_EVERY_MS = 500;

/**
 * Counts each key's requests in and out, and ends those whose key was switched off, expired or was revoked meanwhile.
 */
export class KeyGate {
  private readonly open = new OpenList<HeldRequest>();
  private cancel: (() => void) | null = null;

  constructor(
    readonly keys: NamedKeys,
    private readonly limits: KeyLimits,
    private readonly clock: Clock,
  ) {}

  /** The owner of the first of these keys that has one. */
  keyAmong(offered: readonly string[]): ClientKey | null {
    for (const key of offered) {
      const found = this.keys.find(key);
      if (found !== null) return found;
    }
    return null;
  }

  /**
   * Lets a request begin, or returns why it may not. One that began has to `leave`.
   *
   * @param model - empty where the request names none yet
   */
  enter(held: HeldRequest, model: string): OwnError | null {
    const error = modelRefusal(held.key, model) ?? this.limits.begin(held.key);
    if (error !== null) return error;
    this.open.add(held);
    this.lookLater();
    return null;
  }

  /** A request has ended. Does nothing for one that was not let in. */
  leave(held: HeldRequest): void {
    if (held.place < 0) return;
    this.open.remove(held);
    this.limits.end(held.key);
  }

  /** The keys have changed: ends running requests of keys that are not let in any more. */
  look(): void {
    this.open.forEach((held) => {
      if (this.keys.current(held.key) === null) held.cut();
    });
  }

  close(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private lookLater(): void {
    this.cancel ??= this.clock.after(LOOK_EVERY_MS, () => {
      this.cancel = null;
      if (this.open.size > 0) this.lookLater();
      this.look();
    });
  }
}

/** Why this key may not use this model; null: it may. */
export function modelRefusal({ rules }: ClientKey, model: string): OwnError | null {
  if (rules === null || rules.models.length === 0 || model === '') return null;
  if (rules.models.some((pattern) => isLike(model, pattern))) return null;
  return {
    status: 403,
    code: 'model_not_allowed',
    message: `this API key may not use the model ${model.slice(0, 80)}`,
  };
}

/** Whether a name matches a pattern, in which `*` is any text. */
function isLike(name: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  if (parts.length === 1) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1) ?? '';
  return name.length - at >= last.length && name.endsWith(last);
}
