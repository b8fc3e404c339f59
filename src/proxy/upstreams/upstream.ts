import type { OwnAnswer, OwnError } from '../http/own-answer.js';
import type { ClientRequest } from '../protocols/client-request.js';
import type { Settings } from '../../store/settings/settings.js';
import type { OutgoingRequest } from '../transport/exchange.js';

/** What an upstream has to know of the account that asks. */
export interface Asker {
  readonly projectId: string | null;
  readonly accessToken: string;
}

/** Changes an answer's body on its way to the client. */
export interface Rewriting {
  /** What can be passed on now that `chunk` came. */
  push(chunk: Buffer): readonly Buffer[];
  /** What was held back; the body is whole. */
  end(): readonly Buffer[];
}

/** Makes an answer of the proxy's own out of a whole one of the upstream, status and all. */
export interface Making {
  make(body: Buffer): OwnAnswer | OwnError;
}

/** How one kind of upstream wants a client's request. */
export interface Upstream {
  /** As the settings call it. */
  readonly kind: Settings['upstream']['kind'];
  /** It serves nothing without a project, so an account that has none gets its own before it is asked. */
  readonly needsProject: boolean;
  /** It has WebSockets for Live sessions. */
  readonly servesLive: boolean;
  /** Whether the client's request means anything there. */
  knows(request: Pick<ClientRequest, 'method' | 'target' | 'model' | 'call'>): boolean;
  /** The request as `asker` sends it to a base URL with the path `prefix` (empty for none). */
  outgoing(request: ClientRequest, asker: Asker, prefix: string): OutgoingRequest;
  /** What has to change in the body of a good answer, or what is made out of it; null: nothing. */
  rewriting(request: ClientRequest): Rewriting | Making | null;
}
