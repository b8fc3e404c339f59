/**
 * What can be had done by the running program, as one table. Its types, the control socket's requests and the operations of
 * another process follow from it: a new operation is a row here, its shapes beside it, and the code that does it.
 */
import * as v from 'valibot';
import { usageNames, UsageSumSchema, type UsageName, type UsageSum } from '../../store/usage/usage-line.js';
import { KeyRowSchema, KeyRulesSchema, KeyShownSchema, type KeyRow } from './key-shapes.js';
import { LogPartSchema } from './log-part.js';
import {
  OAuthClientRequestSchema,
  ImportRequestSchema,
  ImportVerdictSchema,
  LoginOfferSchema,
  LoginRequestSchema,
  LoginTroubleSchema,
  ReaddRequestSchema,
  ReaddResultSchema,
  SaidSchema,
  StepQuestionsSchema,
  StoppingSchema,
  TestResultSchema,
  type Progress,
  type TestResult,
} from './operation-shapes.js';

export type * from './operation-shapes.js';
export type * from './key-shapes.js';
export type { UsageName, UsageSum } from '../../store/usage/usage-line.js';
export { readdSteps } from './operation-shapes.js';

/** Schemas of what an operation takes, in the order of its arguments. */
type Takes = readonly v.GenericSchema[];

/** One operation: what it takes, what it gives, and whether it tells its steps while it is under way. */
export interface Operation<T extends Takes = Takes, G extends v.GenericSchema = v.GenericSchema, P = boolean> {
  readonly takes: T;
  readonly gives: G;
  readonly tells: P;
}

const operation = <const T extends Takes, G extends v.GenericSchema>(takes: T, gives: G): Operation<T, G, false> => ({
  takes,
  gives,
  tells: false,
});

/** Its last argument hears the steps. */
const told = <const T extends Takes, G extends v.GenericSchema>(takes: T, gives: G): Operation<T, G, true> => ({
  takes,
  gives,
  tells: true,
});

const text = v.string();
const texts: v.GenericSchema<unknown, readonly string[]> = v.array(text);

const testResults: v.GenericSchema<unknown, readonly TestResult[]> = v.array(TestResultSchema);

const keyRows: v.GenericSchema<unknown, readonly KeyRow[]> = v.array(KeyRowSchema);
const usageNamesGiven: v.GenericSchema<unknown, readonly UsageName[]> = v.array(v.picklist(usageNames));
const usageSums: v.GenericSchema<unknown, readonly UsageSum[]> = v.array(UsageSumSchema);

/** Every operation by name. */
export const operations = {
  /** The step `served` ends when the account has served a request: its progress may come long after the result. */
  readd: told([ReaddRequestSchema], ReaddResultSchema),
  /** Goes on with a re-add that waits (`pending`) for a decision: save it for the other account, ask again whose it is, or forget it. */
  resume: told([text, v.picklist(['accept', 'retry', 'drop'])], v.union([ReaddResultSchema, SaidSchema])),
  /** Takes a token of another program in, verified like a re-add; for whoever it belongs to. */
  importToken: operation([ImportRequestSchema], ImportVerdictSchema),
  /** Asks Google whether it knows the client, keeps it in settings.json and uses it from then on; else says what is wrong. */
  setUpClient: operation([OAuthClientRequestSchema], SaidSchema),
  /** Makes a link for a login with Google; says why there can be none. */
  startLogin: operation([LoginRequestSchema], v.union([LoginOfferSchema, SaidSchema])),
  /**
   * Resolves when an answer to the link of this login has come and was worked through like a re-add, or the login is over.
   * While it is open the link may be opened again, and this be called again.
   */
  awaitLogin: told([text], v.union([ReaddResultSchema, LoginTroubleSchema])),
  /** Judges what was pasted for this login, an address or a code; where it is good, `awaitLogin` goes on with it. */
  pasteLogin: operation([text, text], SaidSchema),
  /** Ends this login. */
  cancelLogin: operation([text], SaidSchema),
  /** Forces one refresh of each account, four at a time; on a disabled one it tries the stored token once. */
  testNow: operation([texts], testResults),
  /** Leaves out those tests that wait for their turn; those under way end. */
  stopTests: operation([], SaidSchema),
  /** Takes these accounts out of the proxy (true) or puts them back. */
  setProxyDisabled: operation([texts, v.boolean()], SaidSchema),
  /** Ends what these accounts wait for: rests, blocks, the wait after a refresh that failed. The next answer decides again. */
  clear: operation([texts], SaidSchema),
  /** Moves the files of these accounts to the trash. */
  remove: operation([texts], SaidSchema),
  /** Undoes the last removal or re-add. */
  undo: operation([], SaidSchema),
  /** Does again what was undone last. */
  redo: operation([], SaidSchema),
  /** What is to be asked before `undo` and `redo`: they would bring back a dead or an older credential. Null: nothing is. */
  stepQuestions: operation([], StepQuestionsSchema),
  /** Brings back what lies in the trash by this name. */
  restoreTrashed: operation([text], SaidSchema),
  reload: operation([], SaidSchema),
  /** Every client key: what it may, what it used today, what stops it. */
  keys: operation([], keyRows),
  /** Makes a client key of this name; it is shown in this answer alone. */
  addKey: operation([text, KeyRulesSchema], KeyShownSchema),
  /** Changes what the key of this name may. */
  setKey: operation([text, KeyRulesSchema], SaidSchema),
  /** Another key for this name; the one before is let in for so many seconds more. */
  rotateKey: operation([text, v.number()], KeyShownSchema),
  /** Takes the key of this name out, and ends what runs with it. */
  revokeKey: operation([text], SaidSchema),
  /** What was used from one day to another (both included), summed up by some names, in their order. */
  usage: operation([text, text, usageNamesGiven], usageSums),
  /** Somebody is at a screen now: what is disabled from here on is new to him who looks next. */
  looked: operation([], v.unknown()),
  /** Writes lines that a screen shows into a file of their own (0600) in the data directory, and says where. */
  saveView: operation([texts], SaidSchema),
  /** Lines of the log's files around a time, ms since 1970: older ones too than those that a screen is told of. */
  logAround: operation([v.number()], LogPartSchema),
  /** Drains and stops the whole program. */
  stop: operation([], StoppingSchema),
} as const;

export type OperationName = keyof typeof operations;

type Table = typeof operations;
type Given<T extends Takes> = { [K in keyof T]: v.InferOutput<T[K]> };

/** What an operation is called with. */
export type GivenTo<N extends OperationName> = Given<Table[N]['takes']>;
export type GivenBy<N extends OperationName> = v.InferOutput<Table[N]['gives']>;

type Heard<P> = P extends true ? [progress: (news: Progress) => void] : [];

export type Operations = {
  [N in OperationName]: (...given: [...GivenTo<N>, ...Heard<Table[N]['tells']>]) => Promise<GivenBy<N>>;
};
