import { jsonOf, isJsonObject, type JsonObject } from '../../../../store/ground/json.js';
import type { GeminiContent, GeminiFunctionResponse, GeminiPart } from '../gemini/gemini.js';
import { NO_SIGNATURE, type SignatureMemory, shortId, signatureIn } from './signatures.js';
import type { ToolNames } from './tool-names.js';

/** What a tool has said; always a text, since Gemini reads meaning into the keys of objects. */
export type ToolResponse = GeminiFunctionResponse['response'];

interface Call {
  readonly id: string;
  /** Its id for Gemini: without the signature, and told apart from calls of the same id. */
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
/** Gemini refuses a conversation that begins with a call, and clients cut the front off long ones. */
const FRONT_LOST: GeminiPart = { text: '(What was said before is not part of this conversation any more.)' };

/**
 * A conversation on its way to Gemini, which takes turns in strict order only: roles alternate; each call is answered, in
 * the order of the calls, before anything else of the turn after it; no turn is empty. Protocols say what they like in the
 * order they have it; what is missing is answered by an error, and what fits nowhere becomes words of the user.
 */
export class Turns {
  private readonly turns: Turn[] = [];
  /** How often each id has come. */
  private readonly seen = new Map<string, number>();

  constructor(
    private readonly names: ToolNames,
    private readonly signatures: SignatureMemory,
  ) {}

  /** Words and attachments; empty texts are nothing. */
  say(role: 'user' | 'model', ...parts: readonly GeminiPart[]): void {
    const said = parts.filter((part) => !('text' in part) || part.text !== '');
    if (said.length > 0) this.turn(role).parts.push(...said);
  }

  /**
   * A call that the model made.
   *
   * @param id - as the client has it, a signature in it or not
   * @param kept - a signature that the client kept elsewhere
   */
  call(id: string, name: string, args: JsonObject, kept?: string): void {
    const signature = signatureIn(id) ?? this.signatures.recall(id) ?? kept;
    const wireId = this.wireId(shortId(id));
    const functionCall = { id: wireId, name: this.names.toGemini(name), args };
    const part = { functionCall, ...(signature !== undefined && { thoughtSignature: signature }) };
    this.turn('model').calls.push({ ...{ id: shortId(id), wireId, name, part }, answer: null });
  }

  /** What came of a call, with what a text cannot hold. */
  result(id: string, response: ToolResponse, attachments: readonly GeminiPart[] = []): void {
    const call = this.openCall(shortId(id));
    const turn = this.turn('user');
    if (call !== null) call.answer = { response, attachments };
    else turn.parts.push({ text: strayResult(id, response) }, ...attachments);
  }

  /** Whether the last one to speak is the model, and nothing is open: it is asked to go on with its own words. */
  endsWithWordsOfModel(): boolean {
    const last = this.turns.at(-1);
    return last?.role === 'model' && last.calls.length === 0 && last.parts.length > 0;
  }

  /** Whether the thoughts are lost that the model had before it made its last calls. */
  lacksThoughts(): boolean {
    const last = this.turns.findLast(({ role }) => role === 'model');
    return last !== undefined && last.calls.length > 0 && !last.parts.some((part) => 'thought' in part);
  }

  /** The whole conversation; empty where nothing was said. */
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

  /** The call that a result is of: of the last turn that has such a one open, the first. */
  private openCall(id: string): Call | null {
    for (let at = this.turns.length - 1; at >= 0; at--) {
      const call = this.turns[at]?.calls.find((one) => one.id === id && one.answer === null);
      if (call !== undefined) return call;
    }
    return null;
  }

  /** Ids that Claude takes too, no two alike. */
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

/** The first call of each step needs a signature, and only the first of parallel ones has had one. */
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

/** Turns that had nothing in them may have stood between two of one role. */
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

/** Arguments of a call in the history, as text: what a client did not get as an object is shown to the model as it was. */
export function argumentsOf(text: string): JsonObject {
  const value = text.trim() === '' ? {} : jsonOf(text);
  return isJsonObject(value) ? value : { arguments: text };
}
