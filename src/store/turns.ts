/** Lets at most so many work at a time; the urgent go before all who wait. */
export class Turns {
  private running = 0;
  private readonly waiting: { readonly urgent: (() => void)[]; readonly patient: (() => void)[] } = {
    urgent: [],
    patient: [],
  };

  constructor(private readonly atOnce: number) {}

  async take<T>(need: 'urgent' | 'patient', work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) await new Promise<void>((go) => this.waiting[need].push(go));
    else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.urgent.shift() ?? this.waiting.patient.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
