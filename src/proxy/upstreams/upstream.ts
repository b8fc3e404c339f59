import type { OwnAnswer, OwnError } from '../http/own-answer.js';
import type { ClientRequest } from '../protocols/client-request.js';
import type { Settings } from '../../store/settings/settings.js';
import type { OutgoingRequest } from '../transport/outgoing-request.js';

/** What an upstream needs to know of the account that a request is sent as. */
export interface Asker {
  readonly projectId: string | null;
  readonly accessToken: string;
}

/** Changes an answer's body on its way to the client. */
export interface Rewriting {
  /** The bytes that can be passed on now that `chunk` came. */
  push(chunk: Buffer): readonly Buffer[];
  /** The body is whole. @returns the bytes that were held back; null: it cannot be read */
  end(): readonly Buffer[] | null;
}

/** Makes an answer of the proxy's own from a whole answer of the upstream, with its status. */
export interface Making {
  make(body: Buffer): OwnAnswer | OwnError;
}

/** How one kind of upstream wants a client's request. */
export interface Upstream {
  /** Its name in the settings. */
  readonly kind: Settings['upstream']['kind'];
  /**
   * Whether it serves nothing without a project, so that an account without one gets its project before it is asked.
   */
  readonly needsProject: boolean;
  /** Whether it has WebSockets for Live sessions. */
  readonly servesLive: boolean;
  /** Whether this upstream can do anything with the client's request. */
  knows(request: Pick<ClientRequest, 'method' | 'target' | 'model' | 'call'>): boolean;
  /** The request as `asker` sends it to a base URL with the path `prefix` (empty for none). */
  outgoing(request: ClientRequest, asker: Asker, prefix: string): OutgoingRequest;
  /** What changes the body of a good answer, or makes another from it; null: it passes unchanged. */
  rewriting(request: ClientRequest): Rewriting | Making | null;
}
