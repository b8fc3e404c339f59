import * as v from 'valibot';
import { jsonOf } from '../ground/json.js';
import { LineScanner } from './line-scanner.js';
import { usageNames, usageNumbers, UsageLineSchema } from './usage-line.js';
import type { UsageLine, UsageName, UsageNumbers, UsageSum } from './usage-line.js';

const NEW_LINE = 0x0a;
const NUMBERS = usageNumbers.length;

interface Group {
  /** Its names, each with the end of a line behind it. */
  readonly id: string;
  readonly names: Partial<Record<UsageName, string>>;
  /** Where its sums begin among all. */
  readonly at: number;
}

/** A group that was found in the bytes of a file. */
interface ScannedGroup {
  readonly group: Group;
  /** The next one of the same hash. */
  readonly next: ScannedGroup | undefined;
}

/** Sums up usage by some of its names. */
export class UsageSums {
  private readonly groups = new Map<string, Group>();
  /** By their hash. */
  private readonly scanned = new Map<number, ScannedGroup>();
  /** Of all groups, in the order of `usageNumbers`: a list for each costs more than what it holds. */
  private all = new Float64Array(64 * NUMBERS);
  /** Places in `usageNames`. */
  private readonly places: readonly number[];

  constructor(readonly by: readonly UsageName[]) {
    this.places = by.map((name) => usageNames.indexOf(name));
  }

  add(line: UsageLine): void {
    let id = '';
    for (const name of this.by) id += `${line[name]}\n`;
    const group = this.groupOf(id, (name) => line[name]);
    const numbers = usageNumbers.map((name) => line[name]);
    this.addTo(group, numbers);
  }

  /** Adds lines as they lie in a file. @param takes - whether a day counts */
  addLines(bytes: Buffer, takes: (day: string) => boolean): void {
    const scanner = new LineScanner(bytes, this.places);
    let day = '';
    let isTaken = false;
    for (let from = 0; from < bytes.length;) {
      const next = from < scanner.length ? scanner.scan(from) : -1;
      if (next >= 0) {
        // a day's lines stand together
        if (!scanner.isDay(day)) isTaken = takes((day = scanner.name(0)));
        if (isTaken) this.addTo(this.scannedGroup(scanner), scanner.numbers);
      }
      from = next >= 0 ? next : this.addParsed(bytes, from, takes);
    }
  }

  /** In the order of their names. */
  get sums(): readonly UsageSum[] {
    const ids = [...this.groups.keys()].sort();
    return ids.flatMap((id) => {
      const group = this.groups.get(id);
      // a spread of the names takes ten times as long
      return group === undefined ? [] : [Object.assign({}, group.names, this.sumOf(group))];
    });
  }

  /** Written out, not put together name by name: a year by day has as many sums as a month has lines. */
  private sumOf({ at }: Group): UsageNumbers {
    const { all } = this;
    return {
      requests: all[at] ?? 0,
      failed: all[at + 1] ?? 0,
      held: all[at + 2] ?? 0,
      in: all[at + 3] ?? 0,
      cached: all[at + 4] ?? 0,
      out: all[at + 5] ?? 0,
      thoughts: all[at + 6] ?? 0,
      bytes: all[at + 7] ?? 0,
      unread: all[at + 8] ?? 0,
    };
  }

  /** Adds a line however it is written. @returns where the next one begins */
  private addParsed(bytes: Buffer, from: number, takes: (day: string) => boolean): number {
    const found = bytes.indexOf(NEW_LINE, from);
    const end = found < 0 ? bytes.length : found;
    const parsed = v.safeParse(UsageLineSchema, jsonOf(bytes.toString('utf8', from, end)));
    if (parsed.success && takes(parsed.output.day)) this.add(parsed.output);
    return end + 1;
  }

  private addTo({ at }: Group, numbers: ArrayLike<number>): void {
    const { all } = this;
    const end = at + NUMBERS;
    for (let to = at, place = 0; to < end; to++, place++) {
      const more = numbers[place] ?? 0;
      if (more !== 0) all[to] = (all[to] ?? 0) + more;
    }
  }

  private scannedGroup(scanner: LineScanner): Group {
    const { hash } = scanner;
    const next = this.scanned.get(hash);
    for (let one = next; one !== undefined; one = one.next) if (scanner.isId(one.group.id)) return one.group;
    const group = this.groupOf(scanner.id(), (name) => scanner.name(usageNames.indexOf(name)));
    this.scanned.set(hash, { group, next });
    return group;
  }

  private groupOf(id: string, nameOf: (name: UsageName) => string): Group {
    let group = this.groups.get(id);
    if (group === undefined) {
      const names: Partial<Record<UsageName, string>> = {};
      for (const name of this.by) names[name] = nameOf(name);
      this.groups.set(id, (group = { id, names, at: this.groups.size * NUMBERS }));
      if (group.at === this.all.length) this.grow();
    }
    return group;
  }

  private grow(): void {
    const { all } = this;
    this.all = new Float64Array(2 * all.length);
    this.all.set(all);
  }
}
