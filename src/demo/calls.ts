/** The calls that the simulated Google got, for tests to look at. */
import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, jsonOf, type JsonObject } from '../store/ground/json.js';
import type { GeminiCall } from './gemini.js';
import type { GoogleAnswer } from './reply.js';

/** A call of the token endpoint. */
export interface TokenCall {
  /** ms since 1970. */
  readonly at: number;
  readonly grantType: string | null;
  /** The refresh token or the authorization code. */
  readonly refreshToken: string;
  readonly clientId: string | null;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

export interface UserInfoCall {
  /** ms since 1970. */
  readonly at: number;
  readonly email: string | null;
  readonly headers: IncomingHttpHeaders;
}

export interface Calls {
  readonly token: TokenCall[];
  readonly userinfo: UserInfoCall[];
  /** Every call of the Gemini API and of Code Assist, the refused ones too. */
  readonly gemini: GeminiCall[];
  /** All other calls, as `GET /path`. */
  readonly other: string[];
}

/** Decides an answer; `undefined` leaves it to the simulation. May be async. */
export type Decide<Call> = (call: Call) => GoogleAnswer | undefined | Promise<GoogleAnswer | undefined>;

/** The JSON object in a request's body; an empty one where it is no object. */
export const objectOf = (body: string): JsonObject => objectOrEmpty(jsonOf(body));

export const objectOrEmpty = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
