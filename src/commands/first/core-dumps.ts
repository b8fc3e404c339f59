import { writeFileSync } from 'node:fs';

/**
 * Imported before anything else. Where core dumps are on, one of this process or of a program that it starts has none of
 * its memory in it (core(5)), and so no token. Linux only; elsewhere the limit of the session decides.
 */
try {
  if (process.platform === 'linux') writeFileSync('/proc/self/coredump_filter', '0');
} catch {
  // a sandbox keeps /proc closed: its own rules hold
}

export {};
