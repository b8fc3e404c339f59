/** Which API of Google's a model is reached through: some things have to be said differently. */
export type UpstreamKind = 'gemini' | 'cloudcode';

/** The allowed thinking budgets, in tokens; 0 switches thinking off where that is possible. */
export interface BudgetBounds {
  readonly least: number;
  readonly most: number;
  readonly canBeOff: boolean;
}

/** How a model is told how much to think. */
export type ThinkingControl =
  { readonly by: 'level' } | { readonly by: 'budget'; readonly bounds: BudgetBounds } | { readonly by: 'nothing' };

/** What a translation needs to know of the model that will answer. */
export interface AnsweringModel {
  /** The client's name for it, repeated in answers. */
  readonly asked: string;
  /** Google's name, without `models/`. */
  readonly name: string;
  readonly thinking: ThinkingControl;
  /**
   * Whether it is Claude on Code Assist, which needs the protobuf schema, ids of calls, and its own thinking blocks
   * back.
   */
  readonly isClaude: boolean;
  /** The most tokens it can answer with; null where that is not known. */
  readonly outputTokenLimit: number | null;
}

/** Budgets of the models that take one: https://ai.google.dev/gemini-api/docs/thinking#set-budget. */
const BUDGETS: readonly (readonly [RegExp, BudgetBounds])[] = [
  [/2\.5-flash-lite/, { least: 512, most: 24_576, canBeOff: true }],
  [/2\.5-flash/, { least: 1, most: 24_576, canBeOff: true }],
  [/2\.5-pro/, { least: 128, most: 32_768, canBeOff: false }],
  [/^claude/, { least: 1_024, most: 63_999, canBeOff: true }],
];

/** For a model on Code Assist with unknown bounds: what all known Gemini models allow. */
const COMMON_BOUNDS: BudgetBounds = { least: 512, most: 24_576, canBeOff: false };

const WITHOUT_THINKING = /2\.5-flash-image|embedding|imagen|veo|gemma|tts|^gemini-(?:1|2\.0)/;
const TOLD_BY_LEVEL = /^gemini-(?:[3-9]|\d\d|flash-latest|pro-latest|flash-lite-latest)/;

function thinkingOf(name: string, kind: UpstreamKind): ThinkingControl {
  if (WITHOUT_THINKING.test(name)) return { by: 'nothing' };
  const bounds = BUDGETS.find(([pattern]) => pattern.test(name))?.[1];
  if (bounds !== undefined) return { by: 'budget', bounds };
  if (kind === 'cloudcode') return { by: 'budget', bounds: COMMON_BOUNDS };
  return TOLD_BY_LEVEL.test(name) ? { by: 'level' } : { by: 'nothing' };
}

/** Limits of known families, used until the upstream's own list of models was read. */
const OUTPUT_LIMITS: readonly (readonly [RegExp, number])[] = [
  [/^gemini-(?:2\.5|[3-9]|\d\d).*image/, 32_768],
  [/^gemini-(?:2\.5|[3-9]|\d\d)|^gemini-(?:flash|pro|flash-lite)-latest/, 65_536],
  [/^gemini-(?:1\.5|2\.0)/, 8_192],
  [/^claude/, 64_000],
];

/**
 * @param name - Google's name
 * @param listedLimit - `outputTokenLimit` in the upstream's list; null where that was not read
 */
export function answeringModel(
  asked: string,
  name: string,
  kind: UpstreamKind,
  listedLimit: number | null = null,
): AnsweringModel {
  return {
    ...{ asked, name, thinking: thinkingOf(name, kind) },
    isClaude: kind === 'cloudcode' && name.startsWith('claude'),
    outputTokenLimit: listedLimit ?? OUTPUT_LIMITS.find(([pattern]) => pattern.test(name))?.[1] ?? null,
  };
}
