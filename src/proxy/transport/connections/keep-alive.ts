/**
 * After so much silence on a connection its other end is asked by TCP whether it is still there. A connection whose end
 * does not answer for ten seconds is ended, and a NAT between them does not forget one that is asked so often.
 */
export const KEEP_ALIVE_PROBE_MS = 30_000;
