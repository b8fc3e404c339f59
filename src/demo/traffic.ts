/** Clients that send requests through the proxy without end, as a team's tools would. */
import { Agent, type ClientRequest, request } from 'node:http';
import type { Clock } from '../store/ground/clock.js';
import { type DemoKey, keyFor } from './client-keys.js';

export interface TrafficOptions {
  /** `http://host:port` of the proxy. */
  readonly proxyUrl: string;
  /** What the clients show. */
  readonly keys: readonly DemoKey[];
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export interface RunningTraffic {
  /** How many requests ended, by status; 0: they broke off. */
  readonly ended: ReadonlyMap<number, number>;
  /** Sends no more, breaks off what is under way, and resolves when that has ended. */
  stop(): Promise<void>;
}

/** The kinds of request, each with its share in percent. */
const mix = [
  { share: 34, path: '/v1beta/models/gemini-2.5-flash:generateContent' },
  { share: 26, path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse' },
  { share: 16, path: '/v1beta/models/gemini-2.5-pro:generateContent' },
  { share: 14, path: '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse' },
  { share: 7, path: '/v1beta/models/gemini-2.5-flash-lite:generateContent' },
  { share: 3, path: '/v1beta/models/gemini-2.5-pro:countTokens' },
] as const;

const prompts = [
  'Say in one sentence what a refresh token is.',
  'Summarize the log.',
  'Name this commit.',
  'Translate: yes.',
];

/** Time between two requests: 8 to 12 requests a second. */
const shortestGapMs = 83;
const longestGapMs = 125;
/** The most requests at a time, so that a proxy in trouble is not flooded. */
const mostInFlight = 12;

/** The model that a random number (0 to below 1) stands for. */
export function chosen(roll: number): string {
  let left = roll * 100;
  const kind = mix.find(({ share }) => (left -= share) < 0);
  return (kind ?? mix[0]).path;
}

const saying = (text: string): string => JSON.stringify({ contents: [{ role: 'user', parts: [{ text }] }] });

/** Starts sending at once. */
export function startTraffic({ proxyUrl, keys, clock, random = Math.random }: TrafficOptions): RunningTraffic {
  const agent = new Agent({ keepAlive: true, maxSockets: mostInFlight });
  const ended = new Map<number, number>();
  const underWay = new Set<ClientRequest>();
  let quiet = (): void => undefined;
  let cancel = (): void => undefined;

  const end = (call: ClientRequest, status: number): void => {
    if (!underWay.delete(call)) return;
    ended.set(status, (ended.get(status) ?? 0) + 1);
    if (underWay.size === 0) quiet();
  };
  const ask = (): void => {
    const headers = { 'content-type': 'application/json', 'x-goog-api-key': keyFor(keys, random()) };
    const call = request(proxyUrl + chosen(random()), { method: 'POST', agent, headers });
    underWay.add(call);
    call.on('response', (response) => {
      response.resume();
      response.on('error', () => undefined);
      response.on('close', () => end(call, response.complete ? (response.statusCode ?? 0) : 0));
    });
    call.on('error', () => end(call, 0));
    call.end(saying(prompts[Math.floor(random() * prompts.length)] ?? ''));
  };
  const tick = (): void => {
    if (underWay.size < mostInFlight) ask();
    cancel = clock.after(shortestGapMs + random() * (longestGapMs - shortestGapMs), tick);
  };
  tick();
  return {
    ended,
    async stop() {
      cancel();
      const silence = new Promise<void>((done) => (quiet = done));
      for (const call of underWay) call.destroy();
      if (underWay.size > 0) await silence;
      agent.destroy();
    },
  };
}
