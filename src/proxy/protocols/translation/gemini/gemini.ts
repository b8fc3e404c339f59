/**
 * The parts of Gemini's `generateContent` that translations write and read; fields are named as in Google's REST
 * reference.
 */

export interface GeminiFunctionCall {
  readonly id?: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface GeminiFunctionResponse {
  readonly id?: string;
  readonly name: string;
  readonly response: { readonly output: string } | { readonly error: string };
}

/** One part of a request: exactly one kind of data. */
export type GeminiPart =
  | { readonly text: string; readonly thought?: true; readonly thoughtSignature?: string }
  | { readonly inlineData: { readonly mimeType: string; readonly data: string } }
  | { readonly fileData: { readonly fileUri: string; readonly mimeType?: string } }
  | { readonly functionCall: GeminiFunctionCall; readonly thoughtSignature?: string }
  | { readonly functionResponse: GeminiFunctionResponse };

export interface GeminiContent {
  readonly role: 'user' | 'model';
  readonly parts: readonly GeminiPart[];
}

export interface GeminiDeclaration {
  readonly name: string;
  readonly description?: string;
  readonly parametersJsonSchema?: unknown;
  /** The protobuf form, the only one that Claude models on Code Assist take. */
  readonly parameters?: unknown;
}

export type GeminiTool =
  | { readonly functionDeclarations: readonly GeminiDeclaration[] }
  | { readonly googleSearch: Readonly<Record<string, never>> };

export interface GeminiToolConfig {
  readonly functionCallingConfig: {
    readonly mode: 'AUTO' | 'ANY' | 'NONE';
    readonly allowedFunctionNames?: readonly string[];
  };
}

/** A budget or a level, never both. */
export interface GeminiThinkingConfig {
  readonly thinkingBudget?: number;
  readonly thinkingLevel?: 'minimal' | 'low' | 'medium' | 'high';
  readonly includeThoughts?: boolean;
}

export interface GeminiGenerationConfig {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly candidateCount?: number;
  readonly maxOutputTokens?: number;
  readonly stopSequences?: readonly string[];
  readonly responseMimeType?: string;
  readonly responseJsonSchema?: unknown;
  readonly responseModalities?: readonly string[];
  readonly imageConfig?: { readonly aspectRatio?: string; readonly imageSize?: string };
  readonly thinkingConfig?: GeminiThinkingConfig;
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly responseLogprobs?: boolean;
  readonly logprobs?: number;
}

/** The body of `generateContent` and `streamGenerateContent`. */
export interface GeminiRequest {
  readonly contents: readonly GeminiContent[];
  readonly systemInstruction?: { readonly parts: readonly GeminiPart[] };
  readonly tools?: readonly GeminiTool[];
  readonly toolConfig?: GeminiToolConfig;
  readonly generationConfig?: GeminiGenerationConfig;
}

/** A part of an answer, as Google sent it, so every field may be missing. */
export interface GeminiAnswerPart {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly functionCall?: { readonly name?: string; readonly args?: Readonly<Record<string, unknown>> };
  readonly inlineData?: { readonly mimeType?: string; readonly data?: string };
}

export interface GeminiCandidate {
  readonly index?: number;
  readonly content?: { readonly parts?: readonly GeminiAnswerPart[] };
  readonly finishReason?: string;
  readonly groundingMetadata?: unknown;
  readonly logprobsResult?: unknown;
}

export interface GeminiUsageMetadata {
  readonly promptTokenCount?: number;
  readonly toolUsePromptTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly candidatesTokenCount?: number;
  readonly thoughtsTokenCount?: number;
  readonly totalTokenCount?: number;
}

/**
 * An event of a stream, or a whole answer: both have the same form. Google is trusted in part: `answer/events` makes
 * sure that it is an object and that lists are lists, but not that every value has its type.
 */
export interface GeminiEvent {
  readonly candidates?: readonly GeminiCandidate[];
  readonly promptFeedback?: { readonly blockReason?: string };
  readonly usageMetadata?: GeminiUsageMetadata;
  readonly responseId?: string;
  readonly error?: { readonly code?: number; readonly status?: string; readonly message?: string };
}
