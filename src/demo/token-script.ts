/** Scripts the token endpoint: what it does with a refresh token in place of its usual answer. */
import type { GoogleAnswer } from './reply.js';

/** Calls of the token endpoint that hang. */
export interface Hold {
  /** Resolves when this many calls (default 1) hang. */
  waiting(calls?: number): Promise<void>;
  /** Lets them go on, and ends the hold. */
  release(): void;
}

/** One call of the token endpoint, from its arrival to its answer. */
export interface ScriptedExchange {
  /** Waits while the token is held, then returns what was scripted for it. */
  scripted(): Promise<GoogleAnswer | undefined>;
  end(): void;
}

/** Stands for any refresh token. */
const anyToken = '*';

export class TokenScript {
  readonly #replies = new Map<string, { reply: GoogleAnswer; times: number }[]>();
  readonly #holds = new Map<string, OpenHold>();
  readonly #underWay = new Map<string, number>();
  readonly #most = new Map<string, number>();

  add(refreshToken: string, reply: GoogleAnswer, times: number): void {
    this.#replies.set(refreshToken, [...(this.#replies.get(refreshToken) ?? []), { reply, times }]);
  }

  remove(refreshToken: string): void {
    this.#replies.delete(refreshToken);
  }

  hold(refreshToken: string): Hold {
    this.#holds.get(refreshToken)?.release();
    const hold = new OpenHold(() => this.#holds.delete(refreshToken));
    this.#holds.set(refreshToken, hold);
    return hold;
  }

  releaseAll(): void {
    for (const hold of [...this.#holds.values()]) hold.release();
  }

  overlap(refreshToken?: string): number {
    return refreshToken === undefined ? Math.max(0, ...this.#most.values()) : (this.#most.get(refreshToken) ?? 0);
  }

  begin(refreshToken: string): ScriptedExchange {
    const underWay = (this.#underWay.get(refreshToken) ?? 0) + 1;
    this.#underWay.set(refreshToken, underWay);
    this.#most.set(refreshToken, Math.max(underWay, this.#most.get(refreshToken) ?? 0));
    return {
      scripted: async () => {
        await (this.#holds.get(refreshToken) ?? this.#holds.get(anyToken))?.enter();
        return this.#next(refreshToken) ?? this.#next(anyToken);
      },
      end: () => void this.#underWay.set(refreshToken, (this.#underWay.get(refreshToken) ?? 1) - 1),
    };
  }

  #next(key: string): GoogleAnswer | undefined {
    const first = this.#replies.get(key)?.find((step) => step.times > 0);
    if (first) first.times -= 1;
    return first?.reply;
  }
}

class OpenHold implements Hold {
  readonly #ended: () => void;
  readonly #released: Promise<void>;
  #open!: () => void;
  #entered = 0;
  #watchers: { calls: number; done: () => void }[] = [];

  constructor(ended: () => void) {
    this.#ended = ended;
    this.#released = new Promise((open) => (this.#open = open));
  }

  enter(): Promise<void> {
    this.#entered += 1;
    for (const watcher of this.#watchers) if (watcher.calls <= this.#entered) watcher.done();
    return this.#released;
  }

  waiting(calls = 1): Promise<void> {
    if (this.#entered >= calls) return Promise.resolve();
    return new Promise((done) => this.#watchers.push({ calls, done }));
  }

  release(): void {
    this.#ended();
    this.#open();
  }
}
