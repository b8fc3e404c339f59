import type { JsonObject } from '../../../../store/ground/json.js';
import type { GeminiAnswerPart, GeminiCandidate } from '../../translation/gemini/gemini.js';
import type { SaidCall } from './said-call.js';

/** A call in a message, whole or streamed; its signature is also put where Google's own OpenAI endpoint puts it. */
export const toolCall = ({ id, name, args, signature }: SaidCall): JsonObject => ({
  ...{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } },
  ...(signature !== undefined && { extra_content: { google: { thought_signature: signature } } }),
});

/** An image that the model drew. OpenAI's messages have no place for one; this is the form that other gateways use. */
export const imagePiece = ({ mimeType, data }: NonNullable<GeminiAnswerPart['inlineData']>): JsonObject => ({
  type: 'image_url',
  image_url: { url: `data:${mimeType ?? 'image/png'};base64,${data ?? ''}` },
});

const MOST_CHOICES = 8;

/** The choice that a candidate belongs to; null: none that could have been asked for. */
export function choiceIndex({ index }: GeminiCandidate, position: number): number | null {
  const wanted = index ?? position;
  return Number.isInteger(wanted) && wanted >= 0 && wanted < MOST_CHOICES ? wanted : null;
}
