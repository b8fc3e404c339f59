/** Requests through a proxy, many at a time, for as long as they are wanted. */
import { Agent, request as send } from 'undici';
import { API_KEY } from './app.js';

export interface LoadFigures {
  readonly sent: number;
  /** Whatever was not 200, an error of the connection included. */
  readonly failed: number;
  /** ms. */
  readonly slowest: number;
  readonly median: number;
  /** Requests a second. */
  readonly rate: number;
}

export interface Load {
  /** Resolves once this many were sent in all. */
  reached(count: number): Promise<void>;
  /** Ends it, and waits for those under way. */
  end(): Promise<LoadFigures>;
}

/** Starts `atOnce` clients that each send one request after the other. */
export function startLoad(url: string, atOnce: number, key = API_KEY): Load {
  const agent = new Agent({ connections: atOnce });
  const times: number[] = [];
  let failed = 0;
  let isOn = true;
  const watchers = new Set<() => void>();
  const started = performance.now();
  const client = async (): Promise<void> => {
    while (isOn) {
      const sentAt = performance.now();
      const status = await ask(url, agent, key).catch(() => 0);
      times.push(performance.now() - sentAt);
      if (status !== 200) failed += 1;
      for (const look of watchers) look();
    }
  };
  const clients = Promise.all(Array.from({ length: atOnce }, client));
  return {
    reached: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (times.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    async end() {
      isOn = false;
      await clients;
      const seconds = (performance.now() - started) / 1000;
      await agent.close();
      const sorted = [...times].sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
      return { sent: times.length, failed, slowest: sorted.at(-1) ?? 0, median, rate: times.length / seconds };
    },
  };
}

async function ask(url: string, dispatcher: Agent, key: string): Promise<number> {
  const { statusCode, body } = await send(`${url}/v1beta/models/gemini-3-flash:generateContent`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json', 'x-goog-api-key': key },
    body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
  });
  await body.dump();
  return statusCode;
}
