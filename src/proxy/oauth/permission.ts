import type { ExchangeStore, Sending, SendingFor } from '../../store/state/exchange-store.js';
import { NotAsked, TokenEndpointUnavailable } from './errors.js';
import { english } from '../../store/words/saying.js';

/** Nothing is sent: another process did it, and memory says so. */
export class DoneElsewhere extends Error {
  readonly code = 'DONE_ELSEWHERE';

  /** @param holds - the refresh token that is good now: the one that was to be sent, or what took its place */
  constructor(readonly holds: string) {
    super(english('another process has exchanged this refresh token'));
  }
}

/** Another process is sending the token at this moment. */
export class HeldElsewhere extends Error {
  readonly code = 'HELD_ELSEWHERE';

  constructor(readonly holder: Sending) {
    super(english('{box} is sending this refresh token', { box: holder.box }));
  }
}

/** What a screen says of a token whose last answer nobody knows. */
const doubtText = ({ box, at }: Sending): string =>
  english('{box} sent this token at {time} and never told what came back: start {name}, or re-add', {
    ...{ box, name: box },
    time: new Date(at).toTimeString().slice(0, 5),
  });

/**
 * Resolves if the token may be sent now, with who sent it before without telling what came back (null: nobody).
 *
 * @throws {DoneElsewhere | HeldElsewhere} it is another process's
 * @throws {TokenEndpointUnavailable | NotAsked} it may not be sent
 */
export async function permission(
  store: Pick<ExchangeStore, 'permit'>,
  sent: string,
  sending: SendingFor,
): Promise<Sending | null> {
  const permit = await store.permit(sent, sending);
  switch (permit.kind) {
    case 'granted':
      return permit.doubt;
    case 'adopted':
      throw new DoneElsewhere(sent);
    case 'replaced':
      throw new DoneElsewhere(permit.by);
    case 'held':
      throw new HeldElsewhere(permit);
    case 'doubt':
      throw new TokenEndpointUnavailable('in_doubt', 'in_doubt', doubtText(permit), permit.leftMs);
    case 'refused':
      throw new NotAsked('revoked', 'invalid_grant', english('refused before, not sent again'));
    case 'away':
      throw new TokenEndpointUnavailable('database', 'database_cut', permit.why);
  }
}
