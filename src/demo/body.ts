import { isJsonObject, jsonOf, type JsonObject } from '../store/ground/json.js';

/** The JSON object in a request's body; an empty one where it is no object. */
export const objectOf = (body: string): JsonObject => objectOrEmpty(jsonOf(body));

export const objectOrEmpty = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
