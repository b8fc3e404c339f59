import type { AnswerHeaders } from '../http/headers.js';
import type { OwnAnswer, OwnError } from '../http/own-answer.js';
import type { Caller } from '../http/trusted-proxies.js';
import type { Home, Member } from '../pool/member.js';
import type { Exchange } from '../transport/exchange.js';
import type { Origin } from '../transport/origins.js';
import type { TokensUsed } from '../../store/records/access-record.js';
import type { ClientRequest } from './client-request.js';

/** A model and what is asked of it, as a request names them; both empty where it names none. */
export interface ModelCall {
  /** `gemini-3-flash`, or `tunedModels/mine` for a tuned one. */
  readonly model: string;
  /** `generateContent`, `streamGenerateContent`, …; empty for a look at the model itself. */
  readonly call: string;
}

/** Reads an answer's body on its way, as it came from the upstream. */
export interface AnswerReader {
  push(chunk: Buffer): void;
  /** The body is whole. */
  end(): void;
}

/** Reads along what an answer says of the tokens it used. */
export interface Usage {
  /** What comes next of the body. */
  push(chunk: Buffer): void;
  /** `usageMetadata.totalTokenCount`; null where the answer names none. */
  total(): number | null;
  /** What it used, taken apart; null where it does not say. */
  used(): TokensUsed | null;
}

/** An answer that is the client's, and who gave it where. */
export interface GivenAnswer {
  readonly exchange: Exchange;
  readonly origin: Origin;
  readonly member: Member;
}

/** Where a request may go for what it names that the API stores, and for what its client stores. */
export interface Whereabouts {
  /** Where all that it names and that is known is stored; null: it names nothing that is known. */
  readonly home: Home | null;
  /** Two of the things that it names, which no account sees both; null: there are none. */
  readonly apart: readonly [string, string] | null;
  /** Things that nobody knows: whoever serves the request sees them. */
  readonly unknown: readonly string[];
  /** It makes something, which is to come to lie beside what its client made last. */
  readonly makes: boolean;
  /** The project that has that; null: nothing, or it makes nothing. */
  readonly beside: string | null;
}

/** Of a request that names nothing and makes nothing. */
export const ANYWHERE: Whereabouts = { home: null, apart: null, unknown: [], makes: false, beside: null };

/**
 * What a client speaks: which requests are its own, what they are about, and the shape of what the client gets back. Pool,
 * failover, cool-downs, log and metrics know nothing of it.
 */
export interface Protocol {
  /** As log and metrics name it. */
  readonly name: string;
  /** The paths that it serves, for a human. */
  readonly routes: readonly string[];
  /** Whether a request of this path speaks it. */
  serves(path: string): boolean;
  /** The model that a path names. */
  modelCallOf(path: string): ModelCall;
  /** An error of the proxy's own, as clients of this protocol show it. @param requestId - for those that name it in their errors */
  errorAnswer(error: OwnError, requestId?: string): OwnAnswer;
  /** What tells one conversation of a client from another; null: nothing. @param front - what has come of the body */
  conversationOf(front: Buffer | null, model: string): string | null;

  /** Where what this request goes on with was begun (an upload); null: it goes on with nothing. Whoever knows its address needs no key. */
  begunAt(target: string): Home | null;
  /** Where the request may go for what is stored. @param front - what has come of the body */
  whereabouts(request: ClientRequest, front: () => Buffer | null): Whereabouts;
  /** A member is asked to make something. */
  makes(request: ClientRequest, member: Member): void;
  /** A member has served a request that named things nobody knew. */
  sees(unknown: readonly string[], member: Member): void;
  /** Whether it names anything stored at all, known or not. @param front - what has come of the body */
  namesStored(target: string, front: Buffer | null): boolean;

  /** The answer's headers as the client gets them. @param client - raw headers and socket of its request @param hosts - those of all base URLs */
  headersOf(
    given: GivenAnswer,
    request: ClientRequest,
    client: UploadClient,
    hosts: () => readonly string[],
  ): readonly string[];
  /** Reads along who stores what now; null: such an answer says nothing of it. */
  readerOf(given: GivenAnswer, request: ClientRequest): AnswerReader | null;
  /** Reads along what the answer used; null: it cannot be read. */
  usageOf(headers: AnswerHeaders): Usage | null;
}

/** A client whose upload may go on here: what it asked, and by what it calls this proxy. */
export interface UploadClient extends Caller {
  readonly url?: string | undefined;
}
