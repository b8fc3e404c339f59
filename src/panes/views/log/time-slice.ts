/** Long work is done in slices: between two of them keys are read, frames drawn and requests served. */

/** Shorter than a delay of a frame that would be noticed. */
const SLICE_MS = 15;

/** Whether the slice's time is over. */
export type SliceEnd = () => boolean;

/** Begins a slice. @param monotonic - a clock in ms */
export function timeSlice(monotonic: () => number): SliceEnd {
  const end = monotonic() + SLICE_MS;
  return () => monotonic() >= end;
}

export const endless: SliceEnd = () => false;
