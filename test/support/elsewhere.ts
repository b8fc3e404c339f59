import type { ChangedElsewhere, ResourceRecord, StateElsewhere } from '../../src/store/state/state-store.js';

/** Other boxes, whose part a test plays. */
export interface Played {
  readonly elsewhere: StateElsewhere;
  rests(changed: Partial<ChangedElsewhere<unknown>>): void;
  resources(changed: Partial<ChangedElsewhere<ResourceRecord>>): void;
  tokens(fingerprints: readonly string[]): void;
}

/** @param known - what the others know of stored things, by name */
export function playedElsewhere(known: ReadonlyMap<string, ResourceRecord> = new Map()): Played {
  const told = {
    rests: [] as ((changed: ChangedElsewhere<unknown>) => void)[],
    resources: [] as ((changed: ChangedElsewhere<ResourceRecord>) => void)[],
    tokens: [] as ((fingerprints: readonly string[]) => void)[],
  };
  const add = <T>(list: T[], listener: T): (() => void) => {
    list.push(listener);
    return () => undefined;
  };
  return {
    elsewhere: {
      onCoolDowns: (listener) => add(told.rests, listener),
      onResources: (listener) => add(told.resources, listener),
      onTokens: (listener) => add(told.tokens, listener),
      findResources: (names) => Promise.resolve(names.flatMap((name) => known.get(name) ?? [])),
    },
    rests: ({ now = [], gone = [] }) => told.rests.forEach((listener) => listener({ now, gone })),
    resources: ({ now = [], gone = [] }) => told.resources.forEach((listener) => listener({ now, gone })),
    tokens: (fingerprints) => told.tokens.forEach((listener) => listener(fingerprints)),
  };
}
