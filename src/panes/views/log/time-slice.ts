/** Work that may be much is done in slices: between two of them keys are heard, pictures drawn and requests served. */

/** Less than a picture takes to be noticed as late. */
const SLICE_MS = 15;

/** Whether the time for now is over. */
export type SliceEnd = () => boolean;

/** A slice that begins now; @param monotonic - ms, as of a clock that nobody sets. */
export function timeSlice(monotonic: () => number): SliceEnd {
  const end = monotonic() + SLICE_MS;
  return () => monotonic() >= end;
}

export const endless: SliceEnd = () => false;
