import { answeringModel, type UpstreamKind } from '../../src/proxy/protocols/translation/models/answering-model.js';
import { SignatureMemory } from '../../src/proxy/protocols/translation/request/signatures.js';
import type { TranslationContext } from '../../src/proxy/protocols/translation/translated.js';

export interface Around {
  /** As the client calls it; the model's own name where it is left out. */
  asked?: string;
  model?: string;
  kind?: UpstreamKind;
  signatures?: SignatureMemory;
  searchBesideTools?: 'refuse' | 'drop';
}

/** A context without chance: ids are counted, and the time is one moment in November 2025. */
export function contextOf({
  model = 'gemini-3-pro',
  asked = model,
  kind = 'gemini',
  signatures = new SignatureMemory(),
  searchBesideTools = 'refuse',
}: Around = {}): TranslationContext {
  let count = 0;
  return {
    model: answeringModel(asked, model, kind),
    ...{ signatures, searchBesideTools, now: 1_764_000_000 },
    newId: () => (++count).toString(16).padStart(18, '0'),
  };
}
