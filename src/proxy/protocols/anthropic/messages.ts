import type { JsonObject } from '../../../store/ground/json.js';
import type { GeminiPart } from '../translation/gemini/gemini.js';
import type { AnsweringModel } from '../translation/models/answering-model.js';
import { addressPart, bytesPart } from '../translation/request/attachments.js';
import { BadRequest } from '../translation/request/bad-request.js';
import {
  isAbsent,
  listAt,
  nameAt,
  objectAt,
  optionalFlagAt,
  optionalListAt,
  textAt,
} from '../translation/request/fields.js';
import type { Turns } from '../translation/request/turns.js';
import { thoughtSignatureIn } from './thought-signature.js';

/** Blocks of an assistant's message that only Anthropic's servers could continue: its tools and their results. */
const OF_SERVER_TOOLS = /^(?:server_tool_use|mcp_tool_use|redacted_thinking|compaction|[a-z_]+_tool_result)$/;

/** What is gathered while messages are read. */
interface Reading {
  readonly turns: Turns;
  readonly model: AnsweringModel;
  /** Names of deferred tools that a result has referred to. */
  readonly referenced: Set<string>;
}

/**
 * Translates the messages of a conversation for Gemini.
 *
 * @returns the names of deferred tools that may be declared by now
 * @throws {BadRequest}
 */
export function addMessages(messages: unknown, turns: Turns, model: AnsweringModel): ReadonlySet<string> {
  const reading = { turns, model, referenced: new Set<string>() };
  for (const [at, message] of listAt(messages, 'messages').entries()) addMessage(message, `messages[${at}]`, reading);
  return reading.referenced;
}

function addMessage(value: unknown, at: string, reading: Reading): void {
  const { role, content } = objectAt(value, at);
  if (role !== 'user' && role !== 'assistant' && role !== 'system')
    throw new BadRequest(`${at}.role must be user, assistant or system`, `${at}.role`);
  if (role === 'system') {
    const text = textsOf(content, `${at}.content`).join('\n');
    if (text !== '') reading.turns.say('user', { text: `<system-reminder>\n${text}\n</system-reminder>` });
    return;
  }
  if (typeof content === 'string') {
    reading.turns.say(role === 'user' ? 'user' : 'model', { text: content });
    return;
  }
  for (const [index, block] of listAt(content, `${at}.content`).entries()) {
    const place = `${at}.content[${index}]`;
    if (role === 'user') addUserBlock(objectAt(block, place), place, reading);
    else addAssistantBlock(objectAt(block, place), place, reading);
  }
}

function addUserBlock(block: JsonObject, at: string, { turns, referenced }: Reading): void {
  if (block.type === 'tool_result') addResult(block, at, turns, referenced);
  else turns.say('user', ...contentParts(block, at));
}

function addAssistantBlock(block: JsonObject, at: string, { turns, model }: Reading): void {
  const { type } = block;
  if (type === 'text') turns.say('model', { text: textAt(block.text, `${at}.text`) });
  else if (type === 'tool_use') {
    const args = isAbsent(block.input) ? {} : objectAt(block.input, `${at}.input`);
    turns.call(nameAt(block.id, `${at}.id`), nameAt(block.name, `${at}.name`), args);
  } else if (type === 'thinking') {
    const signature = model.isClaude ? thoughtSignatureIn(block.signature) : undefined;
    const text = signature === undefined ? '' : textAt(block.thinking, `${at}.thinking`);
    if (signature !== undefined) turns.say('model', { text, thought: true, thoughtSignature: signature });
  } else if (type === 'image' || type === 'document') turns.say('model', ...contentParts(block, at));
  else if (typeof type !== 'string' || !OF_SERVER_TOOLS.test(type)) throw unknownBlock(type, at);
}

/** The texts of a tool's result are joined into one; other content follows it. */
function addResult(block: JsonObject, at: string, turns: Turns, referenced: Set<string>): void {
  const texts: string[] = [];
  const attachments: GeminiPart[] = [];
  if (typeof block.content === 'string') texts.push(block.content);
  else
    for (const [index, value] of optionalListAt(block.content, `${at}.content`).entries()) {
      const place = `${at}.content[${index}]`;
      const one = objectAt(value, place);
      if (one.type === 'tool_reference') {
        const name = nameAt(one.tool_name, `${place}.tool_name`);
        referenced.add(name);
        texts.push(`Tool ${name} is available now.`);
        continue;
      }
      for (const part of contentParts(one, place)) {
        if ('text' in part) texts.push(part.text);
        else attachments.push(part);
      }
    }
  const said = texts.join('\n') || (attachments.length > 0 ? 'see the attachment' : '');
  const isError = optionalFlagAt(block.is_error, `${at}.is_error`) ?? false;
  turns.result(
    nameAt(block.tool_use_id, `${at}.tool_use_id`),
    isError ? { error: said } : { output: said },
    attachments,
  );
}

/** Blocks that users and results have in common. @throws {BadRequest} */
function contentParts(block: JsonObject, at: string): GeminiPart[] {
  switch (block.type) {
    case 'text':
      return [{ text: textAt(block.text, `${at}.text`) }];
    case 'image':
      return sourceParts(block.source, `${at}.source`, 'image/png');
    case 'document':
      return sourceParts(block.source, `${at}.source`, 'application/pdf');
    case 'search_result':
      return [
        { text: [block.title, block.source, ...textsOf(block.content, `${at}.content`)].filter(isText).join('\n') },
      ];
    default:
      throw unknownBlock(block.type, at);
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * @param usual - the media type if the source names none
 * @throws {BadRequest}
 */
function sourceParts(value: unknown, at: string, usual: string): GeminiPart[] {
  const source = objectAt(value, at);
  const mediaType = isText(source.media_type) ? source.media_type : usual;
  switch (source.type) {
    case 'base64':
      return [bytesPart(mediaType, textAt(source.data, `${at}.data`), at)];
    case 'text':
      return [{ text: textAt(source.data, `${at}.data`) }];
    case 'url':
      return [
        addressPart(textAt(source.url, `${at}.url`), `${at}.url`, usual === 'application/pdf' ? usual : undefined),
      ];
    case 'content':
      if (isText(source.content)) return [{ text: source.content }];
      return listAt(source.content, `${at}.content`).flatMap((block, index) =>
        contentParts(objectAt(block, `${at}.content[${index}]`), `${at}.content[${index}]`),
      );
    case 'file':
      throw new BadRequest(`${at} is a file_id of Anthropic's, which is not known here: send the data itself`, at);
    default:
      throw new BadRequest(`${at}.type must be base64, text or url`, `${at}.type`);
  }
}

/** The texts of content that may only have texts. @throws {BadRequest} */
function textsOf(content: unknown, at: string): string[] {
  if (typeof content === 'string') return [content];
  return optionalListAt(content, at).map((value, index) => {
    const block = objectAt(value, `${at}[${index}]`);
    if (block.type !== 'text') throw unknownBlock(block.type, `${at}[${index}]`);
    return textAt(block.text, `${at}[${index}].text`);
  });
}

const unknownBlock = (type: unknown, at: string): BadRequest =>
  new BadRequest(`${at}.type ${JSON.stringify(type)} is not known here: leave the block out`, `${at}.type`);
