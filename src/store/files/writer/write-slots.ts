/** Lets at most so many write at a time; urgent writes go before all that wait. */
export class WriteSlots {
  private running = 0;
  private readonly waiting: Record<'urgent' | 'patient', Map<object, () => void>> = {
    urgent: new Map(),
    patient: new Map(),
  };

  constructor(private readonly atOnce: number) {}

  /** @param who - the same object waits for one slot at a time */
  async take<T>(who: object, need: 'urgent' | 'patient', work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) await new Promise<void>((go) => this.waiting[need].set(who, go));
    else this.running++;
    try {
      return await work();
    } finally {
      this.next();
    }
  }

  /** A patient write that waits becomes urgent; nothing happens where `who` does not wait. */
  hurry(who: object): void {
    const go = this.waiting.patient.get(who);
    if (go === undefined) return;
    this.waiting.patient.delete(who);
    this.waiting.urgent.set(who, go);
  }

  private next(): void {
    for (const queue of [this.waiting.urgent, this.waiting.patient]) {
      for (const [who, go] of queue) {
        queue.delete(who);
        go();
        return;
      }
    }
    this.running--;
  }
}
