/** The play of the demo: grants die one after the other, each once the one before it was brought back. */
import type { Clock } from '../store/ground/clock.js';
import type { GrantEvent } from '../store/records/grant-event.js';
import type { Cast, Player } from './cast.js';
import type { SimulatedGoogle } from './google.js';
import type { RevokedWords } from './tokens.js';
import { startTroubles } from './troubles.js';

export interface PlayOptions {
  readonly google: SimulatedGoogle;
  readonly cast: Cast;
  readonly clock: Clock;
  readonly setHint: (hint: string | null) => void;
  readonly onEvent: (listener: (event: GrantEvent) => void) => () => void;
}

interface Act {
  readonly victim: Player;
  readonly words: RevokedWords;
  /** ms after the start of the play, or after the recovery from the act before. */
  readonly afterMs: number;
  /** The hint once the victim is back. */
  readonly moral: string;
}

const acts = (cast: Cast): readonly Act[] => [
  {
    victim: cast.kim,
    words: {},
    afterMs: 6500,
    moral: 'one more grant dies in a minute. Till then try Enter, e on finn, / or ?',
  },
  {
    victim: cast.ben,
    words: { description: 'reauth related error (invalid_rapt)', subtype: 'invalid_rapt' },
    afterMs: 60_000,
    moral: 'that was all. The traffic goes on; q stops the demo and removes its data.',
  },
];

/** Hints are short: at 80 columns the rest of the line would be cut. */
const overture = 'demo: only Google is simulated here. It revokes a grant in a few seconds.';
const whatToDo = ({ newToken }: Player): string => `demo: press . and r, paste  ${newToken}  and press Enter.`;

/** Starts the play; the returned function stops it. */
export function startPlay(options: PlayOptions): () => void {
  const { setHint } = options;
  const { later, cancelAll } = timersOf(options.clock);
  const queue = [...acts(options.cast)];
  let dying: Act | undefined;

  const kill = (act: Act): void => {
    dying = act;
    options.google.revoke(act.victim.refreshToken, act.words);
    // Otherwise the access token would serve for the best part of an hour, and nothing would be seen.
    options.google.expireAccess(act.victim.email);
  };
  const next = (): void => {
    const act = queue.shift();
    if (act) later(act.afterMs, () => kill(act));
  };
  const forget = options.onEvent((event) => {
    if (event.email !== dying?.victim.email) return;
    if (event.kind === 'disabled') setHint(whatToDo(dying.victim));
    if (event.kind !== 'recovered') return;
    setHint(`demo: ${dying.victim.email} is back; ${dying.moral}`);
    dying = undefined;
    next();
  });

  setHint(overture);
  next();
  // what to do about a dead grant is more urgent
  startTroubles({ ...options, later, say: (hint) => (dying === undefined ? setHint(hint) : undefined) });
  return () => {
    forget();
    options.google.upstream(null);
    cancelAll();
  };
}

/** Timers that can be cancelled together. */
function timersOf(clock: Clock): { later: (ms: number, act: () => void) => void; cancelAll: () => void } {
  const pending = new Set<() => void>();
  return {
    later(ms, act) {
      const cancel = clock.after(ms, () => {
        pending.delete(cancel);
        act();
      });
      pending.add(cancel);
    },
    cancelAll() {
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}
