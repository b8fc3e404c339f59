import { decodedText } from '../../http/content-encoding.js';
import type { Exchange } from '../../transport/exchange.js';
import { uploadAddresses } from '../../http/headers.js';
import { nameOfBareId, ofBareIds } from './bare-ids.js';
import { makesStored, mayStore, namesInAnswer, namesInPath, pathOf, uploadOf } from './resource-names.js';
import type { StoredResources } from './stored-resources.js';
import type { ResourceHome } from '../../pool/member.js';
import type { ClientRequest } from '../client-request.js';
import type { AnswerReader, UploadClient } from '../protocol.js';

/** How much of an answer is searched for names of stored resources. */
const LOOKED_AT_BYTES = 262_144;

/**
 * Notes from a good answer what is stored, which client made it, and which project can see it. null: the request stores
 * nothing.
 */
export function resourceReader(
  resources: StoredResources,
  request: ClientRequest,
  exchange: Exchange,
  project: string,
): AnswerReader | null {
  if (exchange.status >= 300 || !mayStore(request)) return null;
  const bare = ofBareIds(request.target);
  const { contentType, contentEncoding } = exchange.headers;
  // The content of a stored file may itself be full of names.
  const isRead = contentType.startsWith('application/json') || (bare !== null && contentType.startsWith(EVENTS));
  if (request.method !== 'DELETE' && !isRead) return null;
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
      if (request.method === 'DELETE') {
        for (const name of named) resources.forget(name);
        return;
      }
      const text = decodedText(Buffer.concat(chunks), contentEncoding);
      const told = bare === null ? namesInAnswer(text) : nameOfBareId(text, bare, contentType.startsWith(EVENTS));
      resources.learn(named, project);
      resources.learn(told, project, makerOf(resources, request));
    },
  };
}

const EVENTS = 'text/event-stream';

/** The client that makes something with a request; null: it makes nothing. An upload continues without a key. */
function makerOf(resources: StoredResources, request: ClientRequest): string | null {
  const upload = resources.uploadOf(request.target);
  if (upload !== null) return upload.client ?? null;
  return makesStored(request) ? (request.client ?? '') : null;
}

/** Where an upload was begun, and what is needed to continue it there. */
export interface UploadPlace {
  /** Hosts of the base URLs. */
  readonly hosts: readonly string[];
  /** The base URL by which the client calls this proxy. */
  readonly baseUrl: string;
  /** Path of the base URL that was asked; empty for none. */
  readonly prefix: string;
  readonly home: Omit<ResourceHome, 'name'>;
  /** Name of the key that began it; empty: none. */
  readonly client: string;
}

/**
 * An answer's headers, in which the address of a resumable upload is changed to this proxy's, so that the upload
 * continues through it with the same account. An address that does not lead to one of our upstreams stays.
 */
export function withUploadHere(
  headers: readonly string[],
  client: UploadClient,
  resources: StoredResources,
  place: UploadPlace,
): readonly string[] {
  return headers.map((value, index) => {
    const name = headers[index - 1] ?? '';
    if (index % 2 === 0 || !uploadAddresses.has(name.toLowerCase())) return value;
    const target = targetHere(value, client.url ?? '', place);
    if (target === null) return value;
    resources.uploading(target, place.home, place.client);
    return `${place.baseUrl}${target}`;
  });
}

/**
 * Path and query at which an upload continues through this proxy; null: it is no upload's address, or leads elsewhere.
 */
function targetHere(address: string, asked: string, { hosts, prefix }: UploadPlace): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const path = prefix !== '' && url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
  const target = path + url.search;
  if (uploadOf(target) === null) return null;
  // A gateway passes on Google's own address: if the path is the one that was asked for, it is meant.
  return hosts.includes(url.host) || path === pathOf(asked) ? target : null;
}
