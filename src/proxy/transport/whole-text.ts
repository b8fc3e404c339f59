import { CodedError } from '../../store/ground/errors.js';

/** An answer that is read as a whole is too long. */
export class AnswerTooLong extends CodedError {
  readonly code = 'ANSWER_TOO_LONG';

  constructor(mostBytes: number) {
    super(`the answer is over ${mostBytes} bytes`);
  }
}

/** No list of models, and no error, is longer. */
const MOST_BYTES = 8_388_608;

/** The whole of an answer as text. @throws {AnswerTooLong} the rest of it is not read */
export async function wholeText(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    // leaving the loop closes the connection
    if (bytes > MOST_BYTES) throw new AnswerTooLong(MOST_BYTES);
  }
  return Buffer.concat(chunks).toString();
}
