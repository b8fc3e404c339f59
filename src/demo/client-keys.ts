import { fingerprint } from '../store/ground/fingerprint.js';
import { newKey } from '../store/keys/key-file.js';

/** The clients that send the demo's traffic, each with its share in percent. */
const clients = [
  { name: 'editor', share: 60, rules: { note: 'the team at its editors' } },
  { name: 'ci', share: 34, rules: { models: ['gemini-2.5-*', 'gemini-3-*'], tokensPerMonth: 50_000_000 } },
  // Asks nearly twice as often as it is allowed: for half of each minute it is at its limit.
  { name: 'night-job', share: 6, rules: { requestsPerMinute: 20 } },
] as const;

/** A key that clients of the demo show. */
export interface DemoKey {
  readonly key: string;
  readonly share: number;
}

/** New keys for the demo's clients, and the `keys.json` with them. */
export function makeDemoKeys(nowSeconds: number): { readonly keys: readonly DemoKey[]; readonly file: object } {
  const made = clients.map(({ name, share, rules }) => ({ name, share, rules, key: newKey() }));
  const stored = made.map(
    ({ name, rules, key }) => [name, { sha256: fingerprint(key), created: nowSeconds, ...rules }] as const,
  );
  return {
    keys: made.map(({ key, share }) => ({ key, share })),
    file: { schema: 1, keys: Object.fromEntries(stored) },
  };
}

/** The key that a random number (0 to below 1) stands for. */
export function keyFor(keys: readonly DemoKey[], roll: number): string {
  let left = roll * 100;
  return (keys.find(({ share }) => (left -= share) < 0) ?? keys[0])?.key ?? '';
}
