/**
 * A set of small whole numbers that finds its next member from any number on in a few steps, however large the set is.
 */
export class NumberSet {
  /** How many numbers are in the set. */
  size = 0;
  /** One bit for each number. */
  private words: Uint32Array;
  /** One bit for each word: set where the word is not 0. */
  private summary: Uint32Array;

  constructor(capacity = 1_024) {
    this.words = new Uint32Array(Math.ceil(capacity / 32));
    this.summary = new Uint32Array(Math.ceil(this.words.length / 32));
  }

  has(number: number): boolean {
    return ((this.words[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  add(number: number): void {
    if (this.has(number)) return;
    const word = number >>> 5;
    if (word >= this.words.length) this.grow(word + 1);
    this.words[word] = (this.words[word] ?? 0) | (1 << (number & 31));
    this.summary[word >>> 5] = (this.summary[word >>> 5] ?? 0) | (1 << (word & 31));
    this.size++;
  }

  delete(number: number): void {
    if (!this.has(number)) return;
    const word = number >>> 5;
    const left = (this.words[word] ?? 0) & ~(1 << (number & 31));
    this.words[word] = left;
    if (left === 0) this.summary[word >>> 5] = (this.summary[word >>> 5] ?? 0) & ~(1 << (word & 31));
    this.size--;
  }

  put(number: number, isIn: boolean): void {
    if (isIn) this.add(number);
    else this.delete(number);
  }

  /** The least number of the set that is not below `from`; -1: there is none. */
  next(from: number): number {
    const word = from >>> 5;
    const here = (this.words[word] ?? 0) & (-1 << (from & 31));
    if (here !== 0) return (word << 5) + lowestBit(here);
    const after = word + 1;
    let block = after >>> 5;
    let words = (this.summary[block] ?? 0) & (-1 << (after & 31));
    while (words === 0) {
      block++;
      if (block >= this.summary.length) return -1;
      words = this.summary[block] ?? 0;
    }
    const found = (block << 5) + lowestBit(words);
    return (found << 5) + lowestBit(this.words[found] ?? 0);
  }

  /** The numbers that are in both. */
  shared(other: NumberSet): NumberSet {
    const length = Math.min(this.words.length, other.words.length);
    const shared = new NumberSet(32 * length);
    for (let word = 0; word < length; word++) {
      const bits = (this.words[word] ?? 0) & (other.words[word] ?? 0);
      if (bits === 0) continue;
      shared.words[word] = bits;
      shared.summary[word >>> 5] = (shared.summary[word >>> 5] ?? 0) | (1 << (word & 31));
      shared.size += bitsOf(bits);
    }
    return shared;
  }

  copy(): NumberSet {
    const copy = new NumberSet(0);
    copy.words = this.words.slice();
    copy.summary = this.summary.slice();
    copy.size = this.size;
    return copy;
  }

  private grow(words: number): void {
    const length = Math.max(words, this.words.length * 2);
    const [before, summaryBefore] = [this.words, this.summary];
    this.words = new Uint32Array(length);
    this.words.set(before);
    this.summary = new Uint32Array(Math.ceil(length / 32));
    this.summary.set(summaryBefore);
  }
}

function bitsOf(word: number): number {
  let count = 0;
  for (let bits = word; bits !== 0; bits &= bits - 1) count++;
  return count;
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
