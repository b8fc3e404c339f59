import type { AccessTokens } from '../grants/access-tokens.js';
import { ClientLeft } from '../http/body.js';
import { unpacked } from '../http/content-encoding.js';
import { headerIn } from '../http/headers.js';
import type { SendableBody } from '../http/sendable-body.js';
import type { LiveClient } from '../live/live-answer.js';
import type { Member, OnlyAccount } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import type { ClientRequest } from '../protocols/client-request.js';
import type { Protocol, Whereabouts } from '../protocols/protocol.js';
import type { Metrics } from '../reports/metrics.js';
import type { Exchange } from '../transport/exchange.js';
import type { NetworkWatch } from '../transport/connections/network-watch.js';
import type { IdleTimeouts } from '../transport/idle-timeouts.js';
import type { Origin } from '../transport/origins.js';
import type { Rewriting, Upstream } from '../upstreams/upstream.js';
import { type AskedLine, askedLine } from '../answers/asked-line.js';
import type { Paths } from '../answers/paths.js';
import { type Subject, subjectOf } from '../subject/subject.js';
import type { ClientEnd } from './client-answer.js';
import type { Holds } from './holds.js';
import type { TranslatedReply } from './translated/translated-reply.js';
import type { Clock } from '../../store/ground/clock.js';

/** How much of a packed body is unpacked to be read: what is packed well must not become gigabytes. */
const LONGEST_FRONT_BYTES = 8_388_608;
/** How a body in JSON begins, and nothing that is packed. */
const BRACE = 0x7b;

/** What forwarding needs of the pool. */
export type ServingPool = Pick<
  Pool,
  | 'get'
  | 'list'
  | 'size'
  | 'sharing'
  | 'pick'
  | 'pickLiving'
  | 'pickOf'
  | 'isSticky'
  | 'hasOther'
  | 'begin'
  | 'end'
  | 'rest'
  | 'note'
  | 'served'
  | 'wants'
  | 'shortage'
>;

/** Where a request gets an account's access token. */
export type ServingTokens = Pick<
  AccessTokens,
  'forRequest' | 'isGood' | 'mayRefresh' | 'nobodyServes' | 'afterUnauthorized'
>;

/** What all requests share. */
export interface ForwardingDeps {
  readonly upstream: Upstream;
  /** Tried in this order. */
  readonly origins: readonly Origin[];
  readonly pool: ServingPool;
  readonly tokens: ServingTokens;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly idleTimeouts: IdleTimeouts;
  readonly network: Pick<NetworkWatch, 'note'>;
  /** Which paths have served which accounts, and which accept no access token. */
  readonly paths: Paths;
  /** Where requests are held until an account can serve them. */
  readonly holds: Holds;
  /** Finds and saves the quota project of an account that has none yet; rejects where none is found. */
  readonly projects: (member: Member, accessToken: string) => Promise<string>;
  /** Finds and saves a new quota project for an account whose own is gone; rejects where none is found. */
  readonly projectAnew: (member: Member, accessToken: string) => Promise<string>;
  /** `proxy.maxTries`: the most upstream answers asked for. */
  readonly maxTries: number;
  /** Called with an error of this program, which should never happen. */
  readonly onFault: (error: unknown) => void;
}

/** One client's request while it is forwarded, as all steps of that see it. */
export class RequestContext {
  /** The exchange under way, or the last one. */
  exchange: Exchange | null = null;
  /** When that exchange was sent, monotonic ms. */
  sentAt = 0;
  /** The client's end of a WebSocket, if it asked for one. */
  live: LiveClient | null = null;
  /** The one account that may serve it, as its client wants; null: any may. */
  only: OnlyAccount | null = null;
  /** Makes what gives the client's own names back in a good answer of a content type; null: nothing does. */
  echo: ((contentType: string) => Rewriting | null) | null = null;
  private gone = false;
  private whenLeft: Promise<void> | null = null;
  private tellLeft: (() => void) | null = null;
  private about: Subject | null = null;
  private line: AskedLine | null = null;
  private stored: Whereabouts | null = null;
  private plain: { readonly of: Buffer; readonly front: Buffer } | null = null;

  constructor(
    readonly deps: ForwardingDeps,
    readonly protocol: Protocol,
    readonly request: ClientRequest,
    readonly body: SendableBody,
    readonly response: ClientEnd,
    /** monotonic ms */
    readonly startedAt: number,
    /** What the client gets in a translated protocol; null: answers are not translated. */
    readonly translated: TranslatedReply | null = null,
  ) {}

  /** Resolves when the client leaves. */
  get left(): Promise<void> {
    return (this.whenLeft ??= new Promise((resolve) => (this.tellLeft = resolve)));
  }

  /** What the request is about; of the body, only what has come so far is read. */
  get subject(): Subject {
    return (this.about ??= this.asked.named ?? this.subjectByBody());
  }

  /** Where the request may go because of what is stored; to be called once its body is gathered. */
  get where(): Whereabouts {
    return (this.stored ??= this.protocol.whereabouts(this.request, () => this.front()));
  }

  /** Has `where` know what other boxes stored; null: there is nothing to ask, or nobody. */
  asksElsewhere(): Promise<void> | null {
    const { unknown } = this.where;
    const asked = unknown.length === 0 ? null : this.protocol.findUnknown(unknown);
    return asked === null ? null : asked.then(() => void (this.stored = null));
  }

  /** The request's method and path with the names taken out. */
  get shape(): string {
    return this.asked.shape;
  }

  /** What has come of the body, to be read: unpacked if its client packed it. null: it is not kept, or too large. */
  front(): Buffer | null {
    const front = this.body.front();
    if (front === null || front[0] === BRACE) return front;
    const coding = headerIn(this.request.headers, 'content-encoding')?.trim().toLowerCase();
    if (coding === undefined) return front;
    if (this.plain?.of.length !== front.length) {
      this.plain = { of: front, front: unpacked(front, coding, LONGEST_FRONT_BYTES) ?? front };
    }
    return this.plain.front;
  }

  /** The client closed the connection: whatever runs for it is of no use any more. */
  clientLeft(): void {
    this.gone = true;
    this.tellLeft?.();
    this.body.fail(new ClientLeft());
    this.exchange?.abort();
  }

  /** Whether the client has left. A method, since TypeScript would take a property as unchanged over an await. */
  hasLeft(): boolean {
    return this.gone;
  }

  private get asked(): AskedLine {
    return (this.line ??= askedLine(this.request.method, this.request.target));
  }

  private subjectByBody(): Subject {
    return subjectOf({ method: this.request.method, path: this.asked.path, body: () => this.front() });
  }
}
