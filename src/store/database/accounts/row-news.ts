/** What tells that rows were changed. */
export interface RowNews {
  /** Calls `listener` with the id of each account that some box changed. */
  onTold(listener: (id: string) => void): () => void;
  /** Calls `look` each second while the database is there. */
  onSecond(look: () => Promise<void>): () => void;
  /**
   * Calls `compare` after a reconnect, every few minutes, and when the database is older than it was; it tells how many
   * rows it wrote back.
   */
  onWhole(compare: (why: 'reconnect' | 'regular' | 'older') => Promise<number>): () => void;
}
