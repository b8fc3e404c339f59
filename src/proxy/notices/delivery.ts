import { hostname } from 'node:os';
import { messageOf } from '../../store/ground/errors.js';
import { redact } from '../../store/ground/redact.js';
import { version } from '../../store/ground/version.js';
import type { Settings } from '../../store/settings/settings.js';
import { httpClient } from '../transport/http-client.js';
import { agentsFor, type OutboundProxy } from '../transport/outbound.js';
import { handed, harmless, runCommand } from './command.js';
import { messageFor, type NoticeMessage, refusalIn } from './formats.js';
import type { Notice } from './notice.js';

/** The ways by which a notice is sent. */
export type NoticeWay = 'command' | 'url';

export interface DeliveryParts {
  readonly settings: Settings['notify'];
  readonly env: NodeJS.ProcessEnv;
  readonly outbound: OutboundProxy;
  /** `host:port` of the proxy; empty: none listens. */
  readonly address: () => string;
  readonly standing: () => { readonly health: string; readonly accounts: number };
}

const REQUEST_TIMEOUT_MS = 10_000;
/** Five tries within about half a minute: enough for the receiver to restart; what fails then is tried again later. */
const RETRIES = 4;
const LONGEST_PAUSE_MS = 60_000;

/** Sends notices, in the format of the settings. */
export class Delivery {
  private readonly stopping = new AbortController();

  constructor(private readonly parts: DeliveryParts) {}

  /** The ways that are configured. */
  get ways(): readonly NoticeWay[] {
    const { command, url } = this.parts.settings;
    return [...(command === '' ? [] : (['command'] as const)), ...(url === '' ? [] : (['url'] as const))];
  }

  /** The name of a way for people. */
  nameOf(way: NoticeWay): string {
    const { url } = this.parts.settings;
    return way === 'command' || url === '' ? `notify.${way}` : new URL(url).host;
  }

  /** Sends one notice one way. @returns why that failed; null: it was delivered. Never rejects */
  deliver(way: NoticeWay, notice: Notice): Promise<string | null> {
    const { format, chatId } = this.parts.settings;
    const message = messageFor(format, this.bodyOf(notice), chatId);
    return way === 'command' ? this.run(notice, message) : this.post(message);
  }

  /** Gives up what is on its way by POST: its tries would keep the process for half a minute. */
  stop(): void {
    this.stopping.abort();
  }

  private bodyOf({ at, ...notice }: Notice) {
    const { standing, address } = this.parts;
    const around = { ...standing(), address: address(), host: hostname(), pid: process.pid, regrant: version };
    return { ...notice, at: new Date(at).toISOString(), ...around };
  }

  private run({ event, account }: Notice, { body }: NoticeMessage): Promise<string | null> {
    const { settings, env } = this.parts;
    const words = { REGRANT_EVENT: event, REGRANT_ACCOUNT: handed(account ?? '') };
    return runCommand(settings.command, body, { ...harmless(env), ...words });
  }

  private async post({ body, headers }: NoticeMessage): Promise<string | null> {
    const { settings, outbound } = this.parts;
    try {
      const got = await httpClient();
      const answer = await got.post(settings.url, {
        body,
        agent: await agentsFor(outbound, new URL(settings.url)),
        headers: { ...headers, 'user-agent': `regrant/${version}` },
        timeout: { request: REQUEST_TIMEOUT_MS },
        followRedirect: false,
        signal: this.stopping.signal,
        retry: { limit: RETRIES, methods: ['POST'], maxRetryAfter: LONGEST_PAUSE_MS },
      });
      return refusalIn(settings.format, answer.body)?.slice(0, 200) ?? null;
    } catch (error) {
      if (this.stopping.signal.aborted) return 'regrant stops; it is told after the next start';
      // the URL is taken out: it may be all that keeps others from posting there
      const { pathname } = new URL(settings.url);
      return redact(messageOf(error), [settings.url, pathname.length > 1 ? pathname : settings.url]).slice(0, 200);
    }
  }
}
