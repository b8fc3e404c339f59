/** Lets so many through at a time; the others wait their turn. */
export class Gate {
  private readonly waiting: (() => void)[] = [];
  private inside = 0;

  constructor(private readonly most: number) {}

  /** @param begin - called at once, or when it is its turn; whoever began has to leave */
  enter(begin: () => void): void {
    if (this.inside >= this.most) {
      this.waiting.push(begin);
      return;
    }
    this.inside += 1;
    begin();
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.inside -= 1;
    else next();
  }
}
