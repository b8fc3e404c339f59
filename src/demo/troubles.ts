/** Bad answers that the demo's Google gives now and then: one of each kind within two minutes. */
import type { Clock } from '../store/ground/clock.js';
import type { Cast } from './cast.js';
import type { GeminiCall } from './gemini.js';
import type { SimulatedGoogle } from './google.js';
import { modelAtCapacity, quotaExceeded, termsViolated } from './refusals.js';
import type { GoogleAnswer } from './reply.js';

export interface TroublesOptions {
  readonly google: Pick<SimulatedGoogle, 'upstream'>;
  readonly cast: Cast;
  readonly clock: Clock;
  /** Runs something later, unless the play ends before. */
  readonly later: (ms: number, act: () => void) => void;
  /** Says in one line what happens, and where to look. */
  readonly say: (hint: string) => void;
}

interface Trouble {
  readonly firstMs: number;
  /** The time until it happens again; null: it happens once. */
  readonly everyMs: number | null;
  readonly forMs: number;
  /** null: there is no hint, since it happens all the time. */
  readonly hint: string | null;
  /**
   * @param leftSeconds - until it is over
   * @returns null: it does not affect that call
   */
  readonly answer: (call: GeminiCall, leftSeconds: number) => GoogleAnswer | null;
}

const DAY_MS = 86_400_000;

const troublesOf = ({ anna, choi, dora }: Cast): readonly Trouble[] => [
  {
    ...{ firstMs: 10_000, everyMs: 45_000, forMs: 12_000, hint: null },
    answer: ({ project, model }, left) =>
      project === dora.projectId ? quotaExceeded({ model: model ?? '', retryDelaySeconds: left }) : null,
  },
  {
    ...{ firstMs: 24_000, everyMs: null, forMs: DAY_MS },
    hint: "demo: anna's daily quota of one model is used up. Enter on her row says till when.",
    answer: ({ project, model }) =>
      project === anna.projectId && model === 'gemini-2.5-flash' ? quotaExceeded({ model, per: 'day' }) : null,
  },
  {
    ...{ firstMs: 40_000, everyMs: 60_000, forMs: 6_000 },
    hint: 'demo: one model has no capacity for some seconds. Nobody rests: the log names who was tried.',
    answer: ({ project, model }) =>
      project !== dora.projectId && model === 'gemini-2.5-pro' ? modelAtCapacity(model) : null,
  },
  {
    ...{ firstMs: 56_000, everyMs: null, forMs: 90_000 },
    hint: 'demo: Google forbids choi the service. Enter says why; c asks again, in a minute and a half with luck.',
    answer: ({ project }) => (project === choi.projectId ? termsViolated() : null),
  },
  {
    ...{ firstMs: 80_000, everyMs: 120_000, forMs: 7_000 },
    hint: 'demo: nobody may serve gemini-3-flash for some seconds. Its requests wait instead of failing.',
    answer: ({ model }, left) =>
      model === 'gemini-3-flash' ? quotaExceeded({ model, retryDelaySeconds: Math.min(left, 7) }) : null,
  },
];

export function startTroubles({ google, cast, clock, later, say }: TroublesOptions): void {
  const troubles = troublesOf(cast).map((trouble) => ({ ...trouble, until: 0 }));
  google.upstream((call) => {
    for (const { answer, until } of troubles) {
      const leftMs = until - clock.now();
      const answered = leftMs <= 0 ? null : answer(call, Math.ceil(leftMs / 1000));
      if (answered !== null) return answered;
    }
    return undefined;
  });
  for (const trouble of troubles) {
    const begin = (): void => {
      trouble.until = clock.now() + trouble.forMs;
      if (trouble.hint !== null) say(trouble.hint);
      if (trouble.everyMs !== null) later(trouble.everyMs, begin);
    };
    later(trouble.firstMs, begin);
  }
}
