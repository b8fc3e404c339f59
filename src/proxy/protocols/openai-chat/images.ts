import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';
import { candidatesOf, eventOf, answerParts } from '../translation/answer/events.js';
import { NO_USAGE, type TokenUsage, usageAfter } from '../translation/answer/usage.js';
import { BadRequest } from '../translation/request/bad-request.js';
import { isAbsent, nameAt, optionalWholeNumberAt, textAt, unknownFields } from '../translation/request/fields.js';
import type { TranslatedCall } from '../translation/route.js';
import type { TranslationContext } from '../translation/translated.js';
import { type RefusedFields, refuseFields } from './request/refusals.js';

const REFUSED: RefusedFields = { stream: 'images come whole; leave it out' };
const KNOWN = new Set([
  ...Object.keys(REFUSED),
  ...['model', 'prompt', 'n', 'size', 'response_format'],
  // Google has nothing like these, and an image without them is still what was asked for.
  ...['quality', 'style', 'background', 'moderation', 'output_format', 'output_compression', 'partial_images', 'user'],
]);
const IMAGES = { least: 1, most: 8 };

/**
 * A request for images: from a Gemini model that draws, or from Imagen, which has another method.
 *
 * @throws {BadRequest}
 */
export function imagesRequest(body: JsonObject, context: TranslationContext): TranslatedCall {
  refuseFields(body, REFUSED);
  if (!isAbsent(body.response_format) && body.response_format !== 'b64_json') {
    throw new BadRequest(
      'response_format must be b64_json: nothing is kept here that a url could name',
      'response_format',
    );
  }
  const prompt = nameAt(body.prompt, 'prompt');
  const count = optionalWholeNumberAt(body.n, 'n', IMAGES) ?? 1;
  const ratio = aspectRatio(body.size);
  const unknown = unknownFields(body, KNOWN);
  const { now, model } = context;
  if (model.name.startsWith('imagen')) {
    const parameters = { sampleCount: count, ...(ratio !== undefined && { aspectRatio: ratio }) };
    return {
      call: 'predict',
      body: { instances: [{ prompt }], parameters },
      unknown,
      answer: { kind: 'made', made: (told) => predicted(told, now) },
    };
  }
  const generationConfig = {
    responseModalities: ['IMAGE'],
    ...(count > 1 && { candidateCount: count }),
    ...(ratio !== undefined && { imageConfig: { aspectRatio: ratio } }),
  };
  const contents = [{ role: 'user', parts: [{ text: prompt }] }];
  return {
    call: 'generateContent',
    body: { contents, generationConfig },
    unknown,
    answer: { kind: 'made', made: (told) => drawn(told, now) },
  };
}

/** The shapes that Google draws in, width to height. */
const RATIOS = ['1:1', '3:2', '2:3', '4:3', '3:4', '16:9', '9:16', '21:9', '5:4', '4:5'] as const;

/** The shape nearest to a size in pixels; undefined: the model may choose. */
function aspectRatio(size: unknown): string | undefined {
  if (isAbsent(size) || size === 'auto') return undefined;
  const [, width = 0, height = 0] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(textAt(size, 'size'))?.map(Number) ?? [];
  if (width === 0 || height === 0) throw new BadRequest('size must be auto, or like 1024x1024', 'size');
  const distance = (ratio: string): number => {
    const [across = 1, down = 1] = ratio.split(':').map(Number);
    return Math.abs(Math.log(width / height / (across / down)));
  };
  return RATIOS.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
}

function drawn(told: unknown, now: number): JsonObject | null {
  const event = eventOf(told);
  const candidates = candidatesOf(event);
  const images = candidates.flatMap(answerParts).flatMap(({ inlineData }) => inlineData?.data ?? []);
  const reason = event.promptFeedback?.blockReason ?? candidates.find(({ finishReason }) => finishReason)?.finishReason;
  return imagesAnswer(images, reason, now, usageAfter(NO_USAGE, event));
}

function predicted(told: unknown, now: number): JsonObject | null {
  const list = isJsonObject(told) && Array.isArray(told.predictions) ? told.predictions.filter(isJsonObject) : [];
  const images = list.flatMap(({ bytesBase64Encoded: data }) => (typeof data === 'string' ? data : []));
  const reason = list.find(({ raiFilteredReason }) => typeof raiFilteredReason === 'string')?.raiFilteredReason;
  return imagesAnswer(images, reason as string | undefined, now, NO_USAGE);
}

/** @throws {BadRequest} Google refused to draw it */
function imagesAnswer(
  images: readonly string[],
  reason: string | undefined,
  now: number,
  usage: TokenUsage,
): JsonObject | null {
  if (images.length === 0) {
    if (reason === undefined || reason === 'STOP') return null;
    throw new BadRequest(`prompt was not drawn (${reason}): say it differently`, 'prompt', 'moderation_blocked');
  }
  const { prompt, candidates, thoughts } = usage;
  return {
    ...{ created: now, data: images.map((b64_json) => ({ b64_json })) },
    usage: {
      ...{ input_tokens: prompt, output_tokens: candidates + thoughts, total_tokens: prompt + candidates + thoughts },
      input_tokens_details: { text_tokens: prompt, image_tokens: 0 },
    },
  };
}
