import { BoundedMap } from '../../../store/ground/bounded-map.js';
import type { ResourceRecord } from '../../../store/state/state-store.js';

/** Google keeps a file for two days: an older one binds a client to no project. */
const HELD_MS = 172_800_000;
/** How long something that was begun, and of which nothing more was heard, binds a client to a project. */
const BEGUN_MS = 600_000;
/** How many things of one client are remembered, and of how many clients. */
const MOST_THINGS = 256;
const MOST_CLIENTS = 2_000;

type Made = Pick<ResourceRecord, 'name' | 'project' | 'client' | 'madeAt'>;

/**
 * What each client has stored, in that order, so that the next thing is stored in the same project as the last. Times
 * are ms since 1970.
 */
export class MadeThings {
  private readonly byClient = new BoundedMap<string, string[]>(MOST_CLIENTS);
  /** What was begun: uploads that begin at once have no names yet, but should be stored in the same project. */
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

  /**
   * The project of the client's last thing that still exists, else of the one it began.
   *
   * @param homes - what exists, by name
   */
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
