import { randomUUID } from 'node:crypto';
import type { Envelope } from '../http/envelope.js';
import { withoutHeader } from '../http/headers.js';
import { afterSpace, endOfValue, json, valuesOf } from '../http/json-bytes.js';
import { pathOf } from '../protocols/gemini/resource-names.js';
import { ModelList } from './model-list.js';
import { Unwrap } from './unwrap.js';
import type { Upstream } from './upstream.js';
import type { ClientRequest } from '../protocols/client-request.js';

const OWN_PATH = '/v1internal:';
const MODELS = /^\/v1[^/]*\/models(?:\/[^/:]+)?$/;
const EMPTY = Buffer.alloc(0);
const REQUEST = Buffer.from('{"request":');
const CLOSE = Buffer.from('}');
const NOTHING = Buffer.from('{}');

/** The beginning of a JSON object, by which the body to be counted is recognised. */
const OBJECT = /^\s*\{\s*/;
const WHOLE_REQUEST = /^\s*\{\s*"generateContentRequest"\s*:\s*(?=\{)/;

/**
 * The envelope for counting tokens. It has neither project nor request id, and the model is within its request:
 * `{"request":{"model":…}}` (gemini-cli, `code_assist/converter.ts`). Where a client wants a whole request counted
 * (`generateContentRequest`), that request is what is put in; it names its model itself, and the brace that closed it
 * closes the envelope.
 */
function countEnvelope(model: string): Envelope {
  const named = `"model":${JSON.stringify(`models/${model}`)}`;
  const plain = { before: REQUEST, skip: 0, after: CLOSE };
  return {
    ...{ before: REQUEST, after: CLOSE, ifEmpty: NOTHING, isWithin: true },
    fit(start) {
      const text = start.toString('latin1');
      const whole = WHOLE_REQUEST.exec(text)?.[0].length;
      if (whole !== undefined && isLast(start, whole)) return { before: REQUEST, skip: whole, after: EMPTY };
      const object = OBJECT.exec(text);
      if (object === null) return plain;
      const comma = text.startsWith('}', object[0].length) ? '' : ',';
      return { before: Buffer.from(`${REQUEST.toString()}{${named}${comma}`), skip: object[0].length, after: CLOSE };
    },
  };
}

/**
 * Whether nothing follows a value but the end of the object around it, as far as there are bytes: it would become part
 * of the envelope.
 */
function isLast(body: Buffer, value: number): boolean {
  const end = afterSpace(body, endOfValue(body, value));
  return end === body.length || (body[end] === json.closeBrace && afterSpace(body, end + 1) === body.length);
}

/**
 * The envelope for a call of Code Assist itself: the account decides which project's quota is used, wherever the body
 * names one.
 */
function ownEnvelope(projectId: string): Envelope {
  const project = Buffer.from(JSON.stringify(projectId));
  return {
    ...{ before: EMPTY, after: EMPTY, ifEmpty: EMPTY },
    fit(start) {
      const pieces: Buffer[] = [];
      let from = 0;
      for (const at of valuesOf(start, 'project')) {
        pieces.push(start.subarray(from, at), project);
        from = endOfValue(start, at);
      }
      return { before: Buffer.concat(pieces), skip: from, after: EMPTY };
    },
  };
}

const queryOf = (target: string): string => target.slice(pathOf(target).length);
const isCall = ({ method, call, model }: Pick<ClientRequest, 'method' | 'call' | 'model'>): boolean =>
  method === 'POST' && call !== '' && model !== '';
const isOwn = ({ target }: Pick<ClientRequest, 'target'>): boolean => target.startsWith(OWN_PATH);

/** Headers for Code Assist. Its answers are changed as they pass, so they must not be compressed. */
function headersOf(request: ClientRequest, accessToken: string): string[] {
  const kept = isOwn(request) ? request.headers : withoutHeader(request.headers, 'accept-encoding');
  return [...kept, 'Authorization', `Bearer ${accessToken}`];
}

/**
 * Google's Code Assist: a call of the Gemini API is put into Code Assist's envelope, and the answer is taken out of
 * one. The client's bytes are not parsed on either way. Code Assist's own paths (`/v1internal:…`) pass unchanged except
 * for the project.
 */
export const cloudcode: Upstream = {
  kind: 'cloudcode',
  needsProject: true,
  servesLive: false,
  knows: (request) =>
    isCall(request) || isOwn(request) || (request.method === 'GET' && MODELS.test(pathOf(request.target))),
  outgoing(request, { projectId, accessToken }, prefix) {
    const headers = headersOf(request, accessToken);
    if (isOwn(request)) {
      const own = { method: request.method, path: prefix + request.target, headers };
      return projectId === null || request.method === 'GET' ? own : { ...own, envelope: ownEnvelope(projectId) };
    }
    const project = projectId ?? '';
    if (!isCall(request)) {
      const body = Buffer.from(JSON.stringify(projectId === null ? {} : { project: projectId }));
      const asJson = [...withoutHeader(headers, 'content-type'), 'Content-Type', 'application/json'];
      return {
        ...{ method: 'POST', path: `${prefix}${OWN_PATH}fetchAvailableModels`, headers: asJson },
        envelope: { before: body, after: EMPTY, ifEmpty: EMPTY },
      };
    }
    // Decoded, the name may contain characters that a path may not.
    const name = encodeURIComponent(request.call);
    const call = { method: 'POST', path: `${prefix}${OWN_PATH}${name}${queryOf(request.target)}`, headers };
    if (request.call === 'countTokens') return { ...call, envelope: countEnvelope(request.model) };
    const known = JSON.stringify({ project, requestId: randomUUID(), model: request.model });
    const before = Buffer.from(`${known.slice(0, -1)},"request":`);
    return { ...call, envelope: { before, after: CLOSE, ifEmpty: NOTHING, isWithin: true } };
  },
  rewriting(request) {
    if (isOwn(request)) return null;
    return isCall(request) ? new Unwrap() : new ModelList(request.model);
  },
};
