interface Named {
  readonly id: string;
}

/** The accounts by their ids, listed in the order of their names. */
export class KeptAccounts<Kept extends Named> {
  private readonly byId = new Map<string, Kept>();
  /** In their order, as far as it is known; never changed once it was handed out. */
  private listed: readonly Kept[] = [];
  /** Added since then. */
  private readonly added = new Set<Kept>();
  private hasRemoved = false;

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Kept | undefined {
    return this.byId.get(id);
  }

  /** In their order. The list is the same one until an account is added or removed. */
  list(): readonly Kept[] {
    const isThere = (account: Kept): boolean => this.byId.get(account.id) === account;
    if (this.hasRemoved) this.listed = this.listed.filter((one) => isThere(one) && !this.added.has(one));
    if (this.added.size > 0) this.listed = merged(this.listed, [...this.added].filter(isThere).sort(byName));
    this.added.clear();
    this.hasRemoved = false;
    return this.listed;
  }

  /** Takes in the first ones, in their order. */
  fill(accounts: readonly Kept[]): void {
    for (const account of accounts) this.byId.set(account.id, account);
    this.listed = accounts;
  }

  add(account: Kept): void {
    if (this.byId.has(account.id)) this.hasRemoved = true;
    this.byId.set(account.id, account);
    this.added.add(account);
  }

  /** Removes exactly this one: another may have come in its place. */
  remove(account: Kept): void {
    if (this.byId.get(account.id) !== account) return;
    this.byId.delete(account.id);
    this.hasRemoved = true;
  }
}

/** A call takes fewer arguments than these without a thought for its stack. */
const FEW_PARTS = 1_000;

const byName = (one: Named, other: Named): number => (one.id < other.id ? -1 : 1);

/** Two lists in order as one: to sort all of them for each that is added costs more than the addition. */
function merged<Kept extends Named>(one: readonly Kept[], other: readonly Kept[]): Kept[] {
  if (one.length === 0) return [...other];
  const parts: (readonly Kept[])[] = [];
  let from = 0;
  for (const account of other) {
    const at = placeIn(one, account.id, from);
    parts.push(one.slice(from, at), [account]);
    from = at;
  }
  parts.push(one.slice(from));
  // copies a part in one go, where `flat` looks at each account; but each part is an argument
  return parts.length < FEW_PARTS ? ([] as Kept[]).concat(...parts) : parts.flat();
}

/** Where in a list in order an id belongs, from a place on. */
function placeIn(list: readonly Named[], id: string, from: number): number {
  let [low, high] = [from, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.id ?? '') < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
