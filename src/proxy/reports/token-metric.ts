import Counter from 'prom-client/lib/counter.js';
import type Registry from 'prom-client/lib/registry.js';
import type { TokensUsed } from '../../store/records/access-record.js';

const kinds = ['in', 'cached', 'out', 'thoughts'] as const;

/** Stands for a client that showed no key. */
const NO_KEY = '-';

/** `regrant_tokens_total`: what answers said they used, by model, kind and client key; summed up at a scrape. */
export class TokenMetric {
  private readonly models = new Map<string, Map<string, Record<keyof TokensUsed, number>>>();

  constructor(registry: Registry) {
    const { models } = this;
    new Counter({
      name: 'regrant_tokens_total',
      help: 'Tokens that answers said they used, by model, kind and client key',
      labelNames: ['model', 'kind', 'key'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [model, keys] of models) {
          for (const [key, sums] of keys) for (const kind of kinds) this.inc({ model, kind, key }, sums[kind]);
        }
      },
    });
  }

  count(model: string, key: string | null, used: TokensUsed): void {
    let keys = this.models.get(model);
    if (keys === undefined) this.models.set(model, (keys = new Map<string, Record<keyof TokensUsed, number>>()));
    const name = key ?? NO_KEY;
    let sums = keys.get(name);
    if (sums === undefined) keys.set(name, (sums = { in: 0, cached: 0, out: 0, thoughts: 0 }));
    for (const kind of kinds) sums[kind] += used[kind];
  }
}
