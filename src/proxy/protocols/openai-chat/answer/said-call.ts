import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';
import type { GeminiAnswerPart } from '../../translation/gemini/gemini.js';
import { callId } from '../../translation/request/signatures.js';
import type { ToolNames } from '../../translation/request/tool-names.js';
import type { TranslationContext } from '../../translation/translated.js';

/** A call as the client gets it. */
export interface SaidCall {
  /** The id, with the signature in it. */
  readonly id: string;
  /** The client's name of the function. */
  readonly name: string;
  readonly args: JsonObject;
  readonly signature: string | undefined;
}

/** The call within a part; its signature is put into its id, and remembered for clients that make ids of their own. */
export function saidCall(
  call: NonNullable<GeminiAnswerPart['functionCall']>,
  signature: string | undefined,
  { newId, signatures }: TranslationContext,
  names: ToolNames,
): SaidCall {
  const id = callId('call_', newId(), signature);
  if (signature !== undefined) signatures.remember(id, signature);
  return {
    ...{ id, signature },
    name: names.toClient(call.name ?? ''),
    args: isJsonObject(call.args) ? call.args : {},
  };
}
