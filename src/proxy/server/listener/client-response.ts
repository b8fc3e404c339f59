import http, { type IncomingMessage } from 'node:http';
import { KEEP_ALIVE_MS } from './idle-connections.js';

/** How Node's own response hands over each part of an answer. The types do not know it. */
type Send = (data: string | Buffer, encoding: string | null, sent?: (() => void) | null, bytes?: number) => boolean;

const { _send: sendPart } = http.OutgoingMessage.prototype as unknown as { readonly _send: Send };

/** The response to a client: every answer is sent by it, whichever code made it. */
export class ClientResponse<Request extends IncomingMessage = IncomingMessage> extends http.ServerResponse<Request> {
  /** Headers that are sent with any answer; names and values alternating. */
  added: readonly string[] = [];
  /** Of how long its connection is kept a header tells the client: Node's server would set 0, its own time. */
  get _keepAliveTimeout(): number {
    return KEEP_ALIVE_MS;
  }

  set _keepAliveTimeout(_: number) {
    // it stays as it is
  }

  /** A whole body on its way: `begun` until Node has handed it over, then the text. null: none is. */
  private whole: 'begun' | { readonly text: string; readonly sent: (() => void) | null | undefined } | null = null;

  /** Like Node's `writeHead`, for headers as a flat list. Called for every answer, so it makes no list but that. */
  override writeHead(status: number, reason?: unknown, given?: unknown): this {
    const headers = typeof reason === 'string' ? given : (given ?? reason);
    const all = Array.isArray(headers) && this.added.length > 0 ? joined(headers as string[], this.added) : headers;
    return typeof reason === 'string'
      ? super.writeHead(status, reason, all as string[])
      : super.writeHead(status, all as string[]);
  }

  /**
   * Ends the answer with all of its body, latin1: head and body are one piece, and so are written by the cheaper call of
   * the system. By `end` they would be two, of which the last is empty.
   */
  endWith(body: string): void {
    this.whole = 'begun';
    this.end(body, 'latin1');
    const unsent = this.whole as ClientResponse['whole'];
    this.whole = null;
    // the answer to a HEAD: Node handed over its end alone
    if (unsent !== null && unsent !== 'begun') sendPart.call(this, unsent.text, 'latin1', unsent.sent);
  }

  /** Called by Node, with the body first and then with nothing, and what is to be called once that was sent. */
  protected _send(data: string | Buffer, encoding: string | null, sent?: (() => void) | null, bytes?: number): boolean {
    const { whole } = this;
    if (whole === null || typeof data !== 'string') return sendPart.call(this, data, encoding, sent, bytes);
    if (whole === 'begun') {
      this.whole = { text: data, sent };
      return true;
    }
    this.whole = null;
    return sendPart.call(this, whole.text + data, 'latin1', sent);
  }
}

/** Faster than `concat`, which is a call of C++. */
function joined(some: readonly string[], more: readonly string[]): string[] {
  const all = some.slice();
  for (const one of more) all.push(one);
  return all;
}
