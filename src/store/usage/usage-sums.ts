import * as v from 'valibot';
import { jsonOf } from '../ground/json.js';
import { eachLine, LineScanner } from './line-scanner.js';
import { noUsage, usageNames, usageNumbers, UsageLineSchema } from './usage-line.js';
import type { UsageLine, UsageName, UsageNumber, UsageSum } from './usage-line.js';

interface Group {
  readonly names: Partial<Record<UsageName, string>>;
  readonly sum: Record<UsageNumber, number>;
}

/** Sums up usage by some of its names. */
export class UsageSums {
  private readonly groups = new Map<string, Group>();
  /** Their places in `usageNames`. */
  private readonly places: readonly number[];

  constructor(private readonly by: readonly UsageName[]) {
    this.places = by.map((name) => usageNames.indexOf(name));
  }

  add(line: UsageLine): void {
    let id = '';
    for (const name of this.by) id += `${line[name]}\n`;
    const { sum } = this.groupOf(id, (name) => line[name]);
    for (const name of usageNumbers) sum[name] += line[name];
  }

  /** Adds the lines of a file. @param takes - whether a day counts; null: all do */
  addFile(bytes: Buffer, takes: ((day: string) => boolean) | null): void {
    const scanner = new LineScanner(bytes);
    eachLine(bytes, (from, end) => {
      if (scanner.scan(from, end)) this.addScanned(scanner, takes);
      else {
        const parsed = v.safeParse(UsageLineSchema, jsonOf(bytes.toString('utf8', from, end)));
        if (parsed.success && (takes === null || takes(parsed.output.day))) this.add(parsed.output);
      }
    });
  }

  /** In the order of their names. */
  get sums(): readonly UsageSum[] {
    const ordered = [...this.groups].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    return ordered.map(([, { names, sum }]) => ({ ...names, ...sum }));
  }

  private addScanned(scanner: LineScanner, takes: ((day: string) => boolean) | null): void {
    if (takes !== null && !takes(scanner.name(0))) return;
    let id = '';
    for (const place of this.places) id += `${scanner.name(place)}\n`;
    const { sum } = this.groupOf(id, (name) => scanner.name(usageNames.indexOf(name)));
    let place = 0;
    for (const name of usageNumbers) sum[name] += scanner.numbers[place++] ?? 0;
  }

  private groupOf(id: string, nameOf: (name: UsageName) => string): Group {
    let group = this.groups.get(id);
    if (group === undefined) {
      const names = Object.fromEntries(this.by.map((name) => [name, nameOf(name)]));
      this.groups.set(id, (group = { names, sum: { ...noUsage } }));
    }
    return group;
  }
}
