import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { CodedError } from '../../store/ground/errors.js';
import { codings } from './codings.js';

/** Where a request's body is read from: the client itself, or a stream that decodes what the client sends. */
export type BodySource = Readable & { readonly socket: Pick<Socket, 'setTimeout'> };

/** A body is not in the coding that its Content-Encoding names. */
export class BodyNotDecoded extends CodedError {
  readonly code = 'BODY_NOT_DECODED';

  constructor(encoding: string) {
    super(`the request's body is no ${encoding}, though its Content-Encoding says so`);
  }
}

/** Whether a body of this coding can be decoded here. */
export const canDecode = (encoding: string): boolean => codings.has(encoding.trim().toLowerCase());

/** A request's body, decoded as it comes; the reader has to limit its size. Only for an encoding that `canDecode`. */
export function decodedBody(request: IncomingMessage, encoding: string): BodySource {
  const name = encoding.trim().toLowerCase();
  const unpacker = codings.get(name)?.stream();
  if (unpacker === undefined) return request;
  const { socket } = request;
  request.on('error', (error) => unpacker.destroy(error));
  request.on('timeout', () => unpacker.emit('timeout'));
  request.on('aborted', () => unpacker.destroy());
  unpacker.on('error', () => request.resume());
  request.pipe(unpacker);
  return Object.assign(unpacker, { socket });
}
