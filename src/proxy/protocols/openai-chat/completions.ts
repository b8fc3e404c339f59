import type { JsonObject } from '../../../store/ground/json.js';
import { candidatesOf, answerParts } from '../translation/answer/events.js';
import { type AnswerEnding, endingOf, isBlocked } from '../translation/answer/finish.js';
import { COMMENT, dataEvent } from '../translation/answer/sse.js';
import type { Trouble } from '../translation/answer/trouble.js';
import { NO_USAGE, usageAfter } from '../translation/answer/usage.js';
import type { GeminiCandidate, GeminiEvent } from '../translation/gemini/gemini.js';
import { BadRequest } from '../translation/request/bad-request.js';
import { nameAt, optionalFlagAt, optionalObjectAt, unknownFields } from '../translation/request/fields.js';
import type { AnswerWriter, TranslatedRequest, TranslationContext } from '../translation/translated.js';
import { finishReason } from './answer/answering.js';
import { openAiError } from './answer/errors.js';
import { COMMON_FIELDS, commonGeneration, outputTokens } from './request/generation.js';
import { choiceIndex } from './answer/pieces.js';
import { NO_BIAS, type RefusedFields, refuseFields } from './request/refusals.js';
import { chatUsage } from './answer/usage.js';

const REFUSED: RefusedFields = {
  suffix: 'Gemini cannot fill a gap; leave it out',
  echo: 'Gemini does not give the prompt back; leave it out',
  ...NO_BIAS,
  logprobs: 'ask /v1/chat/completions for them',
};

const KNOWN = new Set([
  ...Object.keys(REFUSED),
  ...COMMON_FIELDS,
  ...['model', 'prompt', 'stream', 'stream_options', 'max_tokens', 'best_of', 'user'],
]);

/** A request of the older completions: its prompt becomes the user's message. @throws {BadRequest} */
export function completionRequest(body: JsonObject, context: TranslationContext): TranslatedRequest {
  refuseFields(body, REFUSED);
  const maxOutputTokens = outputTokens(body.max_tokens, 'max_tokens', context.model);
  const generationConfig = {
    ...commonGeneration(body),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  const usageShown = optionalObjectAt(body.stream_options, 'stream_options')?.include_usage === true;
  return {
    body: {
      contents: [{ role: 'user', parts: [{ text: promptOf(body.prompt) }] }],
      ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    },
    stream: optionalFlagAt(body.stream, 'stream') ?? false,
    thoughtsShown: false,
    unknown: unknownFields(body, KNOWN),
    writer: () => new CompletionWriter(context, usageShown),
    whole: (answer) => completion(answer, context),
  };
}

/** One prompt, also as the only one of a list; a list of token numbers is refused, since those are OpenAI's. */
function promptOf(prompt: unknown): string {
  const only: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (Array.isArray(only)) {
    throw new BadRequest('prompt must be one text: send several in requests of their own, and no tokens', 'prompt');
  }
  return nameAt(only, 'prompt');
}

const aboutOf = ({ newId, now, model }: TranslationContext): JsonObject => ({
  ...{ id: `cmpl-${newId()}`, object: 'text_completion', created: now, model: model.asked },
});

const wordsOf = (candidate: GeminiCandidate): string =>
  answerParts(candidate)
    .map(({ text = '', thought }) => (thought === true ? '' : text))
    .join('');

const choiceOf = (index: number, text: string, ending: AnswerEnding | null): JsonObject => ({
  ...{ text, index, logprobs: null, finish_reason: ending === null ? null : finishReason(ending, 0) },
});

function completion(answer: GeminiEvent, context: TranslationContext): JsonObject {
  const choices = candidatesOf(answer).map((candidate, i) =>
    choiceOf(i, wordsOf(candidate), endingOf(candidate.finishReason)),
  );
  const empty = choiceOf(0, '', isBlocked(answer) ? 'refused' : 'done');
  return {
    ...aboutOf(context),
    choices: choices.length > 0 ? choices : [empty],
    usage: chatUsage(usageAfter(NO_USAGE, answer)),
  };
}

/**
 * Writes a stream of the older completions: text of each choice, its `finish_reason`, usage where asked for, `[DONE]`.
 */
class CompletionWriter implements AnswerWriter {
  private readonly about: JsonObject;
  private readonly endings: AnswerEnding[] = ['done'];
  private usage = NO_USAGE;

  constructor(
    context: TranslationContext,
    private readonly usageShown: boolean,
  ) {
    this.about = aboutOf(context);
  }

  event(event: GeminiEvent): string {
    this.usage = usageAfter(this.usage, event);
    if (isBlocked(event)) this.endings[0] = 'refused';
    return candidatesOf(event)
      .map((candidate, i) => this.candidate(candidate, choiceIndex(candidate, i)))
      .join('');
  }

  end(): string {
    const choices = Array.from(this.endings, (ending, i) => this.chunk([choiceOf(i, '', ending)]));
    const usage = this.usageShown ? this.chunk([], { usage: chatUsage(this.usage) }) : '';
    return `${choices.join('')}${usage}data: [DONE]\n\n`;
  }

  failed(trouble: Trouble): string {
    return dataEvent(JSON.stringify(openAiError(trouble).body));
  }

  ping(): string {
    return COMMENT;
  }

  private candidate(candidate: GeminiCandidate, index: number | null): string {
    if (index === null) return '';
    while (this.endings.length <= index) this.endings.push('done');
    if (candidate.finishReason !== undefined) this.endings[index] = endingOf(candidate.finishReason);
    const text = wordsOf(candidate);
    return text === '' ? '' : this.chunk([choiceOf(index, text, null)]);
  }

  private chunk(choices: readonly JsonObject[], more: JsonObject = {}): string {
    return dataEvent(JSON.stringify({ ...this.about, choices, ...more }));
  }
}
