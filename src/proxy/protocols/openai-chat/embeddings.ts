import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';
import { NO_USAGE, usageAfter } from '../translation/answer/usage.js';
import { BadRequest } from '../translation/request/bad-request.js';
import { COUNT, isAbsent, nameAt, optionalWholeNumberAt, unknownFields } from '../translation/request/fields.js';
import type { TranslatedCall } from '../translation/route.js';
import type { TranslationContext } from '../translation/translated.js';

const KNOWN = new Set(['model', 'input', 'encoding_format', 'dimensions', 'user']);

/** A request of OpenAI's embeddings: all texts in one call. @throws {BadRequest} */
export function embeddingsRequest(body: JsonObject, { model }: TranslationContext): TranslatedCall {
  const outputDimensionality = optionalWholeNumberAt(body.dimensions, 'dimensions', COUNT);
  const name = `models/${model.name}`;
  const encode = encodingOf(body.encoding_format);
  const requests = textsOf(body.input).map((text) => ({
    ...{ model: name, content: { parts: [{ text }] } },
    ...(outputDimensionality !== undefined && { outputDimensionality }),
  }));
  return {
    ...{ call: 'batchEmbedContents', body: { requests } },
    unknown: unknownFields(body, KNOWN),
    answer: { kind: 'made', made: (told) => embeddings(told, model.asked, encode) },
  };
}

function textsOf(input: unknown): string[] {
  if (!Array.isArray(input)) return [nameAt(input, 'input')];
  if (input.length === 0) throw new BadRequest('input must have a text', 'input');
  if (input.some((one) => typeof one === 'number' || Array.isArray(one))) {
    throw new BadRequest(
      'input must be texts, not tokens: these are OpenAI’s own and say nothing to Gemini (LangChain: check_embedding_ctx_length=False)',
      'input',
    );
  }
  return input.map((one, i) => nameAt(one, `input[${i}]`));
}

type Encode = (values: readonly number[]) => unknown;

function encodingOf(format: unknown): Encode {
  if (isAbsent(format) || format === 'float') return (values) => values;
  if (format === 'base64') return base64Of;
  throw new BadRequest('encoding_format must be float or base64', 'encoding_format');
}

/** 32-bit floats, the lowest byte first: OpenAI's SDKs ask for this form by default. */
function base64Of(values: readonly number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeFloatLE(value, i * 4);
  return bytes.toString('base64');
}

function embeddings(told: unknown, model: string, encode: Encode): JsonObject | null {
  const list = isJsonObject(told) && Array.isArray(told.embeddings) ? told.embeddings.map(valuesOf) : [];
  if (list.length === 0) return null;
  const { prompt } = usageAfter(NO_USAGE, isJsonObject(told) ? told : {});
  const data = list.map((values, index) => ({ object: 'embedding', index, embedding: encode(values) }));
  return { object: 'list', data, model, usage: { prompt_tokens: prompt, total_tokens: prompt } };
}

const valuesOf = (one: unknown): readonly number[] =>
  isJsonObject(one) && Array.isArray(one.values) ? one.values.filter((value) => typeof value === 'number') : [];
