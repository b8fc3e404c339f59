import type { Logger } from '../../store/records/log.js';
import type { InstanceLock } from '../../store/disk/lock.js';
import type { Clock } from '../../store/ground/clock.js';
import type { KeptClients } from '../../store/settings/kept-clients.js';
import { checkGivenClient, SettingsError, type GivenClient, type Settings } from '../../store/settings/settings.js';
import type { OAuthClientRequest, OperationReply } from '../contract/operations.js';
import { causes } from '../contract/causes.js';
import type { OAuthClients } from '../oauth/clients.js';
import {
  ClientRefused,
  GrantRefused,
  RefreshError,
  RefreshRefused,
  TokenEndpointUnavailable,
} from '../oauth/errors.js';
import { inTime } from '../grants/exchanges.js';
import type { Google } from '../oauth/google.js';
import { ownValue } from '../../store/ground/json.js';

export interface ClientSetUpParts {
  readonly kept: Pick<KeptClients, 'saveClient'>;
  readonly lock: Pick<InstanceLock, 'prove'>;
  readonly google: Pick<Google, 'exchange'>;
  readonly clients: OAuthClients;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly oauth: Pick<Settings['oauth'], 'timeoutMs'>;
}

/**
 * A text that is nobody's refresh token: Google answers `invalid_grant` to it if it knows the client, and
 * `invalid_client` if it does not.
 */
const NO_TOKEN = 'regrant-asks-whether-the-client-is-known';

const NO_SECRET =
  'nothing is saved: no secret was given, and none is stored; the Google Cloud console shows that of a desktop client';

/**
 * Takes in an OAuth client that the operator typed: checks it with Google, saves it in the settings, and uses it from
 * then on.
 */
export class ClientSetUp {
  constructor(private readonly parts: ClientSetUpParts) {}

  async save({ client, id, secret, withoutSecret = false }: OAuthClientRequest): Promise<OperationReply> {
    const { clients } = this.parts;
    const name = client ?? clients.defaultName;
    const before = clients.get(name);
    // an empty secret with the same id means that the secret, which is not shown, stays
    const given = { name, id, secret: secret === '' && before?.id === id ? before.secret : secret };
    try {
      checkGivenClient(given);
      if (given.secret === '' && !withoutSecret) return { ok: false, text: NO_SECRET };
      const verdict = await this.ask(given);
      return verdict.ok ? await this.keep(given, verdict.text) : verdict;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      return { ok: false, text: error.message };
    }
  }

  /** Whether Google knows the client; if Google cannot be asked, the client is accepted. */
  private async ask(given: GivenClient): Promise<OperationReply> {
    try {
      const { google, oauth, clock } = this.parts;
      await inTime(google.exchange(NO_TOKEN, given), oauth.timeoutMs, clock);
      return { ok: true, text: KNOWN };
    } catch (error) {
      if (!(error instanceof RefreshError)) throw error;
      return verdictOf(error);
    }
  }

  private async keep(given: GivenClient, verdict: string): Promise<OperationReply> {
    const { kept, lock, clients, logger } = this.parts;
    // Google took its time
    await lock.prove();
    const oauth = await kept.saveClient(given);
    clients.configure(oauth);
    const holds = ownValue(oauth.clients, given.name);
    const overruled = holds?.id !== given.id || holds.secret !== given.secret;
    const but = overruled ? '; but the environment (REGRANT_OAUTH_CLIENTS_…) sets another one, and that one holds' : '';
    const text = `OAuth client "${given.name}" is saved and used from now on: ${verdict}${but}`;
    logger.info(text);
    return { ok: true, text };
  }
}

const KNOWN = 'Google knows it';

function verdictOf(error: RefreshError): OperationReply {
  if (error instanceof GrantRefused) return { ok: true, text: KNOWN };
  if (error instanceof TokenEndpointUnavailable) {
    return { ok: true, text: `Google could not be asked about it (${error.message}); the first login will tell` };
  }
  if (error instanceof ClientRefused) {
    return {
      ok: false,
      text: `nothing is saved: Google says ${error.message}; ${mend[error.cause] ?? causes[error.cause].next}`,
    };
  }
  // the client was known, otherwise Google would have said nothing about the token
  if (error instanceof RefreshRefused && error.serverCode !== 'invalid_request') return { ok: true, text: KNOWN };
  return { ok: false, text: `nothing is saved: Google says ${error.message}` };
}

/** What to do about a client that was not saved. */
const mend: Partial<Record<ClientRefused['cause'], string>> = {
  client_invalid: 'compare id and secret with what the Google Cloud console shows',
};
