import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { RegrantError } from '../../store/ground/errors.js';
import { codings } from './codings.js';

/** Where a request's body comes from: the client itself, or what unpacks what the client sends. */
export type BodySource = Readable & { readonly socket: Pick<Socket, 'setTimeout'> };

/** A body is not packed as its Content-Encoding says. */
export class BodyNotDecoded extends RegrantError {
  readonly code = 'BODY_NOT_DECODED';

  constructor(encoding: string) {
    super(`the request's body is no ${encoding}, though its Content-Encoding says so`);
  }
}

/** Whether a body that is packed so can be read here. */
export const canDecode = (encoding: string): boolean => codings.has(encoding.trim().toLowerCase());

/**
 * The body of a request, unpacked as it comes; how much it may become is for whoever reads it to say. Only for an encoding
 * that `canDecode`.
 */
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
