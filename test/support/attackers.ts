/**
 * A process of attackers, all at once, for as long as it is told to; started by `hostile-hour`, which talks to it by
 * messages.
 */
import { pause } from './pause.js';
import type { Attack, Target } from './attacks/attack.js';
import { attacksOnTheFiles } from './attacks/on-the-files.js';
import { attacksOnThePort } from './attacks/on-the-port.js';
import { attacksWithAKey } from './attacks/with-a-key.js';

/** What `hostile-hour` tells it. */
export type Order = { readonly target: Target } | 'attack' | 'rest';
/** What it reports: how many rounds each attack has had so far, and how many could not be made. */
export interface Fought {
  readonly rounds: Readonly<Record<string, number>>;
  readonly troubles: readonly string[];
}

const rounds: Record<string, number> = {};
const troubles: string[] = [];
let target: Target | null = null;
let isOn = false;
const under = new Set<Promise<void>>();

async function keepOn(attack: Attack, against: Target): Promise<void> {
  while (isOn) {
    const round = rounds[attack.name] ?? 0;
    rounds[attack.name] = round + 1;
    await attack.round(against, round).catch((error: unknown) => troubles.push(`${attack.name}: ${String(error)}`));
    await pause(attack.everyMs);
  }
}

function start(against: Target): void {
  for (const attack of [...attacksOnThePort, ...attacksWithAKey, ...attacksOnTheFiles]) {
    const done = keepOn(attack, against).finally(() => under.delete(done));
    under.add(done);
  }
}

process.on('message', (order: Order) => {
  if (typeof order === 'object') target = order.target;
  else if (order === 'attack' && target !== null) {
    isOn = true;
    start(target);
  } else {
    isOn = false;
    void Promise.all(under).then(() => process.send?.({ rounds, troubles: troubles.slice(0, 10) } satisfies Fought));
  }
});
process.on('disconnect', () => process.exit());
