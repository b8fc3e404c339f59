/**
 * V8's bounds of what it puts into one optimized function, in bytes of bytecode: `own` as all V8 of Node 20 to 24 have
 * them, and wider ones. A request goes through two hundred small functions, and with V8's own bounds most of them are
 * called instead.
 */
const BOUNDS = [
  { flag: '--max-inlined-bytecode-size', own: 460, wide: 900 },
  { flag: '--max-inlined-bytecode-size-cumulative', own: 920, wide: 2_500 },
] as const;

// loaded where it is used: that takes as long as much of a short verb
const engine = () => process.getBuiltinModule('node:v8');

let atStart: number | null = null;

/** Stands for V8's version and all its flags, as this process was started. First called before {@link inlineMore}. */
export const flagsAtStart = (): number => (atStart ??= engine().cachedDataVersionTag());

/**
 * Has V8 inline more from now on, which saves a twentieth of a request or more. Not from the start on: code that a start
 * has kept is refused where flags differ. Flags may be set late where nothing was built by them before: these two are read
 * at each optimization and nowhere else. Whoever gives Node such a flag keeps it.
 */
export function inlineMore(): void {
  if (!process.execArgv.some((given) => given.replaceAll('_', '-').startsWith(BOUNDS[0].flag))) set('wide');
}

/** Runs `act` with the flags of the start. null: they could not be had again, and it was not run. */
export function asStarted<T>(act: () => T): T | null {
  if (engine().cachedDataVersionTag() === flagsAtStart()) return act();
  set('own');
  try {
    return engine().cachedDataVersionTag() === flagsAtStart() ? act() : null;
  } finally {
    set('wide');
  }
}

function set(which: 'own' | 'wide'): void {
  for (const bound of BOUNDS) engine().setFlagsFromString(`${bound.flag}=${bound[which]}`);
}
