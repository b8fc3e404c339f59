import { isJsonObject, jsonOf, type JsonObject } from '../store/ground/json.js';

/** What a request's body says; nothing where it is no object. */
export const objectOf = (body: string): JsonObject => objectOrEmpty(jsonOf(body));

export const objectOrEmpty = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
