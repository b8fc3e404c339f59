import { ownValue } from '../../../../store/ground/json.js';
/** The settings that say which models there are, for every protocol alike. */
export interface ModelSettings {
  /** A client's name, or a pattern with `*`, → the model that it stands for. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Names and patterns with `*` that are neither listed nor served. */
  readonly hidden: readonly string[];
}

const PREFIX = /^(?:models|google|anthropic|openai)\//;

/** A model's name without prefixes by which clients name its provider. */
export function withoutPrefix(name: string): string {
  let bare = name;
  while (PREFIX.test(bare)) bare = bare.replace(PREFIX, '');
  return bare;
}

export const isNamePattern = (name: string): boolean => name.includes('*');

/** Whether `name` matches `pattern`, in which `*` stands for any characters or none. */
export function fits(pattern: string, name: string): boolean {
  if (!isNamePattern(pattern)) return pattern === name;
  const [first = '', ...rest] = pattern.split('*');
  if (!name.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let from = first.length;
  for (const piece of rest) {
    const at = name.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}

export const isHidden = (name: string, { hidden }: ModelSettings): boolean =>
  hidden.some((pattern) => fits(pattern, name));

/**
 * The model that a client's name stands for: an exact alias, else the first pattern that fits, else the name itself. An
 * alias stands for a model and never for another alias.
 *
 * @returns null for a model that is hidden, under the client's name or its own
 */
export function servedModel(asked: string, settings: ModelSettings): string | null {
  const bare = withoutPrefix(asked);
  const name = withoutPrefix(aliasOf(asked, settings) ?? aliasOf(bare, settings) ?? bare);
  return isHidden(bare, settings) || isHidden(name, settings) ? null : name;
}

function aliasOf(name: string, { aliases }: ModelSettings): string | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name];
  const pattern = Object.keys(aliases).find((key) => isNamePattern(key) && fits(key, name));
  return pattern === undefined ? undefined : ownValue(aliases, pattern);
}
