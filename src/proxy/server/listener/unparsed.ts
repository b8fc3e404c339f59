import { systemCode } from '../../../store/ground/errors.js';
import { ownValue } from '../../../store/ground/json.js';

/** The answer to what is no HTTP/1 request, as Node's own server would give it. */
export interface UnparsedAnswer {
  readonly status: number;
  readonly bytes: string;
  /** Whether the client began with HTTP/2 without asking first (RFC 9113 §3.3). */
  readonly isHttp2: boolean;
}

const reasons = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
  505: 'HTTP Version Not Supported',
} as const;
type Status = keyof typeof reasons;

const byCode: Readonly<Partial<Record<string, Status>>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What an HTTP/2 connection begins with. */
const PREFACE = 'PRI * HTTP/2.0';
const NO_HTTP2 = 'regrant speaks HTTP/1.1 on this port, not HTTP/2 (with curl: --http1.1)\n';

/** The answer to a client whose bytes could not be parsed. @param error - as the event `clientError` gives it */
export function unparsedAnswer(error: Error): UnparsedAnswer {
  const { rawPacket } = error as { readonly rawPacket?: Buffer };
  const isHttp2 = rawPacket?.subarray(0, PREFACE.length).toString('latin1') === PREFACE;
  const status = isHttp2 ? 505 : (ownValue(byCode, systemCode(error)) ?? 400);
  const body = isHttp2 ? NO_HTTP2 : '';
  const head = `HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\n`;
  const typed = isHttp2 ? `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\n` : '';
  return { status, bytes: `${head}${typed}\r\n${body}`, isHttp2 };
}
