import type { Dispatcher } from 'undici';
import { systemCode, reasonOf } from '../../store/ground/errors.js';
import { certificateAdvice, networkWords } from './network-words.js';
import { connectionsTo } from './origins.js';
import type { OutboundProxy } from './outbound.js';
import { ownValue } from '../../store/ground/json.js';

/** The result of a connection check. Any answer at all means that the endpoint can be reached. */
export interface Reach {
  readonly url: string;
  readonly ok: boolean;
  /** ms until the answer's headers came. */
  readonly tookMs: number;
  readonly text: string;
  /** What helps, where it is not the connection that has to be looked at; null: it is, or all is well. */
  readonly advice: string | null;
  /** How far this machine's clock is ahead of the server's, ms; null: not said. */
  readonly clockAheadMs: number | null;
}

const TIMEOUT_MS = 10_000;

/**
 * Sends a request without a credential, in the way that requests go, only to see that a server answers. Never throws.
 */
export async function reachOf(url: string, outbound: OutboundProxy, now: () => number): Promise<Reach> {
  const { origin } = new URL(url);
  const proxy = outbound(new URL(origin));
  const started = now();
  const via = proxy === null ? '' : ` through ${proxy.host}`;
  const connections = connectionsTo(origin, { connectMs: TIMEOUT_MS }, outbound);
  try {
    const { statusCode, date } = await headOf(connections);
    const tookMs = now() - started;
    const clockAheadMs = Number.isNaN(date) ? null : now() - date - 500;
    return { url: origin, ok: true, tookMs, text: `answers ${statusCode}${via}`, advice: null, clockAheadMs };
  } catch (error) {
    const advice = ownValue(certificateAdvice, systemCode(error)) ?? null;
    const text = `${whyNot(error)}${via}`;
    return { url: origin, ok: false, tookMs: now() - started, text, advice, clockAheadMs: null };
  } finally {
    await connections.destroy();
  }
}

/** @returns `date`: the server's clock, ms since 1970; NaN: not said */
async function headOf(connections: Dispatcher): Promise<{ statusCode: number; date: number }> {
  const options = { method: 'HEAD', path: '/', headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS } as const;
  const { statusCode, headers, body } = await connections.request(options);
  await body.dump();
  return { statusCode, date: Date.parse(String(headers.date ?? '')) };
}

function whyNot(error: unknown): string {
  const code = systemCode(error);
  // The outbound proxy's own words name its status, so they are kept.
  return (code === 'EPROXY' ? undefined : ownValue(networkWords, code)) ?? reasonOf(error);
}
