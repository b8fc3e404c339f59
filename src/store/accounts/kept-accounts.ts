/** The accounts by their ids, listed in the order of their names; sorted only where one came that is out of order. */
export class KeptAccounts<Kept extends { readonly id: string }> {
  private byId = new Map<string, Kept>();
  /** The greatest id that was ever added. */
  private lastId = '';
  private isInOrder = true;

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Kept | undefined {
    return this.byId.get(id);
  }

  /** In their order. */
  list(): readonly Kept[] {
    if (!this.isInOrder) this.byId = new Map([...this.byId].sort(([one], [other]) => (one < other ? -1 : 1)));
    this.isInOrder = true;
    return [...this.byId.values()];
  }

  add(account: Kept): void {
    this.byId.set(account.id, account);
    if (account.id > this.lastId) this.lastId = account.id;
    else this.isInOrder = false;
  }

  /** Removes exactly this one: another may have come in its place. */
  remove(account: Kept): void {
    if (this.byId.get(account.id) === account) this.byId.delete(account.id);
  }
}
