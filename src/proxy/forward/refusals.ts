import { decodedText } from '../http/content-encoding.js';
import type { Member } from '../pool/member.js';
import { forbiddenOf } from '../protocols/gemini/permission-denied.js';
import { coolDownOf } from '../protocols/gemini/rate-limit.js';
import type { FailoverCause } from '../reports/metrics.js';
import type { Exchange } from '../transport/exchange.js';
import { isForAnother } from './ask-origins.js';
import type { RequestContext } from './request-context.js';

/** How long the body of a refusal may take, which says why, and how long to wait. */
const REASON_MS = 2_000;

/** Why an answer is none for the client. */
export interface Refusal {
  readonly cause: FailoverCause;
  readonly why: string;
}

/** The statuses that send a request to the next account. */
function causeOf(status: number): FailoverCause | null {
  if (status >= 500) return 'upstream_error';
  if (status === 429) return 'rate_limited';
  if (status === 403) return 'forbidden';
  return status === 401 ? 'unauthorized' : null;
}

/** Whether an answer is for the client: no other account would give a better one. */
export const isGood = ({ status, broken }: Exchange): boolean => broken === null && causeOf(status) === null;

/** The same, and no other base URL either. */
export const isBest = (exchange: Exchange): boolean => isGood(exchange) && !isForAnother(exchange.status);

/** Takes in what an answer that is not good says of the account that asked. @returns why it is none for the client */
export async function takeRefusal(context: RequestContext, exchange: Exchange, member: Member): Promise<Refusal> {
  const cause = causeOf(exchange.status);
  if (cause === 'rate_limited') await coolDown(context, exchange, member);
  if (cause === 'forbidden') await takeForbidden(context, exchange, member);
  return cause === null ? { cause: 'network', why: 'the answer broke off' } : { cause, why: String(exchange.status) };
}

async function coolDown({ deps, request }: RequestContext, exchange: Exchange, member: Member): Promise<void> {
  const { clock, pool } = deps;
  const body = await textOf(deps, exchange);
  const { retryAfter } = exchange.headers;
  const model = request.model === '' ? null : request.model;
  pool.cool(member, { model, ...coolDownOf({ retryAfter, body }, clock.now()) });
}

async function takeForbidden(context: RequestContext, exchange: Exchange, member: Member): Promise<void> {
  const { deps, protocol, request, body } = context;
  const denial = forbiddenOf(await textOf(deps, exchange));
  // What it names may be somebody else's: that says nothing about the account.
  if (denial.kind === 'other' && protocol.namesStored(request.target, body.front())) return;
  deps.pool.forbid(member, denial);
}

/** The body of an answer that is read to know why. */
async function textOf({ clock }: RequestContext['deps'], exchange: Exchange): Promise<string> {
  await exchange.hold(clock, REASON_MS);
  return decodedText(exchange.heldBody, exchange.headers.contentEncoding);
}
