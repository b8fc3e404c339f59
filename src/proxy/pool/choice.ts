import type { Clock } from '../../store/ground/clock.js';
import type { Settings } from '../../store/settings/settings.js';
import { type Member, type MutableMember } from './member.js';
import { LEAST_LIFE_MS } from '../grants/access-tokens.js';
import { Rotation } from './rotation.js';
import { Sticky } from './sticky.js';
import type { Rests } from '../rests/rests.js';
import type { Subject } from '../subject/subject.js';

/** Chooses which of the ready accounts a request goes to. */
export class Choice {
  readonly rotation: Rotation<MutableMember>;
  private readonly sticky = new Sticky();

  constructor(
    private readonly clock: Clock,
    rests: Rests,
    private readonly settings: Settings['pool'] | undefined,
    /** Whether other boxes serve from the same accounts. */
    private readonly boxesAgree = false,
  ) {
    this.rotation = new Rotation(() => settings?.strategy ?? 'round-robin', rests);
  }

  get isSticky(): boolean {
    return this.keepMs > 0;
  }

  /**
   * The account whose turn it is: by the strategy, and after a failed try as {@link living}.
   *
   * @param members - by their ids
   */
  pick(
    members: ReadonlyMap<string, MutableMember>,
    subject: Subject,
    tried: ReadonlySet<string>,
    conversation: string | null,
  ): Member | null {
    const bound = conversation === null ? null : this.bound(members, subject, tried, conversation);
    if (bound !== null) return bound;
    const isAgreed = this.boxesAgree && this.isSticky && conversation !== null;
    const member = isAgreed
      ? this.agreed(subject, tried, conversation)
      : tried.size === 0
        ? this.rotation.next(subject, tried)
        : this.living(subject, tried);
    if (conversation !== null && member !== null) this.bind(conversation, member);
    return member;
  }

  /**
   * The account that every box of a pool takes for a conversation that none of them knows: the one whose name and the
   * conversation's have the highest hash together (rendezvous hashing), of those that can serve. An account that comes or
   * goes moves only the conversations that it wins or loses.
   */
  private agreed(subject: Subject, tried: ReadonlySet<string>, conversation: string): MutableMember | null {
    const hash = hashOf(conversation, 0x811c9dc5);
    const member = this.rotation.best(subject, tried, ({ id }) => mixed(hashOf(id, hash)), mixed(hash));
    if (member !== null) this.rotation.took(subject, member);
    return member;
  }

  /** An account with a living access token, else the one that served last: whom a request takes after a failed try. */
  living(subject: Subject, tried: ReadonlySet<string>): MutableMember | null {
    const live = this.rotation.look(subject, tried, (member) => this.isLive(member));
    const member = live ?? this.rotation.best(subject, tried, ({ lastUsed }) => lastUsed ?? 0);
    if (member !== null) this.rotation.took(subject, member);
    return member;
  }

  /**
   * The best of `members` for `subject`, none of `tried`: `wanted` before others, living access tokens first, idle
   * before busy.
   */
  best(
    members: Iterable<MutableMember>,
    wanted: string | null,
    subject: Subject,
    tried: ReadonlySet<string>,
  ): Member | null {
    const rank = (member: Member): number =>
      (member.id === wanted ? 0 : 2e9) + (this.isLive(member) ? 0 : 1e9) + member.inFlight;
    let best: Member | null = null;
    for (const member of members) {
      if (tried.has(member.id) || !this.rotation.can(member, subject)) continue;
      if (best === null || rank(member) < rank(best)) best = member;
    }
    return best;
  }

  /** Whether another account that `suits` could serve `subject`. */
  hasOther(subject: Subject, tried: ReadonlySet<string>, suits: (member: Member) => boolean): boolean {
    return this.rotation.look(subject, tried, suits) !== null;
  }

  /** The account that a conversation is bound to, where it can serve this request. */
  private bound(
    members: ReadonlyMap<string, MutableMember>,
    subject: Subject,
    tried: ReadonlySet<string>,
    conversation: string,
  ): Member | null {
    const now = this.clock.monotonic();
    const id = this.isSticky ? this.sticky.account(conversation, now - this.keepMs) : null;
    const member = id === null || tried.has(id) ? undefined : members.get(id);
    if (member === undefined || !this.rotation.can(member, subject)) return null;
    this.bind(conversation, member);
    return member;
  }

  private get keepMs(): number {
    return (this.settings?.stickySeconds ?? 0) * 1000;
  }

  private bind(conversation: string, { id }: Member): void {
    if (this.isSticky) this.sticky.bind(conversation, id, this.clock.monotonic());
  }

  private isLive(member: Member): boolean {
    return member.accessToken !== '' && member.accessDeadline - this.clock.monotonic() > LEAST_LIFE_MS;
  }
}

/** A hash that is the same on every machine, of 32 bits: FNV-1a. @param seed - the hash of what stands before the text */
function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** The same so that each bit of the text changes half of the bits (the end of MurmurHash3). */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}
