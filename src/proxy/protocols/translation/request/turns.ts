import { jsonOf, isJsonObject, type JsonObject } from '../../../../store/ground/json.js';
import type { GeminiContent, GeminiFunctionResponse, GeminiPart } from '../gemini/gemini.js';
import { NO_SIGNATURE, type SignatureMemory, shortId, signatureIn } from './signatures.js';
import type { ToolNames } from './tool-names.js';

/** A tool's result; always a text, since Gemini reads meaning into the keys of objects. */
export type ToolResponse = GeminiFunctionResponse['response'];

interface Call {
  readonly id: string;
  /** Its id for Gemini: without the signature, and unique even if clients repeat ids. */
  readonly wireId: string;
  readonly name: string;
  readonly part: GeminiPart;
  answer: { readonly response: ToolResponse; readonly attachments: readonly GeminiPart[] } | null;
}

interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: GeminiPart[];
  readonly calls: Call[];
}

const INTERRUPTED: ToolResponse = { error: 'no result: the call was interrupted' };
/**
 * Put before a conversation that begins with a call, which Gemini refuses: clients cut off the beginning of long ones.
 */
const FRONT_LOST: GeminiPart = { text: '(What was said before is not part of this conversation any more.)' };

/**
 * A conversation for Gemini, which takes turns only in strict order: roles alternate; each call is answered, in the
 * order of the calls, before anything else in the turn after it; no turn is empty. Protocols add what they have in
 * their own order; a missing result is replaced by an error, and a result without a call becomes the user's words.
 */
export class Turns {
  private readonly turns: Turn[] = [];
  /** How often each id has occurred. */
  private readonly seen = new Map<string, number>();

  constructor(
    private readonly names: ToolNames,
    private readonly signatures: SignatureMemory,
  ) {}

  /** Adds texts and attachments; empty texts are left out. */
  say(role: 'user' | 'model', ...parts: readonly GeminiPart[]): void {
    const said = parts.filter((part) => !('text' in part) || part.text !== '');
    if (said.length > 0) this.turn(role).parts.push(...said);
  }

  /**
   * Adds a call that the model made.
   *
   * @param id - the client's, with or without a signature in it
   * @param kept - a signature that the client kept elsewhere
   */
  call(id: string, name: string, args: JsonObject, kept?: string): void {
    const signature = signatureIn(id) ?? this.signatures.recall(id) ?? kept;
    const wireId = this.wireId(shortId(id));
    const functionCall = { id: wireId, name: this.names.toGemini(name), args };
    const part = { functionCall, ...(signature !== undefined && { thoughtSignature: signature }) };
    this.turn('model').calls.push({ ...{ id: shortId(id), wireId, name, part }, answer: null });
  }

  /** Adds the result of a call; attachments are what a text cannot hold. */
  result(id: string, response: ToolResponse, attachments: readonly GeminiPart[] = []): void {
    const call = this.openCall(shortId(id));
    const turn = this.turn('user');
    if (call !== null) call.answer = { response, attachments };
    else turn.parts.push({ text: strayResult(id, response) }, ...attachments);
  }

  /** Whether the last turn is the model's and no call is open: then the model is to continue its own words. */
  endsWithWordsOfModel(): boolean {
    const last = this.turns.at(-1);
    return last?.role === 'model' && last.calls.length === 0 && last.parts.length > 0;
  }

  /** Whether the model's thoughts before its last calls are missing. */
  lacksThoughts(): boolean {
    const last = this.turns.findLast(({ role }) => role === 'model');
    return last !== undefined && last.calls.length > 0 && !last.parts.some((part) => 'thought' in part);
  }

  /** The whole conversation; empty where nothing was added. */
  contents(): GeminiContent[] {
    const whole: GeminiContent[] = [];
    let open: readonly Call[] = [];
    for (const { role, parts, calls } of this.turns) {
      if (role === 'model') {
        if (calls.length > 0 && whole.length === 0) whole.push({ role: 'user', parts: [FRONT_LOST] });
        whole.push({ role, parts: [...parts, ...calls.map(signed)] });
        open = calls;
        continue;
      }
      const said = [...answersOf(open), ...parts];
      open = [];
      if (said.length > 0) whole.push({ role, parts: said });
    }
    if (open.length > 0) whole.push({ role: 'user', parts: answersOf(open) });
    return merged(whole);
  }

  private turn(role: 'user' | 'model'): Turn {
    const last = this.turns.at(-1);
    if (last?.role === role) return last;
    const turn: Turn = { role, parts: [], calls: [] };
    this.turns.push(turn);
    return turn;
  }

  /** The call that a result belongs to: of the last turn with such an open call, the first. */
  private openCall(id: string): Call | null {
    for (let at = this.turns.length - 1; at >= 0; at--) {
      const call = this.turns[at]?.calls.find((one) => one.id === id && one.answer === null);
      if (call !== undefined) return call;
    }
    return null;
  }

  /** A unique id that Claude accepts too. */
  private wireId(short: string): string {
    const clean = short === '' ? 'call' : short.replace(/[^A-Za-z0-9_-]/g, '_');
    let count = this.seen.get(clean) ?? 0;
    let id = clean;
    while (this.seen.has(id)) id = `${clean}_${++count}`;
    this.seen.set(clean, Math.max(count, 1));
    if (id !== clean) this.seen.set(id, 1);
    return id;
  }
}

/**
 * A call with a signature where one is needed: the first call of each step, which is also the only one of parallel
 * calls to get one.
 */
const signed = ({ part }: Call, at: number): GeminiPart =>
  at > 0 || ('thoughtSignature' in part && part.thoughtSignature !== undefined)
    ? part
    : { ...part, thoughtSignature: NO_SIGNATURE };

const answersOf = (calls: readonly Call[]): GeminiPart[] => [
  ...calls.map(({ wireId, part, answer }) => ({
    functionResponse: {
      ...{ id: wireId, name: 'functionCall' in part ? part.functionCall.name : '' },
      response: answer?.response ?? INTERRUPTED,
    },
  })),
  ...calls.flatMap(({ answer }) => answer?.attachments ?? []),
];

/** Turns without two of the same role in succession: an empty turn may have been between them. */
function merged(contents: readonly GeminiContent[]): GeminiContent[] {
  const whole: { role: 'user' | 'model'; parts: GeminiPart[] }[] = [];
  for (const { role, parts } of contents) {
    const last = whole.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else whole.push({ role, parts: [...parts] });
  }
  return whole;
}

const strayResult = (id: string, response: ToolResponse): string =>
  `Result of a tool call that is not in this conversation (${shortId(id).slice(0, 64)}): ${'output' in response ? response.output : response.error}`;

/** The arguments of a call in the history, from their text; what is no JSON object is shown to the model as it was. */
export function argumentsOf(text: string): JsonObject {
  const value = text.trim() === '' ? {} : jsonOf(text);
  return isJsonObject(value) ? value : { arguments: text };
}
