/**
 * What the operations take and return: each shape, and beside it the schema that checks it when it comes over a socket.
 */
import * as v from 'valibot';
import type { JsonObject } from '../../store/ground/json.js';
import { isCause, type Cause } from './causes.js';

/** The steps of a re-add, in order. */
export const readdSteps = ['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream', 'served'] as const;
export type ReaddStep = (typeof readdSteps)[number];

/** News of a re-add under way. `text` is ready to show: a time, an e-mail, what is missing, why it failed. */
export interface Progress {
  readonly step: ReaddStep;
  readonly status: 'running' | 'done' | 'failed' | 'warning';
  readonly text: string;
}

export const ProgressSchema: v.GenericSchema<unknown, Progress> = v.object({
  step: v.picklist(readdSteps),
  status: v.picklist(['running', 'done', 'failed', 'warning']),
  text: v.string(),
});

export interface ReaddRequest {
  /** Id of the selected row's account; null adds an account for the token's owner. */
  readonly accountId: string | null;
  /** As pasted; the receiver takes white space out. */
  readonly refreshToken: string;
  /** OAuth client to ask with first; null: the client that issued it where that is known, else the default one. */
  readonly client: string | null;
  /** Save without asking when the token belongs to another e-mail than the selected row's (the command line does). */
  readonly otherAccount: 'ask' | 'accept';
}

const otherAccount = v.picklist(['ask', 'accept']);

export const ReaddRequestSchema: v.GenericSchema<unknown, ReaddRequest> = v.object({
  accountId: v.nullable(v.string()),
  refreshToken: v.string(),
  client: v.nullable(v.string()),
  otherAccount,
});

/**
 * How a re-add ended.
 * - `saved`: on disk and in the pool. `keptOut` says what still keeps it from serving, else null.
 * - `refused`: Google or the OAuth client refused; nothing was written.
 * - `unavailable`: Google could not be asked or had trouble (network, time-out); nothing was written.
 * - `other_account`: the token is someone else's; `resume` with `accept` saves it for them.
 * - `identity_unknown`: the token is good, but userinfo did not answer; `resume` with `retry` asks again without a
 *   second exchange.
 * - `not_saved`: verified and serving from memory, but not on disk yet; the write is tried again.
 */
export type ReaddResult =
  | {
      readonly outcome: 'saved' | 'not_saved';
      readonly accountId: string;
      readonly email: string;
      readonly created: boolean;
      readonly keptOut: string | null;
      readonly text: string;
    }
  | { readonly outcome: 'refused' | 'unavailable'; readonly cause: string; readonly text: string }
  | {
      readonly outcome: 'other_account' | 'identity_unknown';
      readonly pending: string;
      readonly email: string | null;
      readonly text: string;
    };

export const ReaddResultSchema: v.GenericSchema<unknown, ReaddResult> = v.union([
  v.object({
    outcome: v.picklist(['saved', 'not_saved']),
    accountId: v.string(),
    email: v.string(),
    created: v.boolean(),
    keptOut: v.nullable(v.string()),
    text: v.string(),
  }),
  v.object({ outcome: v.picklist(['refused', 'unavailable']), cause: v.string(), text: v.string() }),
  v.object({
    outcome: v.picklist(['other_account', 'identity_unknown']),
    pending: v.string(),
    email: v.nullable(v.string()),
    text: v.string(),
  }),
]);

/** A refresh token of another program that is to be imported, with what came along. */
export interface ImportRequest {
  readonly refreshToken: string;
  /** Name of the OAuth client to ask with; null: the clients that may have issued the token are tried. */
  readonly client: string | null;
  /** The client that issued the token, where it came along: once Google accepts it, it is saved in the settings. */
  readonly ownClient: { readonly id: string; readonly secret: string } | null;
  /** The quota project that came along; used if the account has none. */
  readonly projectId: string | null;
  /** The account file that it comes from: everything in it but the credential goes into a new account's file. */
  readonly file: JsonObject | null;
}

export const ImportRequestSchema: v.GenericSchema<unknown, ImportRequest> = v.object({
  refreshToken: v.string(),
  client: v.nullable(v.string()),
  ownClient: v.nullable(v.object({ id: v.string(), secret: v.string() })),
  projectId: v.nullable(v.string()),
  // it was parsed from JSON already
  file: v.nullable(v.custom<JsonObject>((file) => typeof file === 'object' && file !== null && !Array.isArray(file))),
});

/** How the import of one token ended; `unchanged`: an account serves with this very token already. */
export interface ImportVerdict {
  readonly outcome: 'added' | 're-added' | 'unchanged' | 'refused' | 'unavailable' | 'not_saved';
  readonly email: string | null;
  readonly text: string;
}

export const ImportVerdictSchema: v.GenericSchema<unknown, ImportVerdict> = v.object({
  outcome: v.picklist(['added', 're-added', 'unchanged', 'refused', 'unavailable', 'not_saved']),
  email: v.nullable(v.string()),
  text: v.string(),
});

/** An OAuth client of the operator's, as typed in. */
export interface OAuthClientRequest {
  /** Its name in the settings; null: the default one. */
  readonly client: string | null;
  readonly id: string;
  /** Empty for a client whose stored secret is to stay, and for one without, as `withoutSecret` then says. */
  readonly secret: string;
  readonly withoutSecret?: boolean;
}

export const OAuthClientRequestSchema: v.GenericSchema<unknown, OAuthClientRequest> = v.object({
  client: v.nullable(v.string()),
  id: v.string(),
  secret: v.string(),
  withoutSecret: v.exactOptional(v.boolean()),
});

export interface LoginRequest {
  /** Id of the selected row's account, which the login has to be of; null: any account. */
  readonly accountId: string | null;
  /** E-mail to suggest in the browser where no row is selected. */
  readonly email: string | null;
  /** OAuth client to log in with; null: the account's own, else the default one. */
  readonly client: string | null;
  readonly otherAccount: ReaddRequest['otherAccount'];
}

export const LoginRequestSchema: v.GenericSchema<unknown, LoginRequest> = v.object({
  accountId: v.nullable(v.string()),
  email: v.nullable(v.string()),
  client: v.nullable(v.string()),
  otherAccount,
});

/** A login that waits for its answer: a link to open in any browser. */
export interface LoginOffer {
  readonly login: string;
  readonly url: string;
  /** Loopback port of the supervisor's machine that waits for the browser's answer. */
  readonly port: number;
  readonly client: string;
  /** The e-mail that is suggested in the browser. */
  readonly email: string | null;
  /** `user@host` of the supervisor's machine, for an `ssh -L` line, unless the screen knows a better name. */
  readonly machine: string;
}

export const LoginOfferSchema: v.GenericSchema<unknown, LoginOffer> = v.object({
  login: v.string(),
  url: v.string(),
  port: v.number(),
  client: v.string(),
  email: v.nullable(v.string()),
  machine: v.string(),
});

/**
 * Why an answer to the link was not accepted: with `login_open` the link can be used again, with `login_over` it
 * cannot.
 */
export type LoginTrouble =
  { readonly outcome: 'login_open'; readonly text: string } | { readonly outcome: 'login_over'; readonly text: string };

export const LoginTroubleSchema: v.GenericSchema<unknown, LoginTrouble> = v.object({
  outcome: v.picklist(['login_open', 'login_over']),
  text: v.string(),
});

export interface TestResult {
  readonly accountId: string;
  readonly email: string;
  readonly ok: boolean;
  readonly cause: Cause | null;
  /** What happened and what to do now, without the e-mail. */
  readonly text: string;
}

export const CauseSchema = v.custom<Cause>((word) => typeof word === 'string' && isCause(word));

export const TestResultSchema: v.GenericSchema<unknown, TestResult> = v.object({
  accountId: v.string(),
  email: v.string(),
  ok: v.boolean(),
  cause: v.nullable(CauseSchema),
  text: v.string(),
});

/** A short answer for the line at the foot of the screen. */
export interface OperationReply {
  readonly ok: boolean;
  readonly text: string;
}

export const SaidSchema: v.GenericSchema<unknown, OperationReply> = v.object({ ok: v.boolean(), text: v.string() });

/** What a stop waits for, and what may be lost by it. */
export interface Stopping {
  /** How many requests are still served, for ten seconds at most. */
  readonly inFlight: number;
  /** What is not on disk, and is lost if the last try to write it fails too. */
  readonly unsaved: readonly string[];
}

export const StoppingSchema: v.GenericSchema<unknown, Stopping> = v.object({
  inFlight: v.number(),
  unsaved: v.array(v.string()),
});

/** Questions to ask before an undo or a redo; null where there is nothing to ask. */
export interface StepQuestions {
  readonly undo: string | null;
  readonly redo: string | null;
}

export const StepQuestionsSchema: v.GenericSchema<unknown, StepQuestions> = v.object({
  undo: v.nullable(v.string()),
  redo: v.nullable(v.string()),
});

/** What a request under way does: it waits for an account, was sent to one, or is being answered; `live`: a WebSocket. */
export const flightKinds = ['held', 'asked', 'answer', 'stream', 'live'] as const;

/** A request under way. */
export interface FlightRow {
  /** As in the log, and in `x-regrant-request-id`. */
  readonly id: string;
  readonly ageMs: number;
  readonly kind: (typeof flightKinds)[number];
  /** E-mail of the account that serves it; null: none does yet. */
  readonly account: string | null;
  /** Name of the client key; null: none was shown. */
  readonly key: string | null;
  /** null: the request has not named one yet. */
  readonly model: string | null;
  readonly protocol: string;
  /** The client's address; null: it is gone. */
  readonly ip: string | null;
  /** Bytes of the answer that the client was handed so far. */
  readonly bytes: number;
}

/** What is under way: how many requests, and the oldest of them, the oldest first. */
export interface InFlight {
  readonly total: number;
  readonly rows: readonly FlightRow[];
}

export const InFlightSchema: v.GenericSchema<unknown, InFlight> = v.object({
  total: v.number(),
  rows: v.array(
    v.object({
      id: v.string(),
      ageMs: v.number(),
      kind: v.picklist(flightKinds),
      account: v.nullable(v.string()),
      key: v.nullable(v.string()),
      model: v.nullable(v.string()),
      protocol: v.string(),
      ip: v.nullable(v.string()),
      bytes: v.number(),
    }),
  ),
});
