/**
 * A client's request that cannot be served as it stands. It is answered 400 in its protocol's shape before any account is
 * asked, so the message says which field it is about and what to do.
 */
export class BadRequest extends Error {
  readonly code = 'BAD_REQUEST';

  /**
   * @param field - its path in the request, `messages[3].content[0].source`
   * @param protocolCode - what the protocol itself calls it, where that has a name clients look for
   */
  constructor(
    message: string,
    readonly field: string,
    readonly protocolCode: string | null = null,
  ) {
    super(message.includes(field) ? message : `${field}: ${message}`);
  }
}
