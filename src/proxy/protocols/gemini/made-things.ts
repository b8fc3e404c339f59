import { BoundedMap } from '../../../store/ground/bounded-map.js';
import type { ResourceRecord } from '../../../store/records/state-store.js';

/** Google keeps a file for two days; what is older binds a client to no project. */
const HELD_MS = 172_800_000;
/** What was begun and never came to anything binds nobody for longer. */
const BEGUN_MS = 600_000;
/** Of one client so many are remembered, and so many clients. */
const MOST_THINGS = 256;
const MOST_CLIENTS = 2_000;

type Made = Pick<ResourceRecord, 'name' | 'project' | 'client' | 'madeAt'>;

/** What each client has stored, in the order in which it did, so that the next thing comes to lie beside the last. Times are ms since 1970. */
export class MadeThings {
  private readonly byClient = new BoundedMap<string, string[]>(MOST_CLIENTS);
  /** Two uploads that begin at once have no name yet, and are to come to lie together all the same. */
  private readonly begun = new BoundedMap<string, { readonly project: string; readonly at: number }>(MOST_CLIENTS);

  /** @param records - of an earlier run */
  constructor(records: Iterable<Made>) {
    const made = [...records].filter(({ client }) => client !== undefined);
    made.sort((one, other) => (one.madeAt ?? 0) - (other.madeAt ?? 0));
    for (const { client = '', name } of made) this.add(client, name);
  }

  add(client: string, name: string): void {
    const names = this.byClient.get(client) ?? [];
    names.push(name);
    if (names.length > MOST_THINGS) names.shift();
    this.byClient.set(client, names);
  }

  begins(client: string, project: string, now: number): void {
    this.begun.set(client, { project, at: now });
  }

  /** The project of the last thing that is still there, else of what was begun. @param homes - what is there, by name */
  lastProjectOf(client: string, homes: ReadonlyMap<string, Made>, now: number): string | null {
    const names = this.byClient.get(client) ?? [];
    while (names.length > 0) {
      const thing = homes.get(names[names.length - 1] ?? '');
      if (thing?.client === client && now - (thing.madeAt ?? 0) <= HELD_MS) return thing.project;
      names.pop();
    }
    const begun = this.begun.get(client);
    return begun !== undefined && now - begun.at <= BEGUN_MS ? begun.project : null;
  }
}
