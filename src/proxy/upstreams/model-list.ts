import * as v from 'valibot';
import { jsonOf } from '../../store/json.js';
import type { Rewriting } from './upstream.js';

const amount = v.fallback(v.nullish(v.number()), null);

/** What `fetchAvailableModels` answers, as far as it is read. */
const AvailableSchema = v.object({
  models: v.record(
    v.string(),
    v.object({
      displayName: v.fallback(v.nullish(v.string()), null),
      maxTokens: amount,
      maxOutputTokens: amount,
      quotaInfo: v.fallback(
        v.nullish(v.object({ remainingFraction: amount, resetTime: v.fallback(v.nullish(v.string()), null) })),
        null,
      ),
    }),
  ),
});

export interface AvailableModel {
  readonly name: string;
  readonly displayName: string;
  readonly maxTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** What is left of its quota, 0 to 100; null: not said. */
  readonly percentage: number | null;
  /** RFC 3339. */
  readonly resetTime: string | null;
}

/** The models of an answer of `fetchAvailableModels`; null where it is none. */
export function availableModels(body: string): readonly AvailableModel[] | null {
  const parsed = v.safeParse(AvailableSchema, jsonOf(body));
  if (!parsed.success) return null;
  return Object.entries(parsed.output.models).map(([name, { displayName, maxTokens, maxOutputTokens, quotaInfo }]) => ({
    ...{ name, maxTokens: maxTokens ?? null, maxOutputTokens: maxOutputTokens ?? null },
    displayName: displayName ?? name,
    // Google leaves out what is zero.
    percentage: quotaInfo ? Math.round((quotaInfo.remainingFraction ?? 0) * 100) : null,
    resetTime: quotaInfo?.resetTime ?? null,
  }));
}

const listed = ({ name, displayName, maxTokens, maxOutputTokens }: AvailableModel) => ({
  name: `models/${name}`,
  displayName,
  ...(maxTokens === null ? {} : { inputTokenLimit: maxTokens }),
  ...(maxOutputTokens === null ? {} : { outputTokenLimit: maxOutputTokens }),
  supportedGenerationMethods: ['generateContent', 'countTokens'],
});

/** Makes the Gemini API's list of models, or one of them, out of an answer of `fetchAvailableModels`. */
export class ModelList implements Rewriting {
  private readonly chunks: Buffer[] = [];

  /** @param model - the one that was asked for; empty: all */
  constructor(private readonly model: string) {}

  push(chunk: Buffer): readonly Buffer[] {
    this.chunks.push(chunk);
    return [];
  }

  end(): readonly Buffer[] {
    const models = availableModels(Buffer.concat(this.chunks).toString());
    if (models === null) return this.chunks;
    const one = models.find(({ name }) => name === this.model);
    const answer = one === undefined ? { models: this.model === '' ? models.map(listed) : [] } : listed(one);
    return [Buffer.from(JSON.stringify(answer))];
  }
}
