import type { OwnAnswer, OwnError } from '../../http/own-answer.js';
import { ANYWHERE, type ModelCall, type Protocol, type Whereabouts } from '../protocol.js';
import { ownTrouble } from './answer/own-trouble.js';
import type { Trouble } from './answer/trouble.js';
import type { TranslatedProtocol } from './route.js';

const NO_MODEL: ModelCall = { model: '', call: '' };

/** A translated protocol as server and forwarding see it: it stores nothing, and bodies name its models. */
export class SpokenProtocol implements Protocol {
  readonly name: TranslatedProtocol['name'];

  constructor(
    readonly speaks: TranslatedProtocol,
    /** Returns what tells the request's conversation from others. */
    private readonly conversation: () => string | null = () => null,
  ) {
    this.name = speaks.name;
  }

  get routes(): readonly string[] {
    return this.speaks.routes;
  }

  serves(path: string): boolean {
    return this.speaks.route('POST', path) !== null;
  }

  modelCallOf(): ModelCall {
    return NO_MODEL;
  }

  errorAnswer(error: OwnError, requestId = ''): OwnAnswer {
    return this.troubleAnswer(ownTrouble(error), requestId);
  }

  troubleAnswer(trouble: Trouble, requestId: string): OwnAnswer {
    const { speaks } = this;
    const { status, headers, body } = speaks.error(trouble, requestId);
    return {
      ...{ status, contentType: 'application/json', body: JSON.stringify(body) },
      headers: [speaks.requestIdHeader, requestId, ...Object.entries(headers).flat()],
    };
  }

  conversationOf(): string | null {
    return this.conversation();
  }

  begunAt(): null {
    return null;
  }

  findBegun(): null {
    return null;
  }

  whereabouts(): Whereabouts {
    return ANYWHERE;
  }

  findUnknown(): null {
    return null;
  }

  makes(): void {
    // it stores nothing
  }

  sees(): void {
    // it stores nothing
  }

  namesStored(): boolean {
    return false;
  }

  headersOf(): readonly string[] {
    return [];
  }

  readerOf(): null {
    return null;
  }

  usageOf(): null {
    return null;
  }
}
