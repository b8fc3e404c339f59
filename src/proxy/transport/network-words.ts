/** What an error code of a connection means, in the same words everywhere. */
import type { PlainSentence } from '../../store/words/tongue.js';
export const networkWords: Readonly<Record<string, PlainSentence>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'the host name is not known (DNS)',
  EAI_AGAIN: 'the name server does not answer (DNS)',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  EPIPE: 'connection lost',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer paused for too long',
  UND_ERR_SOCKET: 'connection lost',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was shorter than it said',
  UND_ERR_ABORTED: 'given up',
  UND_ERR_INVALID_ARG: "the account's access token or project cannot stand in a header",
  EPROXY: 'the outbound proxy refused',
  ERR_UNACKNOWLEDGED: 'nobody acknowledged the request',
  ECONNABORTED: 'connection lost',
  EPROTO: 'no TLS could be agreed on',
  CERT_HAS_EXPIRED: "the server's certificate has expired, or this machine's clock is ahead",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet: this machine's clock is behind",
  DEPTH_ZERO_SELF_SIGNED_CERT: 'a self-signed certificate, perhaps a proxy that opens TLS',
  SELF_SIGNED_CERT_IN_CHAIN: 'a self-signed certificate, perhaps a proxy that opens TLS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'a certificate that nobody vouches for',
  UNABLE_TO_GET_ISSUER_CERT: 'a certificate that nobody vouches for',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'a certificate that nobody vouches for',
  ERR_TLS_CERT_ALTNAME_INVALID: 'a certificate for another host',
};

const OWN_AUTHORITY: PlainSentence =
  'where a company or a proxy vouches with an authority of its own, name its certificate in NODE_EXTRA_CA_CERTS';
const CLOCK: PlainSentence = "set this machine's clock";

/** What helps against an error of a certificate; other errors are about the connection. */
export const certificateAdvice: Readonly<Record<string, PlainSentence>> = {
  CERT_HAS_EXPIRED: CLOCK,
  CERT_NOT_YET_VALID: CLOCK,
  DEPTH_ZERO_SELF_SIGNED_CERT: OWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: OWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: OWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: OWN_AUTHORITY,
};
