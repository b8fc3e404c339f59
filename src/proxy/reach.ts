import { request, ProxyAgent } from 'undici';
import { systemCode, reasonOf } from '../store/errors.js';
import { networkWords } from './network-words.js';
import type { OutboundProxy } from './outbound.js';

/** What a look at an endpoint showed. Any answer at all means that it can be reached. */
export interface Reach {
  readonly url: string;
  readonly ok: boolean;
  /** ms until the headers. */
  readonly tookMs: number;
  readonly text: string;
  /** How far this machine's clock is ahead of the server's, ms; null: not said. */
  readonly clockAheadMs: number | null;
}

const TIMEOUT_MS = 10_000;

/** Asks a server for nothing in particular, with no credential, to see that it answers. Never throws. */
export async function reachOf(url: string, outbound: OutboundProxy, now: () => number): Promise<Reach> {
  const target = new URL(url);
  const proxy = outbound(target);
  const started = now();
  const via = proxy === null ? '' : ` through ${proxy.host}`;
  try {
    const dispatcher = proxy === null ? undefined : new ProxyAgent(proxy.href);
    const options = { method: 'HEAD', headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS, dispatcher } as const;
    const { statusCode, headers, body } = await request(target.origin, options);
    await body.dump();
    await dispatcher?.close();
    const date = Date.parse(String(headers.date ?? ''));
    const tookMs = now() - started;
    const clockAheadMs = Number.isNaN(date) ? null : now() - date - 500;
    return { url: target.origin, ok: true, tookMs, text: `answers ${statusCode}${via}`, clockAheadMs };
  } catch (error) {
    const why = networkWords[systemCode(error)] ?? reasonOf(error);
    return { url: target.origin, ok: false, tookMs: now() - started, text: `${why}${via}`, clockAheadMs: null };
  }
}
