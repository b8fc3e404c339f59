/**
 * Requests through ten accounts that die, cool and come back, while Google refuses, limits, stalls, resets and truncates: no
 * client may see a failure before the first byte, since one account is always well; every request is accounted for in log
 * and metrics; and the proxy's memory does not grow.
 *
 * `npm run soak -- traffic`, or `node --import tsx soak/traffic.ts 20000` for so many requests (a million by itself).
 */
import { faultyTraffic, wrongWith } from '../test/support/faulty-traffic.js';

/** How much memory may differ from one tenth to another because of garbage collection. */
const NOISE_MB = 20;

const figures = await faultyTraffic(Number(process.argv[2] ?? 1_000_000));
const [middle, last] = figures.rssMb;
const wrong = [...wrongWith(figures), ...(last - middle <= NOISE_MB ? [] : ['the memory grows'])];
console.log(
  `traffic: ${figures.requests} requests at ${figures.perSecond.toFixed(0)} a second, ${figures.good} good, ${figures.failed} failed before the first byte, ` +
    `${figures.broken} broken off after it (${figures.truncatedByGoogle} truncated by Google); ${figures.logged.all} in the log with ${figures.logged.tries} tries, ` +
    `${figures.counted.requests} in the metrics; ${figures.deaths} deaths, ${figures.recoveries} recoveries; RSS ${middle.toFixed(0)} MB in the sixth tenth, ${last.toFixed(0)} in the last` +
    (wrong.length === 0 ? '' : `; WRONG: ${wrong.join('; ')}`),
);
process.exitCode = wrong.length === 0 ? 0 : 1;
