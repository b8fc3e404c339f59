import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';
import { BadRequest } from '../../translation/request/bad-request.js';
import { isAbsent } from '../../translation/request/fields.js';
import { ownValue } from '../../../../store/ground/json.js';

/** Fields that change the answer and for which Google has nothing: each with what to do instead. */
export type RefusedFields = Readonly<Record<string, string>>;

/** Whether a field is set: clients also send null, `false`, and empty lists and objects. */
const isSaid = (value: unknown): boolean =>
  !isAbsent(value) &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0) &&
  !(isJsonObject(value) && Object.keys(value).length === 0);

/** @throws {BadRequest} names the first of these fields that is set */
export function refuseFields(body: JsonObject, refusals: RefusedFields): void {
  const field = Object.keys(refusals).find((name) => isSaid(ownValue(body, name)));
  if (field !== undefined)
    throw new BadRequest(`${field} cannot be translated: ${ownValue(refusals, field) ?? ''}`, field);
}

/** The field that neither Chat nor the older completions can have. */
export const NO_BIAS: RefusedFields = { logit_bias: 'Gemini has no bias of tokens; leave it out' };
