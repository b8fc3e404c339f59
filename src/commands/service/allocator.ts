/**
 * How glibc's allocator is to treat memory of a proxy that runs for weeks (mallopt(3), "Environment variables"); other
 * libraries do not look at these. Without them it keeps what one large body has used: each one that is let go raises
 * the size from which memory is given back to the system, up to 32 MB.
 */
export const ALLOCATOR: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_ARENA_MAX: '2',
};
