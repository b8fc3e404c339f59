import type { GeminiPart } from '../../translation/gemini/gemini.js';
import { addressPart, bytesPart } from '../../translation/request/attachments.js';
import { BadRequest } from '../../translation/request/bad-request.js';
import { isAbsent, listAt, nameAt, objectAt, optionalTextAt, textAt } from '../../translation/request/fields.js';
import type { ToolResponse } from '../../translation/request/turns.js';
import type { JsonObject } from '../../../../store/ground/json.js';

/** For each type of content in OpenAI's two protocols, how it becomes a part for Gemini. */
export type PieceReaders = Readonly<Record<string, (piece: JsonObject, at: string) => GeminiPart>>;

/**
 * The parts of a message: a text, or a list of typed pieces.
 *
 * @throws {BadRequest} a piece's type is not in `readers`, or the piece does not fit its type
 */
export function contentParts(content: unknown, at: string, readers: PieceReaders): GeminiPart[] {
  if (isAbsent(content)) return [];
  if (typeof content === 'string') return [{ text: content }];
  return listAt(content, at).map((value, i) => {
    const here = `${at}[${i}]`;
    const piece = objectAt(value, here);
    const type = textAt(piece.type, `${here}.type`);
    const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
    if (reader !== undefined) return reader(piece, here);
    throw new BadRequest(
      `${here}.type ${JSON.stringify(type.slice(0, 64))} cannot be translated: use one of ${Object.keys(readers).join(', ')}`,
      `${here}.type`,
    );
  });
}

/** A piece of text, whatever its type is named. */
export const textPiece = (piece: JsonObject, at: string): GeminiPart => ({ text: textAt(piece.text, `${at}.text`) });

/** A piece with the words with which a model refused. */
const refusalPiece = (piece: JsonObject, at: string): GeminiPart => ({ text: textAt(piece.refusal, `${at}.refusal`) });

export const SAID_BY_MODEL: PieceReaders = {
  text: textPiece,
  input_text: textPiece,
  output_text: textPiece,
  refusal: refusalPiece,
};

export const ONLY_TEXT: PieceReaders = { text: textPiece, input_text: textPiece };

/** Pieces of a user's message in Chat Completions. */
export const SAID_BY_USER: PieceReaders = {
  text: textPiece,
  image_url: (piece, at) => {
    const field = `${at}.image_url`;
    const image = objectAt(piece.image_url, field);
    return imagePart(nameAt(image.url, `${field}.url`), `${field}.url`);
  },
  input_audio: audioPart,
  file: (piece, at) => filePart(objectAt(piece.file, `${at}.file`), `${at}.file`),
};

const TYPES: Readonly<Record<string, string>> = {
  ...{ pdf: 'application/pdf', txt: 'text/plain', md: 'text/markdown', csv: 'text/csv', html: 'text/html' },
  ...{ json: 'application/json', xml: 'text/xml', rtf: 'text/rtf' },
  ...{ png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif' },
  ...{ heic: 'image/heic', heif: 'image/heif' },
  ...{ wav: 'audio/wav', mp3: 'audio/mp3', aac: 'audio/aac', flac: 'audio/flac', ogg: 'audio/ogg' },
  ...{ mp4: 'video/mp4', mov: 'video/mov', webm: 'video/webm', mpeg: 'video/mpeg' },
};

/** The media type by the ending of a name or address; undefined: it shows none. */
function typeByName(name: string): string | undefined {
  const ending = /\.([a-z0-9]{2,5})(?:[?#].*)?$/i.exec(name)?.[1]?.toLowerCase();
  return ending !== undefined && Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined;
}

/** An image by its address. */
export const imagePart = (url: string, at: string): GeminiPart => addressPart(url, at, typeByName(url.slice(0, 2_048)));

/** Sound in base64. @throws {BadRequest} */
export function audioPart(piece: JsonObject, at: string): GeminiPart {
  const audio = objectAt(piece.input_audio, `${at}.input_audio`);
  const format = nameAt(audio.format, `${at}.input_audio.format`);
  return bytesPart(`audio/${format}`, textAt(audio.data, `${at}.input_audio.data`), `${at}.input_audio.data`);
}

const IS_ADDRESS = /^[a-z][a-z0-9+.-]*:/i;

/**
 * A file, by its content or its address. Files that were uploaded to OpenAI cannot be read by Google.
 *
 * @throws {BadRequest}
 */
export function filePart(file: JsonObject, at: string): GeminiPart {
  if (!isAbsent(file.file_id)) {
    throw new BadRequest(`${at}.file_id cannot be translated: send the file itself, as file_data`, `${at}.file_id`);
  }
  const name = optionalTextAt(file.filename, `${at}.filename`) ?? '';
  const url = optionalTextAt(file.file_url, `${at}.file_url`);
  if (url !== undefined) return addressPart(url, `${at}.file_url`, typeByName(url) ?? typeByName(name));
  const data = nameAt(file.file_data, `${at}.file_data`);
  const field = `${at}.file_data`;
  if (IS_ADDRESS.test(data.slice(0, 64))) return addressPart(data, field, typeByName(name));
  // The reference says base64, its examples a `data:` address. For bare base64 only the name shows the type.
  return bytesPart(typeByName(name) ?? 'application/pdf', data, field);
}

/** A tool's result from its parts: texts become its response, the rest is attached. */
export function toolResult(parts: readonly GeminiPart[]): { response: ToolResponse; attachments: GeminiPart[] } {
  const texts = parts.flatMap((part) => ('text' in part ? [part.text] : []));
  return { response: { output: texts.join('\n') }, attachments: parts.filter((part) => !('text' in part)) };
}
