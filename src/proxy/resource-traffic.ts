import type { IncomingMessage } from 'node:http';
import type { AnswerReader } from './client-answer.js';
import { decodedText } from './content-encoding.js';
import type { Exchange } from './exchange.js';
import { mayStore, namesInPath } from './resource-names.js';
import type { Home, StoredResources } from './stored-resources.js';
import type { ClientRequest } from './upstreams/upstream.js';

/** So much of an answer is looked through for the names of stored resources. */
const LOOKED_AT_BYTES = 262_144;
const UPLOAD_URL = /^x-goog-upload-url$/i;

/** Takes in from a good answer what is stored now, and who can see it. null: the request is none that stores anything. */
export function resourceReader(
  resources: StoredResources,
  request: ClientRequest,
  exchange: Exchange,
  project: string,
): AnswerReader | null {
  if (exchange.status >= 300 || !mayStore(request)) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    push(chunk) {
      if (bytes >= LOOKED_AT_BYTES) return;
      chunks.push(chunk);
      bytes += chunk.length;
    },
    end() {
      const named = namesInPath(request.target);
      if (request.method === 'DELETE') for (const name of named) resources.forget(name);
      else
        resources.learn(
          `${named.join(' ')} ${decodedText(Buffer.concat(chunks), exchange.headers.contentEncoding)}`,
          project,
        );
    },
  };
}

/**
 * An answer's headers with the address of a resumable upload turned to this proxy, so that what follows comes this way
 * and goes on as the account that began.
 *
 * @param home - where the upload was begun
 */
export function withUploadHere(
  headers: readonly string[],
  client: IncomingMessage,
  resources: StoredResources,
  home: Omit<Home, 'name'> & { readonly prefix: string },
): readonly string[] {
  const at = headers.findIndex((name, index) => index % 2 === 0 && UPLOAD_URL.test(name));
  const address = headers[at + 1] ?? '';
  if (at < 0 || !URL.canParse(address)) return headers;
  const url = new URL(address);
  const { prefix, ...place } = home;
  const path = prefix !== '' && url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
  const target = path + url.search;
  resources.uploading(target, place);
  return headers.with(at + 1, `${ownOrigin(client)}${target}`);
}

/** What the client calls this proxy; TLS can only end in front of it. */
function ownOrigin({ headers, socket }: IncomingMessage): string {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  return `${scheme}://${headers.host ?? `${socket.localAddress ?? 'localhost'}:${socket.localPort ?? 80}`}`;
}
