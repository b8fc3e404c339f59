/**
 * Groups of models whose quota counts as one, named as other programs on the same account files name them. The first
 * that fits is used.
 */
const groups: readonly (readonly [RegExp, string])[] = [
  [/gemini-3\.1-flash-image/, 'gemini-3.1-flash-image'],
  [/gemini-3-pro-image/, 'gemini-3-pro-image'],
  [/^gemini-.*flash/, 'gemini-3-flash'],
  [/^gemini-.*pro/, 'gemini-3-pro-high'],
  [/claude/, 'claude'],
];

/** The name under which a model's quota is protected: its group's name, else its own. */
export const modelGroup = (model: string): string => groups.find(([pattern]) => pattern.test(model))?.[1] ?? model;
