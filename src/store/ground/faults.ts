/** Errors in work that no caller waits for: each is reported in one line, and nothing else ends because of it. */

/** @param what - the work, as a line names it: `the refresh of anna@example.com` */
export type TellFault = (what: string, error: unknown) => void;

/** Where nothing reports faults, a bug ends the program like any other. */
const raised: TellFault = (_what, error) => {
  throw error;
};

let tellFault: TellFault = raised;
/** Set while a fault is reported: reporting may itself fail, or cause another report. */
let isTelling = false;

/** Faults are reported by `told` from now on. @returns ends that */
export function faultsGoTo(told: TellFault): () => void {
  tellFault = told;
  return () => {
    if (tellFault === told) tellFault = raised;
  };
}

/** Reports an error in something that goes on in spite of it. @param what - as in {@link TellFault} */
export const faultIn: TellFault = (what, error) => {
  if (isTelling) return;
  isTelling = true;
  try {
    tellFault(what, error);
  } finally {
    isTelling = false;
  }
};

/** Lets work go on without a caller that waits for it. @param what - as in {@link TellFault} */
export function byItself(what: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => faultIn(what, error));
}
