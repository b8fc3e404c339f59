import type { GeminiThinkingConfig } from '../gemini/gemini.js';
import type { AnsweringModel, BudgetBounds } from '../models/answering-model.js';

/** How much a client wants a model to think; Gemini knows four levels, the protocols some more. */
export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
type Level = NonNullable<GeminiThinkingConfig['thinkingLevel']>;

const LEVELS: Readonly<Record<Effort, Level>> = {
  none: 'minimal',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/** The tokens for each effort, as in Google's own OpenAI endpoint. */
const BUDGETS: Readonly<Record<Level, number>> = { minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };

export const isEffort = (value: unknown): value is Effort => typeof value === 'string' && Object.hasOwn(LEVELS, value);

/** What a client said about thinking. */
export interface WantedThinking {
  readonly effort?: Effort | undefined;
  /** In tokens. If there is an effort too, that decides for models that take levels. */
  readonly budget?: number | undefined;
  readonly thoughtsShown: boolean;
}

/**
 * The thinking settings for a model: a level or a budget, never both. A budget stays within the model's bounds and
 * below the limit of the whole answer; where nothing is left there, none is sent.
 *
 * @param maxOutputTokens - the limit sent to Google; undefined: none
 * @returns undefined where there is nothing to send
 */
export function thinkingConfig(
  { effort, budget, thoughtsShown }: WantedThinking,
  { thinking }: AnsweringModel,
  maxOutputTokens: number | undefined,
): GeminiThinkingConfig | undefined {
  if (thinking.by === 'nothing') return undefined;
  const shown = thoughtsShown ? { includeThoughts: true } : {};
  if (effort === undefined && budget === undefined) return thoughtsShown ? shown : undefined;
  if (thinking.by === 'level')
    return { thinkingLevel: effort === undefined ? levelOf(budget ?? 0) : LEVELS[effort], ...shown };
  const wanted = budget ?? (effort === 'none' ? 0 : BUDGETS[LEVELS[effort ?? 'high']]);
  const thinkingBudget = boundedBudget(wanted, thinking.bounds, maxOutputTokens);
  if (thinkingBudget !== undefined) return { thinkingBudget, ...(thinkingBudget > 0 && shown) };
  return thoughtsShown && !thinking.bounds.canBeOff ? shown : undefined;
}

function boundedBudget(wanted: number, bounds: BudgetBounds, maxOutputTokens: number | undefined): number | undefined {
  if (wanted === 0 && bounds.canBeOff) return 0;
  const most = Math.min(bounds.most, maxOutputTokens === undefined ? Infinity : maxOutputTokens - 1);
  if (most < bounds.least) return undefined;
  return Math.min(Math.max(wanted, bounds.least), most);
}

/** The level whose budget is nearest to this one in tokens, for models that take only levels. */
function levelOf(budget: number): Level {
  if (budget === 0) return 'minimal';
  if (budget <= 4_096) return 'low';
  return budget < 16_384 ? 'medium' : 'high';
}
