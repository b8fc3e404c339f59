import { isJsonObject, jsonOf, type JsonObject } from '../store/ground/json.js';

/** What a request's body says; nothing where it is no object. */
export const objectOf = (body: string): JsonObject => recordOf(jsonOf(body));

export const recordOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
