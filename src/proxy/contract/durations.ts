/** How long something lasts or took, as a person says it: the same on the screen, in a command and in the log. */

const steps = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** A duration in its two largest units, rounded up to a second: `6d22h`, `4h54m`, `47s`. */
export function spoken(seconds: number): string {
  const all = Math.max(1, Math.ceil(seconds));
  const first = steps.findIndex(([, size]) => all >= size);
  const [large, small] = [steps[first], steps[first + 1]];
  if (large === undefined || small === undefined) return `${all}s`;
  const rest = Math.floor((all % large[1]) / small[1]);
  return `${Math.floor(all / large[1])}${large[0]}${rest === 0 ? '' : `${rest}${small[0]}`}`;
}

/** A duration as measured: `212 ms`, `1.8 s`, `2m35s`. */
export function took(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : spoken(Math.floor(ms / 1_000));
}

/** A wait: `12 s`, `4 min`, `4h54m`, `6d22h`; rounded up, so that it is 0 only when it is over. */
export function wait(ms: number): string {
  const left = Math.max(0, ms);
  if (left <= 120_000) return `${Math.ceil(left / 1_000)} s`;
  return left <= 7_200_000 ? `${Math.ceil(left / 60_000)} min` : spoken(left / 1_000);
}
