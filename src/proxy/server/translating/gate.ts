/** Lets a fixed number through at a time; the others wait for their turn. */
export class Gate {
  private readonly waiting: (() => void)[] = [];
  private inside = 0;

  constructor(private readonly most: number) {}

  /** @param begin - called at once, or when its turn comes; after it, `leave` has to be called */
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
