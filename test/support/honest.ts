/** Clients that do nothing wrong: each on a connection of its own, one request after the other with pauses between. */
import { Agent, request as send } from 'undici';
import { API_KEY } from './app.js';
import { pause } from './pause.js';
import { seeded } from './random.js';

/** What the honest clients saw, by the phase in which they asked. */
export interface HonestFigures {
  readonly sent: number;
  /** Each that was not 200, as it was told. */
  readonly failed: readonly string[];
  /** ms, ascending, of those that asked in this phase. */
  timesIn(phase: string): readonly number[];
}

export interface HonestClients {
  /** Requests from now on count for this phase. */
  phase(name: string): void;
  end(): Promise<HonestFigures>;
}

const BODY = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}';

/** Starts `count` clients that each ask once in `everyMs` on average. */
export function startHonest(url: string, count: number, everyMs: number): HonestClients {
  const agents = Array.from({ length: count }, () => new Agent({ connections: 1 }));
  const times = new Map<string, number[]>();
  const failed: string[] = [];
  const random = seeded(7);
  let phase = 'first';
  let isOn = true;
  let sent = 0;
  const client = async (agent: Agent): Promise<void> => {
    await pause(random(everyMs));
    while (isOn) {
      const asked = phase;
      const sentAt = performance.now();
      sent++;
      const trouble = await ask(url, agent).catch(String);
      const list = times.get(asked) ?? [];
      times.set(asked, list);
      list.push(performance.now() - sentAt);
      if (trouble !== null) failed.push(`${asked}: ${trouble}`);
      await pause(everyMs / 2 + random(everyMs));
    }
  };
  const clients = Promise.all(agents.map(client));
  return {
    phase(name) {
      phase = name;
    },
    async end() {
      isOn = false;
      await clients;
      await Promise.all(agents.map((agent) => agent.close()));
      return { sent, failed, timesIn: (name) => [...(times.get(name) ?? [])].sort((a, b) => a - b) };
    },
  };
}

/** null: it was answered well. */
async function ask(url: string, dispatcher: Agent): Promise<string | null> {
  const { statusCode, body } = await send(`${url}/v1beta/models/gemini-3-flash:generateContent`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json', 'x-goog-api-key': API_KEY },
    body: BODY,
  });
  const text = await body.text();
  return statusCode === 200 ? null : `${statusCode} ${text.slice(0, 200)}`;
}

/** The value that this share of a sorted list does not exceed. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
