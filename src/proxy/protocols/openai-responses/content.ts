import {
  ONLY_TEXT,
  type PieceReaders,
  audioPart,
  filePart,
  imagePart,
  textPiece,
} from '../openai-chat/request/content.js';
import { BadRequest } from '../translation/request/bad-request.js';
import { isAbsent, nameAt } from '../translation/request/fields.js';

/** Content types of Responses, in what users say, what tools return, and what a model has said before. */
export const PIECES: PieceReaders = {
  ...ONLY_TEXT,
  output_text: textPiece,
  input_image: (piece, at) => {
    if (!isAbsent(piece.file_id)) {
      throw new BadRequest(
        `${at}.file_id cannot be translated: send the image itself, in image_url as a data: address`,
        `${at}.file_id`,
      );
    }
    return imagePart(nameAt(piece.image_url, `${at}.image_url`), `${at}.image_url`);
  },
  input_file: filePart,
  input_audio: audioPart,
};
