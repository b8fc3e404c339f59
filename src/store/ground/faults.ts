/** What goes wrong in work that nobody waits for: it is that work's trouble, said in one line, and nothing else ends with it. */

/** @param what - the work, as a line names it: `the refresh of anna@example.com` */
export type TellFault = (what: string, error: unknown) => void;

/** Where nobody is there to be told, a bug ends the program as any other does. */
const raised: TellFault = (_what, error) => {
  throw error;
};

let tellFault: TellFault = raised;
/** Who is told may fail himself, or have others told who do. */
let isTelling = false;

/** From now on faults go there. @returns ends it */
export function faultsGoTo(told: TellFault): () => void {
  tellFault = told;
  return () => {
    if (tellFault === told) tellFault = raised;
  };
}

/** Says what went wrong in something that goes on all the same. @param what - as in {@link TellFault} */
export const faultIn: TellFault = (what, error) => {
  if (isTelling) return;
  isTelling = true;
  try {
    tellFault(what, error);
  } finally {
    isTelling = false;
  }
};

/** Lets work go on by itself. @param what - as in {@link TellFault} */
export function byItself(what: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => faultIn(what, error));
}
