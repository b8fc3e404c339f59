/**
 * 500 Live sessions at once: memory a session, of clients that do not read, and a stop in the middle; the median of three
 * programs. Arguments: sessions, of them slow.
 */
import { manySessions, type SessionsFigures } from '../test/support/many-sessions.js';

const count = Number(process.argv[2] ?? 500);
const slow = Number(process.argv[3] ?? 100);
const rounds: SessionsFigures[] = [];
for (let round = 0; round < 3; round++)
  rounds.push(await manySessions({ count, slow, requests: 5_000, lookAfterMs: 1_000 }));
const median = (of: (figures: SessionsFigures) => number): number => rounds.map(of).sort((a, b) => a - b)[1] ?? 0;
const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;
const resident = median((figures) => figures.resident);
const later = median(({ slowLater }) => slowLater);
console.log(
  `live-sessions: ${count} sessions: ${kilobytes(resident)} resident each, ${kilobytes(median(({ held }) => held))} of it in heap and buffers; for each of ${slow} that do not read 8 MB ${kilobytes(median((figures) => figures.slow))} more after a second, ${kilobytes(later)} after three; a stop told ${median(({ told }) => told)} of the others 1012 and took ${median(({ stopMs }) => stopMs).toFixed(0)} ms`,
);
const isStopped = rounds.every(({ told, status }) => told === count - slow && status === 0);
process.exitCode = resident <= 40_000 && later <= 500_000 && isStopped ? 0 : 1;
