import * as v from 'valibot';
import { jsonOf } from '../../store/ground/json.js';
import type { OwnAnswer, OwnError } from '../http/own-answer.js';
import type { Making } from './upstream.js';

const amount = v.fallback(v.nullish(v.number()), null);

/** An answer of `fetchAvailableModels`, as far as it is read. */
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
  /** How much of its quota is left, 0 to 100; null: not said. */
  readonly percentage: number | null;
  /** RFC 3339. */
  readonly resetTime: string | null;
}

/** More models than any account has. */
const MOST_MODELS = 1_000;

/** The models in an answer of `fetchAvailableModels`; null where it is no such answer. */
export function availableModels(body: string): readonly AvailableModel[] | null {
  const parsed = v.safeParse(AvailableSchema, jsonOf(body));
  if (!parsed.success) return null;
  const models = Object.entries(parsed.output.models).slice(0, MOST_MODELS);
  return models.map(([name, { displayName, maxTokens, maxOutputTokens, quotaInfo }]) => ({
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

/** Makes the Gemini API's list of models, or one of its entries, from an answer of `fetchAvailableModels`. */
export class ModelList implements Making {
  /** @param model - the one that was asked for; empty: all */
  constructor(private readonly model: string) {}

  make(body: Buffer): OwnAnswer | OwnError {
    const models = availableModels(body.toString());
    if (models === null)
      return { status: 502, message: 'Code Assist answered with something that is no list of models' };
    if (this.model === '') return ok({ models: models.map(listed) });
    const one = models.find(({ name }) => name === this.model);
    if (one === undefined) return { status: 404, message: `models/${this.model} is not found for this account` };
    return ok(listed(one));
  }
}

const ok = (answer: object): OwnAnswer => ({
  ...{ status: 200, contentType: 'application/json; charset=UTF-8' },
  body: JSON.stringify(answer),
});
