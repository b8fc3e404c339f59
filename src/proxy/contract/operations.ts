/**
 * What the running program can be asked to do, as one table. The types, the control socket's requests and the
 * operations of an attached process follow from it: a new operation is a row here, its shapes in `operation-shapes`,
 * and the code that does it.
 */
import * as v from 'valibot';
import { usageNames, UsageSumSchema, type UsageName, type UsageSum } from '../../store/usage/usage-line.js';
import { KeyRowSchema, KeyRulesSchema, KeyShownSchema, type KeyRow } from './key-shapes.js';
import { RestartedSchema } from './succession/handover.js';
import { LogPartSchema } from './log-part.js';
import { SettingsShownSchema } from './setting-shapes.js';
import {
  OAuthClientRequestSchema,
  ImportRequestSchema,
  ImportVerdictSchema,
  InFlightSchema,
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
export type { Restarted } from './succession/handover.js';
export type * from './setting-shapes.js';
export { dayBefore, type UsageName, type UsageSum } from '../../store/usage/usage-line.js';
export { readdSteps } from './operation-shapes.js';

/** Schemas of what an operation takes, in the order of its arguments. */
type Takes = readonly v.GenericSchema[];

/**
 * What an operation takes last, besides what its schemas say.
 * - `steps`: a function that is told its steps while it is under way
 * - `gone`: a signal that is aborted when nobody waits for the answer any more: nothing more is sent for it then
 */
type Beside = 'steps' | 'gone' | 'nothing';

/** One operation: what it takes, what it returns, and what it takes beside that. */
export interface Operation<T extends Takes = Takes, G extends v.GenericSchema = v.GenericSchema, B = Beside> {
  readonly takes: T;
  readonly gives: G;
  readonly beside: B;
}

const operation = <const T extends Takes, G extends v.GenericSchema>(
  takes: T,
  gives: G,
): Operation<T, G, 'nothing'> => ({ takes, gives, beside: 'nothing' });

const told = <const T extends Takes, G extends v.GenericSchema>(takes: T, gives: G): Operation<T, G, 'steps'> => ({
  takes,
  gives,
  beside: 'steps',
});

const whileWanted = <const T extends Takes, G extends v.GenericSchema>(
  takes: T,
  gives: G,
): Operation<T, G, 'gone'> => ({ takes, gives, beside: 'gone' });

const text = v.string();
const texts: v.GenericSchema<unknown, readonly string[]> = v.array(text);

const testResults: v.GenericSchema<unknown, readonly TestResult[]> = v.array(TestResultSchema);

const keyRows: v.GenericSchema<unknown, readonly KeyRow[]> = v.array(KeyRowSchema);
const usageNamesGiven: v.GenericSchema<unknown, readonly UsageName[]> = v.array(v.picklist(usageNames));
const usageSums: v.GenericSchema<unknown, readonly UsageSum[]> = v.array(UsageSumSchema);

/** Every operation by name. */
export const operations = {
  /** The step `served` ends when the account has served a request: it may be reported long after the result. */
  readd: told([ReaddRequestSchema], ReaddResultSchema),
  /**
   * Continues a re-add that waits (`pending`) for a decision: save it for the other account, ask again whose it is, or
   * drop it.
   */
  resume: told([text, v.picklist(['accept', 'retry', 'drop'])], v.union([ReaddResultSchema, SaidSchema])),
  /** Imports a token of another program, verified like a re-add; for whichever account it belongs to. */
  importToken: whileWanted([ImportRequestSchema], ImportVerdictSchema),
  /**
   * Asks Google whether it knows the client, saves it in settings.json and uses it from then on; else says what is
   * wrong.
   */
  setUpClient: operation([OAuthClientRequestSchema], SaidSchema),
  /** Makes a link for a login with Google, or says why that is not possible. */
  startLogin: operation([LoginRequestSchema], v.union([LoginOfferSchema, SaidSchema])),
  /**
   * Resolves when an answer to the link of this login has come and was dealt with like a re-add, or the login is over.
   * While the login is open the link may be opened again, and this be called again.
   */
  awaitLogin: told([text], v.union([ReaddResultSchema, LoginTroubleSchema])),
  /** Checks what was pasted for this login, an address or a code; if it is good, `awaitLogin` goes on with it. */
  pasteLogin: operation([text, text], SaidSchema),
  /** Ends this login. */
  cancelLogin: operation([text], SaidSchema),
  /** Forces one refresh of each account, three at a time; for a disabled one the stored token is tried once. */
  testNow: whileWanted([texts], testResults),
  /** As `testNow`, no faster than the schedule refreshes, which it shares its rate with: what asks about all accounts. */
  checkNow: whileWanted([texts], testResults),
  /** Leaves out the tests that wait for their turn; those under way go on. */
  stopTests: operation([], SaidSchema),
  /** Takes these accounts out of the proxy (true) or puts them back. */
  setProxyDisabled: operation([texts, v.boolean()], SaidSchema),
  /**
   * Ends whatever these accounts wait for: rests, blocks, the pause after a failed refresh. The next answer decides
   * again.
   */
  clear: operation([texts], SaidSchema),
  /** Moves the files of these accounts to the trash. */
  remove: operation([texts], SaidSchema),
  /** Undoes the last removal or re-add. */
  undo: operation([], SaidSchema),
  /** Redoes what was undone last. */
  redo: operation([], SaidSchema),
  /** What to ask before `undo` and `redo`, if they would bring back a dead or an older credential. Null: nothing. */
  stepQuestions: operation([], StepQuestionsSchema),
  /** Brings back the file of this name in the trash. */
  restoreTrashed: operation([text], SaidSchema),
  reload: operation([], SaidSchema),
  /** Every client key: its rules, what it used today, what stops it. */
  keys: operation([], keyRows),
  /** Makes a client key of this name; it is shown only in this answer. */
  addKey: operation([text, KeyRulesSchema], KeyShownSchema),
  /** Changes the rules of the key of this name. */
  setKey: operation([text, KeyRulesSchema], SaidSchema),
  /** Makes another key of this name; the former one is let in for so many seconds more. */
  rotateKey: operation([text, v.number()], KeyShownSchema),
  /** Revokes the key of this name, and ends the requests that run with it. */
  revokeKey: operation([text], SaidSchema),
  /** Every setting in effect, without secrets, and where each comes from. */
  settings: operation([], SettingsShownSchema),
  /** Sets a switch, a choice or a number in the settings file. */
  setSetting: operation([text, v.union([text, v.number(), v.boolean()])], SaidSchema),
  /** Takes back the last `setSetting` that was not taken back yet. */
  undoSetting: operation([], SaidSchema),
  /** Sends a notice that says that it is a test, in the way of any other. */
  testNotice: operation([], SaidSchema),
  /** What was used from one day to another (both included), summed up by some names, sorted by them. */
  usage: operation([text, text, usageNamesGiven], usageSums),
  /** The requests under way. */
  flight: operation([], InFlightSchema),
  /** Somebody looks at a screen now: accounts that are disabled later are shown as new the next time. */
  looked: operation([], v.unknown()),
  /** Writes lines that a screen shows into a new file (0600) in the data directory, and says where. */
  saveView: operation([texts], SaidSchema),
  /** Lines of the log's files around a time, ms since 1970: also older ones than a screen is sent by itself. */
  logAround: operation([v.number()], LogPartSchema),
  /**
   * Starts a successor that takes over the port and the data directory, and resolves when that serves; this process
   * then ends with its last request. If it fails, this one serves on as before.
   */
  restart: operation([], RestartedSchema),
  /** Drains and stops the whole program. */
  stop: operation([], StoppingSchema),
} as const;

export type OperationName = keyof typeof operations;

type Table = typeof operations;
type Given<T extends Takes> = { [K in keyof T]: v.InferOutput<T[K]> };

/** The arguments of an operation. */
export type GivenTo<N extends OperationName> = Given<Table[N]['takes']>;
export type GivenBy<N extends OperationName> = v.InferOutput<Table[N]['gives']>;

type TakenBeside<B> = B extends 'steps'
  ? [progress: (news: Progress) => void]
  : B extends 'gone'
    ? [gone?: AbortSignal]
    : [];

export type Operations = {
  [N in OperationName]: (...given: [...GivenTo<N>, ...TakenBeside<Table[N]['beside']>]) => Promise<GivenBy<N>>;
};
