import type { OwnError } from '../../../http/own-answer.js';
import type { Trouble, TroubleKind } from './trouble.js';

const KINDS: Readonly<Record<OwnError['status'], TroubleKind>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'bad_request',
  408: 'bad_request',
  413: 'too_large',
  417: 'bad_request',
  429: 'rate_limited',
  431: 'bad_request',
  500: 'failed',
  501: 'bad_request',
  502: 'failed',
  503: 'none_serves',
  504: 'failed',
};

/** The trouble that stands for an error of the proxy's own in the translated protocols. */
export function ownTrouble({ status, message, code, headers = [] }: OwnError): Trouble {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'retry-after');
  const seconds = at < 0 ? NaN : Number(headers[at + 1]);
  return {
    ...{ kind: KINDS[status], status, message },
    ...(code !== undefined && { protocolCode: code }),
    ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
  };
}
