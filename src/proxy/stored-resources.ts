import { hash } from 'node:crypto';
import type { ResourceRecord, StateStore } from '../store/state.js';
import { nameInBody, namesInAnswer, namesInPath, uploadOf } from './resource-names.js';

/** Where a stored resource lives: only accounts of this quota project can see it. */
export type Home = ResourceRecord;

/** The one that was of use longest ago is forgotten first. Google itself keeps a file for two days. */
const MOST = 5_000;

/** Remembers which quota project made what the Gemini API stores, over restarts too. */
export class StoredResources {
  /** In the order of their last use. */
  private readonly homes: Map<string, Home>;

  constructor(private readonly state: Pick<StateStore, 'resources' | 'setResources'>) {
    this.homes = new Map(state.resources.map((home) => [home.name, home]));
  }

  /** The home of the first stored resource that a request names in its path, else in its body; null: it names none that is known. */
  homeOf(target: string, body: () => Buffer | null): Home | null {
    if (this.homes.size === 0) return null;
    const name = namesInPath(target).find((one) => this.homes.has(one)) ?? this.inBody(body());
    return name === null ? null : this.used(name);
  }

  /** The upload that a request goes on with; null: it is none, or not of ours. */
  uploadOf(target: string): Home | null {
    if (this.homes.size === 0) return null;
    const upload = uploadOf(target);
    return upload === null ? null : this.used(uploadName(upload));
  }

  /** Takes in what an answer names, made or seen by an account of `project`. */
  learn(answer: string, project: string): void {
    for (const name of namesInAnswer(answer)) this.keep({ name, project, account: null, host: null });
  }

  /** An upload has begun, which only this account at this base URL can go on with. */
  uploading(target: string, at: Omit<Home, 'name'>): void {
    const upload = uploadOf(target);
    if (upload !== null) this.keep({ ...at, name: uploadName(upload) });
  }

  forget(name: string): void {
    if (this.homes.delete(name)) this.changed();
  }

  private inBody(body: Buffer | null): string | null {
    return body === null ? null : nameInBody(body, (name) => this.homes.has(name));
  }

  private used(name: string): Home | null {
    const home = this.homes.get(name);
    if (home === undefined) return null;
    this.homes.delete(name);
    this.homes.set(name, home);
    return home;
  }

  private keep(home: Home): void {
    const known = this.homes.get(home.name);
    this.homes.delete(home.name);
    this.homes.set(home.name, home);
    if (this.homes.size > MOST)
      for (const oldest of [...this.homes.keys()].slice(0, this.homes.size - MOST)) this.homes.delete(oldest);
    if (known?.project !== home.project) this.changed();
  }

  private changed(): void {
    this.state.setResources(() => [...this.homes.values()]);
  }
}

/** Whoever has its address can go on with an upload, so it is kept by a digest of that. */
const uploadName = (upload: string): string => `upload/${hash('sha256', upload, 'base64url').slice(0, 22)}`;
