import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';
import type { GeminiPart, GeminiRequest } from '../../translation/gemini/gemini.js';
import { BadRequest } from '../../translation/request/bad-request.js';
import { listAt, nameAt, objectAt, optionalListAt, textAt } from '../../translation/request/fields.js';
import { Turns, argumentsOf } from '../../translation/request/turns.js';
import { ONLY_TEXT, SAID_BY_MODEL, SAID_BY_USER, contentParts, toolResult } from './content.js';

export type Conversation = Pick<GeminiRequest, 'contents' | 'systemInstruction'>;

/** Translates the messages of Chat Completions into `turns`. @throws {BadRequest} */
export function chatConversation(messages: unknown, turns: Turns): Conversation {
  const system: GeminiPart[] = [];
  for (const [i, value] of listAt(messages, 'messages').entries()) {
    const at = `messages[${i}]`;
    say(objectAt(value, at), at, turns, system);
  }
  return conversation(system, turns, 'messages');
}

/**
 * The conversation with its instructions. Gemini does not answer instructions alone, so then they become the user's
 * message.
 *
 * @param field - the field to name where the conversation is empty
 * @throws {BadRequest}
 */
export function conversation(system: readonly GeminiPart[], turns: Turns, field: string): Conversation {
  const contents = turns.contents();
  const instructions = system.filter((part) => !('text' in part) || part.text !== '');
  if (contents.length > 0) {
    return { contents, ...(instructions.length > 0 && { systemInstruction: { parts: instructions } }) };
  }
  if (instructions.length === 0) throw new BadRequest(`${field} says nothing: there is no text to answer`, field);
  return { contents: [{ role: 'user', parts: instructions }] };
}

function say(message: JsonObject, at: string, turns: Turns, system: GeminiPart[]): void {
  switch (message.role) {
    case 'system':
    case 'developer':
      system.push(...contentParts(message.content, `${at}.content`, ONLY_TEXT));
      return;
    case 'user':
      turns.say('user', ...contentParts(message.content, `${at}.content`, SAID_BY_USER));
      return;
    case 'assistant':
      turns.say('model', ...contentParts(message.content, `${at}.content`, SAID_BY_MODEL));
      for (const [i, call] of optionalListAt(message.tool_calls, `${at}.tool_calls`).entries()) {
        sayCall(call, `${at}.tool_calls[${i}]`, turns);
      }
      return;
    case 'tool': {
      const { response, attachments } = toolResult(contentParts(message.content, `${at}.content`, SAID_BY_USER));
      turns.result(textAt(message.tool_call_id, `${at}.tool_call_id`), response, attachments);
      return;
    }
    default:
      throw new BadRequest(`${at}.role must be one of system, developer, user, assistant, tool`, `${at}.role`);
  }
}

function sayCall(value: unknown, at: string, turns: Turns): void {
  const call = objectAt(value, at);
  const called = objectAt(call.function, `${at}.function`);
  const name = nameAt(called.name, `${at}.function.name`);
  const args = argumentsOf(textAt(called.arguments, `${at}.function.arguments`));
  turns.call(textAt(call.id, `${at}.id`), name, args, keptSignature(call));
}

/** The signature of a call, where Google's own OpenAI endpoint puts it; some clients send back only that. */
function keptSignature({ extra_content: extra }: JsonObject): string | undefined {
  const google = isJsonObject(extra) ? extra.google : undefined;
  const signature = isJsonObject(google) ? google.thought_signature : undefined;
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
}
