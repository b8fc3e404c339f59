import { withoutHeader } from '../headers.js';
import type { Upstream } from './upstream.js';

const USER_PROJECT = 'x-goog-user-project';

/** The Gemini API itself: everything goes through as it came, with the account's access token in place of the client's key. */
export const gemini: Upstream = {
  needsProject: false,
  knows: () => true,
  outgoing(request, { projectId, accessToken }, prefix) {
    const bearer = ['Authorization', `Bearer ${accessToken}`];
    const headers =
      projectId === null
        ? request.headers.concat(bearer)
        : withoutHeader(request.headers, USER_PROJECT).concat(bearer, USER_PROJECT, projectId);
    return { method: request.method, path: prefix + request.target, headers };
  },
  rewriting: () => null,
};
