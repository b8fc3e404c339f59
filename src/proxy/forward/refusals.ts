import { type Answer, isForAnother } from './ask-origins.js';
import type { RequestBody } from '../http/body.js';
import { decodedText } from '../http/content-encoding.js';
import { Exchange } from '../transport/exchange.js';
import { forbiddenOf } from '../protocols/gemini/permission-denied.js';
import type { Member } from '../pool/member.js';
import type { FailoverCause } from '../reports/metrics.js';
import { coolDownOf } from '../protocols/gemini/rate-limit.js';
import { namesAny, namesInPath } from '../protocols/gemini/resource-names.js';
import type { ForwardingDeps } from './forwarding-deps.js';
import type { ClientRequest } from '../protocols/client-request.js';

/** How long the body of a refusal may take, which says why, and how long to wait. */
const REASON_MS = 2_000;

/** The statuses that send a request to the next account. */
export function causeOf(status: number): FailoverCause | null {
  if (status >= 500) return 'upstream_error';
  if (status === 429) return 'rate_limited';
  if (status === 403) return 'forbidden';
  return status === 401 ? 'unauthorized' : null;
}

/** For the client as it is: nobody else would give a better one. */
export const isPlainlyGood = (answer: Answer): answer is Exchange =>
  answer instanceof Exchange &&
  answer.broken === null &&
  causeOf(answer.status) === null &&
  !isForAnother(answer.status);

/** A request whose answer is judged. */
export interface Judged {
  readonly deps: Pick<ForwardingDeps, 'pool' | 'clock'>;
  readonly request: ClientRequest;
  readonly body: RequestBody;
}

/** Takes in what an answer says of the account that asked, where it says why it is none for the client. */
export async function takeRefusal(judged: Judged, exchange: Exchange, member: Member): Promise<void> {
  const cause = causeOf(exchange.status);
  if (cause === 'rate_limited') await coolDown(judged, exchange, member);
  if (cause === 'forbidden') await takeForbidden(judged, exchange, member);
}

async function coolDown({ deps, request }: Judged, exchange: Exchange, member: Member): Promise<void> {
  const { clock, pool } = deps;
  const body = await wordsOf(deps, exchange);
  const { retryAfter } = exchange.headers;
  const model = request.model === '' ? null : request.model;
  pool.cool(member, { model, ...coolDownOf({ retryAfter, body }, clock.now()) });
}

async function takeForbidden(judged: Judged, exchange: Exchange, member: Member): Promise<void> {
  const forbidden = forbiddenOf(await wordsOf(judged.deps, exchange));
  // What it names may be somebody else's: that says nothing about the account.
  if (forbidden.kind === 'other' && namesStored(judged)) return;
  judged.deps.pool.forbid(member, forbidden);
}

function namesStored({ request, body }: Judged): boolean {
  if (namesInPath(request.target).length > 0) return true;
  const front = body.front();
  return front !== null && namesAny(front);
}

/** The body of an answer that is read to know why. */
async function wordsOf({ clock }: Judged['deps'], exchange: Exchange): Promise<string> {
  await exchange.hold(clock, REASON_MS);
  return decodedText(exchange.heldBody, exchange.headers.contentEncoding);
}
