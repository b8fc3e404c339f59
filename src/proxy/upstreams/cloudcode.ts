import { randomUUID } from 'node:crypto';
import { withoutHeader } from '../headers.js';
import { ModelList } from './model-list.js';
import { Unwrap } from './unwrap.js';
import type { ClientRequest, Upstream } from './upstream.js';

const OWN_PATH = '/v1internal:';
const MODELS = /^\/v1[^/]*\/models(?:\/[^/:]+)?$/;
const EMPTY = Buffer.alloc(0);

const pathOf = (target: string): string => target.split('?', 1)[0] ?? target;
const queryOf = (target: string): string => target.slice(pathOf(target).length);
const isCall = ({ method, call, model }: Pick<ClientRequest, 'method' | 'call' | 'model'>): boolean =>
  method === 'POST' && call !== '' && model !== '';
const isOwn = ({ target }: Pick<ClientRequest, 'target'>): boolean => target.startsWith(OWN_PATH);

/** Headers for Code Assist. Its answers are read as they pass, so they must not be compressed. */
function headersOf(request: ClientRequest, accessToken: string): string[] {
  const kept = isOwn(request) ? request.headers : withoutHeader(request.headers, 'accept-encoding');
  return [...withoutHeader(kept, 'x-goog-user-project'), 'Authorization', `Bearer ${accessToken}`];
}

/**
 * Google's Code Assist: a call of the Gemini API is put into its envelope, and what it answers is taken out of one. The
 * client's bytes are not parsed on either way. Paths of its own (`/v1internal:…`) pass as they came.
 */
export const cloudcode: Upstream = {
  needsProject: true,
  knows: (request) =>
    isCall(request) || isOwn(request) || (request.method === 'GET' && MODELS.test(pathOf(request.target))),
  outgoing(request, { projectId, accessToken }, prefix) {
    const headers = headersOf(request, accessToken);
    if (isOwn(request)) return { method: request.method, path: prefix + request.target, headers };
    const project = projectId ?? '';
    if (!isCall(request)) {
      const body = Buffer.from(JSON.stringify(projectId === null ? {} : { project: projectId }));
      const asJson = [...withoutHeader(headers, 'content-type'), 'Content-Type', 'application/json'];
      return {
        ...{ method: 'POST', path: `${prefix}${OWN_PATH}fetchAvailableModels`, headers: asJson },
        envelope: { before: body, after: EMPTY, ifEmpty: EMPTY },
      };
    }
    const known = JSON.stringify({ project, requestId: randomUUID(), model: request.model });
    return {
      ...{ method: 'POST', path: `${prefix}${OWN_PATH}${request.call}${queryOf(request.target)}`, headers },
      envelope: { before: Buffer.from(`${known.slice(0, -1)},"request":`), after: CLOSE, ifEmpty: NOTHING },
    };
  },
  rewriting(request) {
    if (isOwn(request)) return null;
    return isCall(request) ? new Unwrap() : new ModelList(request.model);
  },
};

const CLOSE = Buffer.from('}');
const NOTHING = Buffer.from('{}');
