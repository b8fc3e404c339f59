/**
 * The environment of a proxy that runs for weeks beside others: it gives back what a busy hour took. Whatever the user has
 * set goes before it.
 *
 * glibc (mallopt(3), "Environment variables"; other libraries do not look at these) otherwise raises the size from which
 * memory is given back with each large body that is let go, up to 32 MB. V8 otherwise lets new objects fill up to 48 MB
 * before it looks for dead ones (`node --v8-options`, `--max-semi-space-size` in MB; there are three such spaces).
 */
export const MEMORY_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_ARENA_MAX: '2',
  NODE_OPTIONS: '--max-semi-space-size=8',
};
