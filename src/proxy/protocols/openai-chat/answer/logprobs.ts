import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';

/** OpenAI's `logprobs` of a choice. */
export interface Logprobs {
  readonly content: readonly JsonObject[];
  readonly refusal: null;
}

const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

function tokenOf({ token, logProbability }: JsonObject): JsonObject {
  const text = typeof token === 'string' ? token : '';
  return {
    token: text,
    logprob: typeof logProbability === 'number' ? logProbability : 0,
    bytes: [...Buffer.from(text)],
  };
}

/** Google's log probabilities of tokens (`Candidate.logprobsResult`); null: there are none. */
export function logprobsOf(result: unknown): Logprobs | null {
  if (!isJsonObject(result)) return null;
  const alternatives = listOf(result.topCandidates);
  const content = listOf(result.chosenCandidates).map((chosen, i) => ({
    ...tokenOf(chosen),
    top_logprobs: listOf(alternatives[i]?.candidates).map(tokenOf),
  }));
  return content.length === 0 ? null : { content, refusal: null };
}
