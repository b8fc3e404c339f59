/** Something that an {@link OpenList} holds. */
export interface InOpenList {
  /** Its index in the list; -1: it is in none. Only for the list. */
  place: number;
}

/**
 * Those under way, in no order. Not a Set and not a Map: when one of their tables is thrown away because of its gaps,
 * what it last held gets into the old generation with it, and with a request all that the request refers to.
 */
export class OpenList<T extends InOpenList> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  add(one: T): void {
    one.place = this.items.length;
    this.items.push(one);
  }

  /** Does nothing for one that is not in the list. */
  remove(one: T): void {
    const { place } = one;
    if (place < 0) return;
    const last = this.items.pop();
    if (last !== undefined && last !== one) {
      this.items[place] = last;
      last.place = place;
    }
    one.place = -1;
  }

  /** Calls `act` for each, also where that removes it. */
  forEach(act: (one: T) => void): void {
    // backwards, because one that is removed is replaced by the last
    for (let place = this.items.length - 1; place >= 0; place--) {
      const one = this.items[place];
      if (one !== undefined) act(one);
    }
  }
}
