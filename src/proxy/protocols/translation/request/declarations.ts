import type { GeminiDeclaration } from '../gemini/gemini.js';
import type { AnsweringModel } from '../models/answering-model.js';
import { argumentSchema } from './json-schema.js';
import { protobufSchema } from './protobuf-schema.js';
import type { ToolNames } from './tool-names.js';

/** A function as a client declares it. */
export interface DeclaredTool {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON schema of its arguments; undefined: it has none. */
  readonly schema: unknown;
}

/** Functions in Gemini's form. Of several with the same name the last one counts. */
export function declarations(
  tools: readonly DeclaredTool[],
  names: ToolNames,
  model: AnsweringModel,
): GeminiDeclaration[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return [...byName.values()].map(({ name, description, schema }) => ({
    name: names.toGemini(name),
    ...(description !== undefined && description !== '' && { description }),
    ...(schema !== undefined && schema !== null && parameters(argumentSchema(schema), model)),
  }));
}

const parameters = (schema: object, { isClaude }: AnsweringModel): Partial<GeminiDeclaration> =>
  isClaude ? { parameters: { ...protobufSchema(schema), type: 'object' } } : { parametersJsonSchema: schema };
