import type { Upstream } from './upstream.js';

const USER_PROJECT = 'x-goog-user-project';

/** The Gemini API itself: everything passes unchanged, with the account's access token in place of the client's key. */
export const gemini: Upstream = {
  kind: 'gemini',
  needsProject: false,
  servesLive: true,
  knows: () => true,
  outgoing(request, { projectId, accessToken }, prefix) {
    // only one list is made, since this is done for every request
    const headers = [...request.headers];
    const outgoing = { method: request.method, path: prefix + request.target, headers };
    if (request.carriesToken !== true) {
      headers.push('Authorization', `Bearer ${accessToken}`);
      if (projectId !== null) headers.push(USER_PROJECT, projectId);
    }
    return request.upgrade === undefined ? outgoing : { ...outgoing, upgrade: request.upgrade };
  },
  rewriting: () => null,
};
