import { hash } from 'node:crypto';
import type { Clock } from '../../../store/ground/clock.js';
import { ownText } from '../../../store/ground/text/own-text.js';
import type { ResourceRecord, StateStore } from '../../../store/state/state-store.js';
import { authTokenOf, collectionOf, uploadOf } from './resource-names.js';
import type { ResourceHome } from '../../pool/member.js';
import { MadeThings } from './made-things.js';

type Kept = ResourceRecord & Required<Pick<ResourceRecord, 'at'>>;

/** The most resources that are remembered; the one that was used longest ago is forgotten first. */
const MOST = 5_000;
const DAY_MS = 86_400_000;

/** Collections whose resources do not last: Google keeps a file for two days, and an upload no longer. */
const SHORT_LIVED: ReadonlySet<string> = new Set(['files', 'upload', 'auth_tokens']);
const SHORT_MS = 2 * DAY_MS;

/** A resource that was not used or seen for so long is forgotten, whatever it is. */
const LONG_MS = 60 * DAY_MS;
const SWEEP_MS = 3_600_000;

/** So many requests at a time have other boxes asked: whoever makes up names must not keep the database busy. */
const MOST_ASKING = 8;

/** Remembers which quota project made what the Gemini API stores, and for which client, over restarts too. */
export class StoredResources {
  /** In the order of their last use. */
  private readonly homes: Map<string, Kept>;
  private readonly made: MadeThings;
  private sweptAt = Number.NEGATIVE_INFINITY;
  private asking = 0;

  constructor(
    private readonly state: Pick<StateStore, 'resources' | 'setResources' | 'elsewhere'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.homes = new Map();
    for (const home of state.resources) this.put({ at: clock.now(), ...home });
    this.sweep();
    this.made = new MadeThings(this.homes.values());
    state.elsewhere?.onResources(({ now, gone }) => {
      for (const { name } of gone) this.homes.delete(name);
      for (const home of now) this.takeIn(home);
    });
  }

  /** Where the known ones among these are stored; the first of each project. */
  homesOf(names: readonly string[]): readonly ResourceHome[] {
    if (names.length === 0 || this.isEmpty()) return [];
    const byProject = new Map<string, ResourceHome>();
    for (const name of names) {
      const home = this.used(name);
      if (home !== null && !byProject.has(home.project)) byProject.set(home.project, home);
    }
    return [...byProject.values()];
  }

  isKnown(name: string): boolean {
    return this.homes.has(name);
  }

  /** Where the upload, or the ephemeral token, was made that a request continues; null: it continues none of ours. */
  uploadOf(target: string): ResourceHome | null {
    if (this.homes.size === 0) return null;
    const name = begunName(target);
    return name === null ? null : this.used(name);
  }

  /** Takes in what other boxes have stored under names that are not known here; null: nobody can be asked. */
  find(names: readonly string[]): Promise<void> | null {
    const { elsewhere } = this.state;
    if (elsewhere === null || names.length === 0 || this.asking >= MOST_ASKING) return null;
    this.asking += 1;
    return elsewhere
      .findResources(names)
      .then((found) => found.forEach((home) => this.takeIn(home)))
      .finally(() => (this.asking -= 1));
  }

  /** Likewise, the upload or ephemeral token that a request continues. */
  findUpload(target: string): Promise<void> | null {
    if (this.state.elsewhere === null) return null;
    const name = begunName(target);
    return name === null || this.homes.has(name) ? null : this.find([name]);
  }

  /**
   * Notes the resources that an answer names.
   *
   * @param project - the quota project that sees them
   * @param maker - the client that made them; null: they were only seen
   */
  learn(names: Iterable<string>, project: string, maker: string | null = null): void {
    for (const name of names) this.keep({ name: nameOf(name), project, account: null, host: null }, maker);
  }

  /** A client's upload has begun, which only this account at this base URL can continue. */
  uploading(target: string, at: Omit<ResourceHome, 'name'>, client: string): void {
    const upload = uploadOf(target);
    if (upload !== null) this.keep({ ...at, name: secretName('upload', upload) }, client);
  }

  forget(name: string): void {
    if (this.homes.delete(name)) this.changed();
  }

  /** A client begins to store something in a project. */
  makes(client: string, project: string): void {
    this.made.begins(client, project, this.clock.now());
  }

  /** The project of the last thing that a client stored, if that still exists; null: there is none. */
  lastProjectOf(client: string): string | null {
    return this.made.lastProjectOf(client, this.homes, this.clock.now());
  }

  private isEmpty(): boolean {
    if (this.homes.size > 0) this.sweep();
    return this.homes.size === 0;
  }

  private used(name: string): ResourceHome | null {
    const home = this.homes.get(name);
    if (home === undefined) return null;
    this.put({ ...home, at: this.clock.now() });
    return home;
  }

  private keep(home: ResourceHome, maker: string | null): void {
    const now = this.clock.now();
    const known = this.homes.get(home.name);
    const isMade = maker !== null && known?.client === undefined;
    const made = isMade ? { client: maker, madeAt: now } : madeBy(known);
    const name = known?.name ?? ownText(home.name);
    this.put({ ...home, ...made, name, at: now });
    if (isMade) this.made.add(maker, name);
    this.forgetOldest();
    if (known?.project !== home.project || isMade) this.changed();
  }

  /** What another box has learnt. */
  private takeIn(home: ResourceRecord): void {
    const before = this.homes.get(home.name)?.client;
    this.put({ at: this.clock.now(), ...home });
    if (home.client !== undefined && home.client !== before) this.made.add(home.client, home.name);
    this.forgetOldest();
  }

  private put(home: Kept): void {
    this.homes.delete(home.name);
    this.homes.set(home.name, home);
  }

  private forgetOldest(): void {
    for (const oldest of this.homes.keys()) {
      if (this.homes.size <= MOST) break;
      this.homes.delete(oldest);
    }
  }

  /** Forgets, now and then, what does not exist any more. */
  private sweep(): void {
    const now = this.clock.now();
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    let any = false;
    for (const { name, at } of this.homes.values()) {
      if (now - at > (SHORT_LIVED.has(collectionOf(name)) ? SHORT_MS : LONG_MS)) any = this.homes.delete(name) || any;
    }
    if (any) this.changed();
  }

  private changed(): void {
    this.state.setResources(() => [...this.homes.values()]);
  }
}

const madeBy = (known: Kept | undefined): Pick<Kept, 'client' | 'madeAt'> =>
  known?.client === undefined ? {} : { client: known.client, madeAt: known.madeAt };

/**
 * The name by which an upload or an ephemeral token is remembered: a digest, since its address or text is all that is
 * needed to use it.
 */
const secretName = (collection: string, secret: string): string =>
  `${collection}/${hash('sha256', secret, 'base64url').slice(0, 22)}`;

/** The name by which what a request continues is remembered; null: it continues nothing. */
function begunName(target: string): string | null {
  const upload = uploadOf(target);
  if (upload !== null) return secretName('upload', upload);
  const token = authTokenOf(target);
  return token === null ? null : nameOf(token);
}

const nameOf = (name: string): string =>
  collectionOf(name) === 'auth_tokens' ? secretName('auth_tokens', name) : name;
