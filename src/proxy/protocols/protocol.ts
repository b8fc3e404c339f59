import type { AnswerHeaders } from '../http/headers.js';
import type { OwnAnswer, OwnError } from '../http/own-answer.js';
import type { Caller } from '../http/trusted-proxies.js';
import type { ResourceHome, Member } from '../pool/member.js';
import type { Exchange } from '../transport/exchange.js';
import type { Origin } from '../transport/origins.js';
import type { TokensUsed } from '../../store/records/access-record.js';
import type { ClientRequest } from './client-request.js';

/** A model and the method called on it, as a request names them; both empty where it names none. */
export interface ModelCall {
  /** `gemini-3-flash`, or `tunedModels/mine` for a tuned one. */
  readonly model: string;
  /** `generateContent`, `streamGenerateContent`, …; empty where only the model's description is read. */
  readonly call: string;
}

/** Reads an answer's body while it passes, as it came from the upstream. */
export interface AnswerReader {
  push(chunk: Buffer): void;
  /** The body is whole. */
  end(): void;
}

/** Reads from an answer how many tokens it used, while it passes. */
export interface Usage {
  /** Takes the next bytes of the body. */
  push(chunk: Buffer): void;
  /** `usageMetadata.totalTokenCount`; null where the answer has none. */
  total(): number | null;
  /** The tokens by kind; null where the answer does not say. */
  used(): TokensUsed | null;
}

/** The answer that the client gets, with the account and the base URL that it came from. */
export interface GivenAnswer {
  readonly exchange: Exchange;
  readonly origin: Origin;
  readonly member: Member;
}

/** Where a request may go because of the stored resources that it names, and of those that its client made. */
export interface Whereabouts {
  /** Where the known ones of those that it names are stored; null: it names none that is known. */
  readonly home: ResourceHome | null;
  /** Two of those that it names, which no single account can see; null: there are none. */
  readonly apart: readonly [string, string] | null;
  /** Those that are not known: the account that serves the request can see them. */
  readonly unknown: readonly string[];
  /** Whether it makes something, which should be stored in the same project as what its client made last. */
  readonly makes: boolean;
  /** That project; null: there is none, or the request makes nothing. */
  readonly beside: string | null;
}

/** For a request that names nothing and makes nothing. */
export const ANYWHERE: Whereabouts = { home: null, apart: null, unknown: [], makes: false, beside: null };

/**
 * What a client speaks: which requests belong to it, what they are about, and the form of the answers. Pool, failover,
 * cool-downs, log and metrics do not depend on it.
 */
export interface Protocol {
  /** Its name in the log and in metrics. */
  readonly name: string;
  /** The paths that it serves, for a human. */
  readonly routes: readonly string[];
  /** Whether requests of this path belong to it. */
  serves(path: string): boolean;
  /** The model that a path names. */
  modelCallOf(path: string): ModelCall;
  /**
   * An error of the proxy's own, in this protocol's form.
   *
   * @param requestId - for protocols that name it in their errors
   */
  errorAnswer(error: OwnError, requestId?: string): OwnAnswer;
  /**
   * What tells one conversation of a client from another; null: nothing does.
   *
   * @param front - the part of the body that has come
   */
  conversationOf(front: Buffer | null, model: string): string | null;

  /**
   * Where an upload that this request continues was begun; null: it continues none. A client that knows an upload's
   * address needs no key.
   */
  begunAt(target: string): ResourceHome | null;
  /** Asks for an upload that another box may have begun; null: it is known, or nobody can be asked. */
  findBegun(target: string): Promise<void> | null;
  /** Where the request may go because of what is stored. @param front - the part of the body that has come */
  whereabouts(request: ClientRequest, front: () => Buffer | null): Whereabouts;
  /** Asks other boxes for what `whereabouts` does not know, before accounts are; null: nobody can be asked. */
  findUnknown(unknown: readonly string[]): Promise<void> | null;
  /** A request that makes something is about to be sent with this member. */
  makes(request: ClientRequest, member: Member): void;
  /** This member has served a request that named unknown resources, so it can see them. */
  sees(unknown: readonly string[], member: Member): void;
  /** Whether it names any stored resource, known or not. @param front - the part of the body that has come */
  namesStored(target: string, front: Buffer | null): boolean;

  /**
   * The answer's headers for the client.
   * @param client - raw headers and socket of its request
   * @param hosts - those of all base URLs
   */
  headersOf(
    given: GivenAnswer,
    request: ClientRequest,
    client: UploadClient,
    hosts: () => readonly string[],
  ): readonly string[];
  /** A reader that notes what is stored by this answer; null: such an answer says nothing about that. */
  readerOf(given: GivenAnswer, request: ClientRequest): AnswerReader | null;
  /** A reader of the tokens that the answer used; null: it cannot be read. */
  usageOf(headers: AnswerHeaders): Usage | null;
}

/** A client whose upload may continue here: what it asked for, and the base URL by which it calls this proxy. */
export interface UploadClient extends Caller {
  readonly url?: string | undefined;
}
