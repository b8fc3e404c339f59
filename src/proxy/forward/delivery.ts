import type { ServerResponse } from 'node:http';
import { type OwnAnswer } from '../http/own-answer.js';
import { googleError } from '../protocols/gemini/errors.js';
import type { Asking, NoAnswer } from './ask-origins.js';
import { BodyTooLarge, BodyTooSlow } from '../http/body.js';
import { ClientAnswer } from './client-answer.js';
import { isPlain } from '../http/content-encoding.js';
import { type Exchange, isTimeout, type UpstreamFailed } from '../transport/exchange.js';
import { MadeAnswer } from './made-answer.js';
import type { Member } from '../pool/member.js';
import { resourceReader, withUploadHere } from '../protocols/gemini/resource-tracking.js';
import type { ForwardingDeps } from './forwarding-deps.js';
import type { Shortage } from '../pool/shortage.js';
import type { ClientRequest } from '../protocols/client-request.js';

/** A client who waits for the answer to its request. */
export interface Waiting {
  readonly deps: ForwardingDeps;
  readonly request: ClientRequest;
  readonly response: ServerResponse;
  readonly asking: Asking;
}

/** The answer of an account on its way to the client, not begun yet. @param done - see {@link ClientAnswer} */
export function answerFor(
  waiting: Waiting,
  exchange: Exchange,
  member: Member,
  done: (failure: UpstreamFailed | null) => void,
): ClientAnswer | MadeAnswer {
  const { deps, request, response } = waiting;
  const plain = exchange.status === 200 && isPlain(exchange.headers.contentEncoding);
  const rewriting = plain ? deps.upstream.rewriting(request) : null;
  if (rewriting !== null && 'make' in rewriting) return new MadeAnswer(response, exchange, rewriting, done);
  const reader = resourceReader(deps.resources, request, exchange, member.quotaProject);
  return new ClientAnswer(response, exchange, headersFor(waiting, exchange, member), rewriting, reader, done);
}

function headersFor({ deps, asking, response }: Waiting, { headers }: Exchange, member: Member): readonly string[] {
  const { origin } = asking;
  if (!headers.leadsOn || origin === null) return headers.forwarded;
  const hosts = deps.origins.map(({ host }) => host);
  const home = { project: member.quotaProject, account: member.id, host: origin.host };
  return withUploadHere(headers.forwarded, response.req, deps.resources, { hosts, prefix: origin.prefix, home });
}

/** What the client hears where no base URL answered. */
export const unreachable = ({ failure, host }: NoAnswer): OwnAnswer =>
  googleError(isTimeout(failure) ? 504 : 502, `no answer from ${host}: ${failure.message} (${failure.reason})`);

/** What the client hears where nobody could be asked. */
export function unserved({ retryAfterMs, text }: Shortage): OwnAnswer {
  if (retryAfterMs === null) return googleError(503, text);
  return googleError(429, text, ['Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))]);
}

/** What the client hears of a request that was its own fault; null: it was not. */
export function faultAnswer(error: unknown): OwnAnswer | null {
  if (error instanceof BodyTooLarge) return googleError(413, error.message);
  return error instanceof BodyTooSlow ? googleError(408, error.message) : null;
}
