import { IncomingMessage } from 'node:http';

/** All that Node's server itself asks of a request's headers. */
interface ReadByNode {
  host?: string | undefined;
  expect?: string | undefined;
  te?: string | undefined;
}

/**
 * A client's request. Its `headers` has only those that Node's own server reads: making an object of all of them, for two
 * questions, was two hundredths of what a request costs. Everything else reads `rawHeaders`.
 */
export class ClientMessage extends IncomingMessage {}

Object.defineProperty(ClientMessage.prototype, 'headers', {
  get(this: ClientMessage): ReadByNode {
    const { rawHeaders } = this;
    const read: ReadByNode = { host: undefined, expect: undefined, te: undefined };
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      const name = nameOf(rawHeaders[at] ?? '');
      // Of two hosts the first counts, as in Node; of two lists both.
      if (name === 'host') read.host ??= rawHeaders[at + 1];
      else if (name !== null) read[name] = joined(read[name], rawHeaders[at + 1] ?? '');
    }
    return read;
  },
});

/** By their lengths nearly all others are told apart without being looked at. */
function nameOf(name: string): keyof ReadByNode | null {
  if (name.length !== 4 && name.length !== 6 && name.length !== 2) return null;
  const lower = name.toLowerCase();
  return lower === 'host' || lower === 'expect' || lower === 'te' ? lower : null;
}

const joined = (before: string | undefined, value: string): string =>
  before === undefined ? value : `${before}, ${value}`;
