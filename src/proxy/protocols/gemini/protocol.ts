import { canUnpack, isPlain } from '../../http/content-encoding.js';
import type { AnswerHeaders } from '../../http/headers.js';
import type { OwnAnswer, OwnError } from '../../http/own-answer.js';
import type { TrustedProxies } from '../../http/trusted-proxies.js';
import type { ResourceHome, Member } from '../../pool/member.js';
import type { ClientRequest } from '../client-request.js';
import {
  type AnswerReader,
  ANYWHERE,
  type GivenAnswer,
  type ModelCall,
  type Protocol,
  type UploadClient,
  type Usage,
  type Whereabouts,
} from '../protocol.js';
import { conversationOf } from './conversation.js';
import { googleError } from './errors.js';
import { modelCallOf } from './model-call.js';
import { PackedUsage } from './packed-usage.js';
import { isLearned, namesInBody, namesInRequest } from './names-in-body.js';
import { makesStored, namesInPath } from './resource-names.js';
import { resourceReader, withUploadHere } from './resource-tracking.js';
import type { StoredResources } from './stored-resources.js';
import { UsageTail } from './usage.js';

/**
 * A path that begins with a version (`v1beta`, `v1internal:loadCodeAssist`), or with `upload`, `download` and the like
 * before one.
 */
const API_PATH = /^\/(?:(?:upload|download|resumable|batch)\/(?:[^/]+\/)?)?v\d[^/]*(?:\/|$)|^\/ws\//;

/** The Gemini API, which clients and upstreams speak alike. */
export class GeminiProtocol implements Protocol {
  readonly name = 'gemini';
  readonly routes = ['/v1beta/…', '/v1/…', '/upload/v1beta/…', '/ws/… (Live)', '/v1internal:…'];

  constructor(
    private readonly resources: StoredResources,
    private readonly trusted: TrustedProxies,
  ) {}

  serves(path: string): boolean {
    return API_PATH.test(path);
  }

  modelCallOf(path: string): ModelCall {
    return modelCallOf(path);
  }

  errorAnswer(error: OwnError): OwnAnswer {
    return googleError(error);
  }

  conversationOf(front: Buffer | null, model: string): string | null {
    return conversationOf(front, model);
  }

  begunAt(target: string): ResourceHome | null {
    return this.resources.uploadOf(target);
  }

  findBegun(target: string): Promise<void> | null {
    return this.resources.findUpload(target);
  }

  whereabouts(request: ClientRequest, front: () => Buffer | null): Whereabouts {
    const { resources } = this;
    const names = namesInRequest(request, front());
    const makes = makesStored(request);
    if (names.length === 0 && !makes) return ANYWHERE;
    const [home = null, other = null] = resources.homesOf(names);
    return {
      home,
      apart: home === null || other === null ? null : [home.name, other.name],
      unknown: names.filter((name) => isLearned(name) && !resources.isKnown(name)),
      makes,
      beside: makes && home === null ? resources.lastProjectOf(request.client ?? '') : null,
    };
  }

  findUnknown(unknown: readonly string[]): Promise<void> | null {
    return this.resources.find(unknown);
  }

  makes({ client = '' }: ClientRequest, { quotaProject }: Member): void {
    this.resources.makes(client, quotaProject);
  }

  sees(unknown: readonly string[], { quotaProject }: Member): void {
    this.resources.learn(unknown, quotaProject);
  }

  namesStored(target: string, front: Buffer | null): boolean {
    return namesInPath(target).length > 0 || (front !== null && namesInBody(front, target).length > 0);
  }

  headersOf(
    { exchange, origin, member }: GivenAnswer,
    request: ClientRequest,
    client: UploadClient,
    hosts: () => readonly string[],
  ): readonly string[] {
    const { forwarded, leadsOn } = exchange.headers;
    if (!leadsOn) return forwarded;
    const home = { project: member.quotaProject, account: member.id, host: origin.host };
    return withUploadHere(forwarded, client, this.resources, {
      ...{ hosts: hosts(), prefix: origin.prefix, home },
      ...{ baseUrl: this.trusted.baseUrlOf(client), client: request.client ?? '' },
    });
  }

  readerOf({ exchange, member }: GivenAnswer, request: ClientRequest): AnswerReader | null {
    return resourceReader(this.resources, request, exchange, member.quotaProject);
  }

  /** null for an answer that is not the API's, or that is compressed in an unknown way. */
  usageOf({ contentEncoding, contentType }: AnswerHeaders): Usage | null {
    if (!contentType.startsWith('application/json') && !contentType.startsWith('text/event-stream')) return null;
    if (isPlain(contentEncoding)) return new UsageTail();
    return canUnpack(contentEncoding) ? new PackedUsage(contentEncoding) : null;
  }
}
