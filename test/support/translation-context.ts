import {
  type AnsweringModel,
  type UpstreamKind,
  answeringModel,
} from '../../src/proxy/protocols/translation/models/answering-model.js';
import { SignatureMemory } from '../../src/proxy/protocols/translation/request/signatures.js';
import type { TranslationContext } from '../../src/proxy/protocols/translation/translated.js';

/** What a translation depends on, with ids that count and a clock that stands. */
export function contextFor(
  name = 'gemini-3-pro',
  {
    kind = 'gemini',
    ...changes
  }: Partial<Omit<TranslationContext, 'model'>> & { kind?: UpstreamKind; model?: Partial<AnsweringModel> } = {},
): TranslationContext {
  let ids = 0;
  return {
    signatures: new SignatureMemory(),
    searchBesideTools: 'refuse',
    newId: () => (++ids).toString(16).padStart(18, '0'),
    now: 1_790_000_000,
    ...changes,
    model: { ...answeringModel(name, name, kind), ...changes.model },
  };
}
