/** A flag of V8: as V8 sets it by itself, and as it is set here. */
interface Flag {
  readonly own: string;
  readonly ours: string;
}

/**
 * V8's bounds of what it puts into one optimized function, in bytes of bytecode: as all V8 of Node 20 to 24 have them, and
 * wider ones. A request goes through two hundred small functions, and with V8's own bounds most of them are called instead.
 */
const INLINING: readonly Flag[] = [
  { own: '--max-inlined-bytecode-size=460', ours: '--max-inlined-bytecode-size=900' },
  { own: '--max-inlined-bytecode-size-cumulative=920', ours: '--max-inlined-bytecode-size-cumulative=2500' },
];

/**
 * How often V8 collects all garbage, at once and one time after the other, of a program that has become idle: three times
 * (twice since Node 22), or once. The first gives back what there is. Each other one takes a third of a second of CPU
 * where there are tens of thousands of accounts, and finds nothing.
 */
const IDLE_COLLECTIONS: readonly Flag[] = [
  Number.parseInt(process.versions.node, 10) < 22
    ? { own: '--no-memory-reducer-single-gc', ours: '--memory-reducer-single-gc' }
    : { own: '--memory-reducer-gc-count=2', ours: '--memory-reducer-gc-count=1' },
];

// loaded where it is used: that takes as long as much of a short verb
const engine = () => process.getBuiltinModule('node:v8');

let atStart: number | null = null;
/** Stands for V8's version and all its flags, as this process was started. First called before any is changed. */
export const flagsAtStart = (): number => (atStart ??= engine().cachedDataVersionTag());

/**
 * Has V8 inline more from now on, which saves a twentieth of a request or more. Not from the start on: code that a start
 * has kept is refused where flags differ. Flags may be set late where nothing was built by them before: all of these are
 * read each time that they are needed, and nowhere else. Whoever gives Node such a flag keeps it.
 */
export function inlineMore(): void {
  if (!isGiven('--max-inlined-bytecode-size')) set(INLINING, 'ours');
}

/** Has V8 collect the garbage of a start once, and not again and again, when that is over. */
export function collectOnceIdle(): void {
  if (!isGiven('--memory-reducer')) set(IDLE_COLLECTIONS, 'ours');
}

/** Runs `act` with the flags of the start. null: they could not be had again, and it was not run. */
export function asStarted<T>(act: () => T): T | null {
  const isAsStarted = (): boolean => engine().cachedDataVersionTag() === flagsAtStart();
  const changed: (readonly Flag[])[] = [];
  try {
    // the program is another script than this one, with modules of its own: what it has set is seen by the tag alone
    for (const flags of [IDLE_COLLECTIONS, INLINING]) {
      if (isAsStarted()) break;
      set(flags, 'own');
      changed.push(flags);
    }
    return isAsStarted() ? act() : null;
  } finally {
    for (const flags of changed) set(flags, 'ours');
  }
}

const isGiven = (flag: string): boolean =>
  process.execArgv.some((given) => given.replaceAll('_', '-').startsWith(flag));

function set(flags: readonly Flag[], which: keyof Flag): void {
  for (const flag of flags) engine().setFlagsFromString(flag[which]);
}
