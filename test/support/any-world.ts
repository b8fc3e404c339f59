import fc from 'fast-check';
import { badKinds, factKinds, methods, type World } from './truth.js';

const number = fc.nat({ max: 11 });

const asking = fc.record({
  kind: fc.constant('ask' as const),
  model: number,
  method: fc.constantFrom(...methods),
  bad: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...badKinds) }),
});
const fact = fc.record({
  kind: fc.constant('fact' as const),
  of: fc.constantFrom(...factKinds),
  who: number,
  model: number,
  seconds: fc.constantFrom(5, 45, 600, 5_000),
});
const passing = fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 3, 20, 70, 400, 3_700) });

/** A pool, what happens to it, and which requests come meanwhile; within one day. */
export const anyWorld: fc.Arbitrary<World> = fc.record({
  accounts: fc.integer({ min: 1, max: 7 }),
  projects: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: asking },
      { weight: 2, arbitrary: fact },
      { weight: 1, arbitrary: passing },
      { weight: 1, arbitrary: fc.constant({ kind: 'mended' as const }) },
    ),
    { minLength: 4, maxLength: 40, size: 'max' },
  ),
});
