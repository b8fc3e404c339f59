import { type SimulatedGoogle as Google, type GoogleOptions, startGoogle } from '../../src/demo/google.js';

export * from '../../src/demo/refusals.js';
export * from '../../src/demo/reply.js';
export { allScopes, newRefreshToken } from '../../src/demo/tokens.js';
export type { TokenCall, UserInfoCall } from '../../src/demo/calls.js';
export type { GoogleOptions, SimulatedGoogle as Google } from '../../src/demo/google.js';
export type { GeminiCall } from '../../src/demo/gemini.js';
export type { Hold } from '../../src/demo/token-script.js';

/** Hands in a Google of its own on loopback and closes it afterwards, whatever happens. */
export async function withGoogle<T>(use: (google: Google) => Promise<T> | T, options: GoogleOptions = {}): Promise<T> {
  const google = await startGoogle(options);
  try {
    return await use(google);
  } finally {
    await google.close();
  }
}

/** The OAuth client that `googleSettings` configures, and that `google.client(...)` has to know once any client is registered. */
export const testClient = { id: '1234-test.apps.googleusercontent.com', secret: 'GOCSPX-test-secret' } as const;

/** The part of settings.json that points regrant at this Google. */
export const googleSettings = (google: Google) => ({
  oauth: {
    clients: { default: { id: testClient.id, secret: testClient.secret } },
    authUrl: google.authUrl,
    tokenUrl: google.tokenUrl,
    userInfoUrl: google.userInfoUrl,
    // what paces them has tests of its own, which say their rate; the others do not wait for it
    exchangesPerSecond: 200,
  },
  upstream: { kind: 'gemini', baseUrls: [google.url] },
});
