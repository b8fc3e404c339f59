import type { FlightRow, InFlight } from '../contract/operation-shapes.js';
import type { IncomingRequest } from './incoming-request.js';
import type { OpenRequests } from './open-requests.js';

/** More than that nobody reads, and all of them would be too much to send to a screen every second. */
const MOST_ROWS = 500;

/** The requests under way, as a screen shows them. @param now - monotonic ms */
export function inFlight(open: OpenRequests<IncomingRequest>, now: number): InFlight {
  const requests: IncomingRequest[] = [];
  open.forEach((request) => {
    if (request.kind === 'traffic') requests.push(request);
  });
  const oldest = requests.sort((a, b) => a.startedAt - b.startedAt).slice(0, MOST_ROWS);
  return { total: requests.length, rows: oldest.map((request) => flightRow(request, now)) };
}

const flightRow = (request: IncomingRequest, now: number): FlightRow => ({
  id: request.id,
  ageMs: Math.round(now - request.startedAt),
  kind: kindOf(request),
  account: request.forwarding?.account ?? null,
  key: request.key?.name ?? null,
  model: request.model || null,
  protocol: request.protocol.name,
  ip: request.ip,
  bytes: request.bytes,
});

function kindOf({ forwarding, response }: IncomingRequest): FlightRow['kind'] {
  if (forwarding?.tries.isHeld === true) return 'held';
  if (!response.headersSent) return 'asked';
  if (response.statusCode === 101) return 'live';
  return forwarding?.streams === true ? 'stream' : 'answer';
}
