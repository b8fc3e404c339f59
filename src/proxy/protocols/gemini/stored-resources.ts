import { hash } from 'node:crypto';
import type { Clock } from '../../../store/ground/clock.js';
import type { ResourceRecord, StateStore } from '../../../store/records/state-store.js';
import { authTokenOf, collectionOf, nameInBody, namesInAnswer, namesInPath, uploadOf } from './resource-names.js';
import type { Home } from '../../pool/member.js';

type Kept = Required<ResourceRecord>;

/** The one that was of use longest ago is forgotten first. */
const MOST = 5_000;
const DAY_MS = 86_400_000;

/** Google keeps a file for two days, and an upload no longer. */
const SHORT_LIVED: ReadonlySet<string> = new Set(['files', 'upload', 'auth_tokens']);
const SHORT_MS = 2 * DAY_MS;

/** What nobody has used or seen for so long is forgotten, whatever it is. */
const LONG_MS = 60 * DAY_MS;
const SWEEP_MS = 3_600_000;

/** Remembers which quota project made what the Gemini API stores, over restarts too. */
export class StoredResources {
  /** In the order of their last use. */
  private readonly homes: Map<string, Kept>;
  /** How many of each collection are known: a body is looked through for these only. */
  private readonly perCollection = new Map<string, number>();
  private readonly known = {
    has: (name: string): boolean => this.homes.has(name),
    collections: { [Symbol.iterator]: () => this.perCollection.keys() },
  };
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly state: Pick<StateStore, 'resources' | 'setResources'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.homes = new Map();
    for (const home of state.resources) this.put({ at: clock.now(), ...home });
    this.sweep();
  }

  /** The home of the first stored resource that a request names in its path, else in its body; null: it names none that is known. */
  homeOf(target: string, body: () => Buffer | null): Home | null {
    if (this.isEmpty()) return null;
    const name = namesInPath(target).find(this.known.has) ?? this.inBody(body());
    return name === null ? null : this.used(name);
  }

  /** Where the upload, or the ephemeral token, was made that a request goes on with; null: it goes on with none of ours. */
  uploadOf(target: string): Home | null {
    if (this.homes.size === 0) return null;
    const upload = uploadOf(target);
    if (upload !== null) return this.used(secretName('upload', upload));
    const token = authTokenOf(target);
    return token === null ? null : this.used(nameOf(token));
  }

  /** Takes in what an answer names, made or seen by an account of `project`. */
  learn(answer: string, project: string): void {
    for (const name of namesInAnswer(answer)) this.keep({ name: nameOf(name), project, account: null, host: null });
  }

  /** An upload has begun, which only this account at this base URL can go on with. */
  uploading(target: string, at: Omit<Home, 'name'>): void {
    const upload = uploadOf(target);
    if (upload !== null) this.keep({ ...at, name: secretName('upload', upload) });
  }

  forget(name: string): void {
    if (this.drop(name)) this.changed();
  }

  private isEmpty(): boolean {
    if (this.homes.size > 0) this.sweep();
    return this.homes.size === 0;
  }

  private inBody(body: Buffer | null): string | null {
    return body === null ? null : nameInBody(body, this.known);
  }

  private used(name: string): Home | null {
    const home = this.homes.get(name);
    if (home === undefined) return null;
    this.put({ ...home, at: this.clock.now() });
    return home;
  }

  private keep(home: Home): void {
    const known = this.homes.get(home.name);
    this.put({ ...home, at: this.clock.now() });
    if (this.homes.size > MOST)
      for (const oldest of [...this.homes.keys()].slice(0, this.homes.size - MOST)) this.drop(oldest);
    if (known?.project !== home.project) this.changed();
  }

  private put(home: Kept): void {
    this.drop(home.name);
    this.homes.set(home.name, home);
    const collection = collectionOf(home.name);
    this.perCollection.set(collection, (this.perCollection.get(collection) ?? 0) + 1);
  }

  private drop(name: string): boolean {
    if (!this.homes.delete(name)) return false;
    const collection = collectionOf(name);
    const left = (this.perCollection.get(collection) ?? 0) - 1;
    if (left > 0) this.perCollection.set(collection, left);
    else this.perCollection.delete(collection);
    return true;
  }

  /** Forgets, now and then, what is there no more: each request is looked through for as long as anything is known. */
  private sweep(): void {
    const now = this.clock.now();
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    let any = false;
    for (const { name, at } of this.homes.values()) {
      if (now - at > (SHORT_LIVED.has(collectionOf(name)) ? SHORT_MS : LONG_MS)) any = this.drop(name) || any;
    }
    if (any) this.changed();
  }

  private changed(): void {
    this.state.setResources(() => [...this.homes.values()]);
  }
}

/** Whoever has its address can go on with an upload, so it is kept by a digest of that, and so is an ephemeral token. */
const secretName = (collection: string, secret: string): string =>
  `${collection}/${hash('sha256', secret, 'base64url').slice(0, 22)}`;

const nameOf = (name: string): string =>
  collectionOf(name) === 'auth_tokens' ? secretName('auth_tokens', name) : name;
