import type { IncomingMessage, ServerResponse } from 'node:http';
import { type OwnAnswer, send } from './answers.js';
import type { Forwarding } from './forward.js';
import { readRequestHeaders, type RequestHeaders } from './headers.js';
import { modelCallOf, readTarget, type RequestTarget } from './request-target.js';
import type { AccessRecord } from '../store/log.js';
import { redactUrl } from '../store/redact.js';

const LONGEST_LOGGED_PATH = 1_000;

/** One request of a client while it is served, and what the access log says of it afterwards. */
export class Visit {
  /** null: the request line names no path. */
  readonly target: RequestTarget | null;
  readonly headers: RequestHeaders;
  readonly method: string;
  /** Empty where there is none. */
  readonly path: string;
  /** Empty where the path names none. */
  readonly model: string;
  readonly call: string;
  /** Set where the request goes to the upstream. */
  forwarding: Forwarding | null = null;
  private ownBytes = 0;

  /**
   * @param startedAt - monotonic ms
   * @param begin - lets the client send its body, where it waits to be told
   */
  constructor(
    readonly id: string,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    private readonly startedAt: number,
    readonly begin: () => void,
  ) {
    this.method = request.method ?? '';
    this.target = readTarget(request.url ?? '');
    this.headers = readRequestHeaders(request.rawHeaders);
    this.path = this.target?.path ?? '';
    const { model, call } = modelCallOf(this.path);
    this.model = model;
    this.call = call;
  }

  /** Every API key offered, by header or by query. */
  get keys(): readonly string[] {
    const { keys } = this.headers;
    return this.target === null || this.target.keys.length === 0 ? keys : [...keys, ...this.target.keys];
  }

  /** 0 where the client left before one was sent. */
  get status(): number {
    return this.response.headersSent ? this.response.statusCode : 0;
  }

  answer(answer: OwnAnswer): void {
    this.ownBytes = send(this.response, answer);
  }

  /** What the access log says. @param endedAt - monotonic ms */
  record(endedAt: number): AccessRecord {
    const { forwarding } = this;
    return {
      id: this.id,
      method: this.method,
      path: loggedPath(this.request.url ?? ''),
      model: this.model === '' ? null : this.model,
      stream: forwarding?.streams ?? false,
      status: this.status,
      account: forwarding?.account ?? null,
      ms: endedAt - this.startedAt,
      ttfbMs: forwarding?.ttfbMs ?? null,
      bytes: forwarding?.bytes ?? this.ownBytes,
      tokens: forwarding?.tokens ?? null,
      tries: forwarding?.asked ?? 0,
      left: forwarding?.story ?? [],
    };
  }
}

const loggedPath = (url: string): string => {
  const clean = url.includes('?') ? redactUrl(url) : url;
  return clean.length > LONGEST_LOGGED_PATH ? `${clean.slice(0, LONGEST_LOGGED_PATH)}…` : clean;
};
