/** What an error code of a connection means, the same wherever it is told. */
export const networkWords: Readonly<Record<string, string>> = {
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
  UND_ERR_SOCKET: 'connection lost',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: 'a self-signed certificate, perhaps a proxy that opens TLS',
  SELF_SIGNED_CERT_IN_CHAIN: 'a self-signed certificate, perhaps a proxy that opens TLS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'a certificate that nobody vouches for',
  ERR_TLS_CERT_ALTNAME_INVALID: 'a certificate for another host',
};
