import type { ToldNotices } from '../../src/proxy/notices/notice.js';

/** What was told, in memory. */
export function told(keys: readonly string[] = []): ToldNotices {
  const noted = new Set(keys);
  return {
    isTold: (key) => noted.has(key),
    note: (key) => void noted.add(key),
    forget: (key) => noted.delete(key),
    keys: () => [...noted],
  };
}
