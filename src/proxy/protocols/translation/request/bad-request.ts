/**
 * A client's request that cannot be served as it is. It is answered 400 in its protocol's form before any account is
 * asked, so the message says which field is wrong and what to do.
 */
export class BadRequest extends Error {
  readonly code = 'BAD_REQUEST';

  /**
   * @param field - its path in the request, `messages[3].content[0].source`
   * @param protocolCode - the protocol's own code, if it has one that clients look for
   */
  constructor(
    message: string,
    readonly field: string,
    readonly protocolCode: string | null = null,
  ) {
    super(message.includes(field) ? message : `${field}: ${message}`);
  }
}
