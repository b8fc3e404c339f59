import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GeminiEvent } from '../../src/proxy/protocols/translation/gemini/gemini.js';
import { inOnePiece } from './gemini-answers.js';
import { GeminiRefuses, type TakenRequest, freshSignature, geminiTakes } from './strict-gemini.js';

/** A call as it arrived. */
export interface GeminiCallSeen {
  readonly model: string;
  readonly method: string;
  /** As Gemini reads it; for other methods than `generateContent` the JSON that was sent. */
  readonly body: TakenRequest;
  /** The account that it came from, by its access token. */
  readonly authorization: string;
  /** The client has gone. */
  readonly signal: AbortSignal;
}

/** Events of an answer, or JSON under a status; nothing: the connection is cut before an answer. */
export type GeminiSays = readonly GeminiEvent[] | { readonly status: number; readonly body: object } | null;

export type GeminiScript = (call: GeminiCallSeen) => GeminiSays | Promise<GeminiSays>;

export class GeminiServer {
  readonly calls: GeminiCallSeen[] = [];
  readonly refusals: string[] = [];

  constructor(
    readonly url: string,
    /** What it answers; to be set anew at any time. */
    public script: GeminiScript,
  ) {}
}

const MODELS = ['gemini-3-pro', 'gemini-3-pro-image', 'gemini-embedding-001'];

/** A strict Gemini on loopback that answers by a script what it has not refused. */
export async function withGeminiServer(
  script: GeminiScript,
  use: (server: GeminiServer) => Promise<void>,
): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gemini = new GeminiServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, script);
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const json = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      const [, model, method] = /^\/v1beta\/models\/([^/:]+):(\w+)/.exec(request.url ?? '') ?? [];
      if (model === undefined || method === undefined) {
        json(200, { models: MODELS.map((name) => ({ name: `models/${name}`, displayName: name })) });
        return;
      }
      void answered(gemini, {
        ...{ model, method, authorization: request.headers.authorization ?? '', signal: gone.signal },
        body: JSON.parse(Buffer.concat(chunks).toString()) as TakenRequest,
      }).then((says) => {
        if (says === null) response.destroy();
        else if ('status' in says) json(says.status, says.body);
        else if (method !== 'streamGenerateContent') json(200, inOnePiece(says));
        else {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const event of says) response.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
          response.end();
        }
      });
    });
  });
  try {
    await use(gemini);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function answered(gemini: GeminiServer, call: GeminiCallSeen): Promise<GeminiSays> {
  gemini.calls.push(call);
  if (/generateContent$/i.test(call.method)) {
    try {
      geminiTakes(call.body, { model: call.model });
    } catch (error) {
      if (!(error instanceof GeminiRefuses)) throw error;
      gemini.refusals.push(error.message);
      return googleError(400, 'INVALID_ARGUMENT', error.message);
    }
  }
  return gemini.script(call);
}

export const googleError = (code: number, status: string, message: string): GeminiSays => ({
  status: code,
  body: { error: { code, status, message } },
});

const usageMetadata = {
  ...{ promptTokenCount: 100, cachedContentTokenCount: 40, candidatesTokenCount: 7, thoughtsTokenCount: 3 },
  totalTokenCount: 110,
};

/** An answer that says `text`, in two pieces. */
export function saysText(text: string, finishReason = 'STOP'): GeminiEvent[] {
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)].map((piece, i) => ({
    candidates: [{ index: 0, content: { parts: [{ text: piece }] }, ...(i === 1 && { finishReason }) }],
    usageMetadata,
  }));
}

/** An answer that thinks, and calls functions; the first call is signed. */
export function callsFunctions(...calls: { name: string; args: Record<string, unknown> }[]): GeminiEvent[] {
  const parts = calls.map((functionCall, i) => ({
    functionCall,
    ...(i === 0 && { thoughtSignature: freshSignature(2_600) }),
  }));
  return [
    { candidates: [{ index: 0, content: { parts: [{ text: 'I should look.', thought: true }] } }] },
    { candidates: [{ index: 0, content: { parts }, finishReason: 'STOP' }], usageMetadata },
  ];
}

/** Whether a call brings results of functions. */
export const hasResults = ({ body }: GeminiCallSeen): boolean =>
  body.contents.at(-1)?.parts.some(({ functionResponse }) => functionResponse !== undefined) === true;
