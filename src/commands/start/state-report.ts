import type { Snapshot } from '../../proxy/contract/snapshot.js';

const moment = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** The state of everything, for a log: no token, key or secret is in it, since there is none in a snapshot. */
export function stateReport(snapshot: Snapshot): Readonly<Record<string, unknown>> {
  const { version, pid, address, health, counts, unsaved, traffic, banners, draining } = snapshot;
  const { requests, errors, inFlight, waiting } = traffic;
  return {
    ...{ version, pid, address, upSince: moment(snapshot.upSince), health, counts, unsaved, draining },
    traffic: { requests, errors, inFlight, waiting },
    noneServes: snapshot.noneServes.map(({ model, next }) => ({ model, next: moment(next) })),
    banners: banners.map(({ code, text }) => ({ code, text })),
    accounts: snapshot.accounts.map((row) => ({
      ...{ email: row.email, file: row.file, state: row.state, cause: row.cause, reason: row.reason },
      ...{ since: moment(row.since), coolingUntil: moment(row.coolingUntil), tokenEnds: moment(row.accessExpiresAt) },
      ...{ requests: row.requests, errors: row.errors, inFlight: row.inFlight, notSaved: row.notSaved },
    })),
    memoryBytes: process.memoryUsage.rss(),
  };
}
