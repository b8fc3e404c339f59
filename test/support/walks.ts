/** Walks through the screen by what it says, and the client that asks the proxy meanwhile. */
import type { ProgramInTerminal } from '../../scripts/terminal.js';
import type { App } from './app.js';

export const ENTER = '\r';

/** Presses what the screen offers: `hint` is the key as it stands there, with what it does. */
export async function follow(screen: ProgramInTerminal, hint: RegExp, key: string): Promise<void> {
  await screen.shows(hint);
  screen.type(key);
}

/** Takes the link of the login page as a person does, logs in, and gives the address at which the browser ends. */
export async function browserEnd(
  screen: ProgramInTerminal,
  page = /Open this link in a browser[\s\S]*whole\s+address, and paste it here/,
): Promise<string> {
  await screen.shows(page);
  const [link = ''] = /http:\/\/127\.0\.0\.1:\d+\/auth\?\S+/.exec(screen.written) ?? [];
  const answer = await fetch(link, { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

/** What `regrant env` has printed for each. */
const environments = new WeakMap<App, string>();

/** A client of the proxy, pointed at it the way the screen says: by what `regrant env` prints. @returns its status */
export async function asked(app: App, model = 'gemini-2.5-flash'): Promise<number> {
  const printed = environments.get(app) ?? (await app.run(['env'])).stdout;
  environments.set(app, printed);
  const [, base = ''] = /GOOGLE_GEMINI_BASE_URL='?([^'\s]+)/.exec(printed) ?? [];
  const [, key = ''] = /GEMINI_API_KEY='?([^'\s]+)/.exec(printed) ?? [];
  const response = await fetch(`${base}/v1beta/models/${model}:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': key },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
  });
  await response.arrayBuffer();
  return response.status;
}

export const noClient = { oauth: { clients: { default: { id: '', secret: '' } } } };
