import { isJsonObject, ownValue, setOwn, type JsonObject } from './json.js';

/** Whether two values would be written as the same text: the order of keys counts. */
export const sameJson = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/**
 * Applies to `onto` what somebody changed from `base` to `changed`, key by key and deeply. A key whose value in `onto`
 * is not that of `base` was changed there later, and is left alone. Lists and plain values are taken as a whole; where
 * both added an object that `base` does not have, the two are merged.
 */
export function carryOver(base: JsonObject, changed: JsonObject, onto: JsonObject): void {
  for (const key of new Set([...Object.keys(base), ...Object.keys(changed)])) {
    const [was, is, there] = [base, changed, onto].map((json) => ownValue(json, key));
    if (sameJson(was, is)) continue;
    if (isJsonObject(is) && isJsonObject(there)) carryOver(isJsonObject(was) ? was : {}, is, there);
    else if (!sameJson(was, there)) continue;
    else if (is === undefined) remove(onto, key);
    else setOwn(onto, key, structuredClone(is));
  }
}

const remove = (json: JsonObject, key: string): boolean => Reflect.deleteProperty(json, key);
