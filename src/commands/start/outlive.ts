import { ControlClient } from '../../control/client.js';
import { connectTo } from '../../control/place.js';
import { HANDOVER, type Succession } from '../../proxy/contract/succession/handover.js';
import { RegrantError } from '../../store/ground/errors.js';
import { byItself } from '../../store/ground/faults.js';
import { within } from '../../store/ground/within.js';
import type { Context } from '../context.js';
import type { Service } from './service.js';
import type { SuccessorProcess } from './handover/successor-process.js';

/** How often the successor is told what ended here. */
const TELL_EVERY_MS = 100;
/** How long the service manager may take to hear of the successor. */
const SETTLED_MS = 5_000;

/**
 * What is left to do once a successor serves: lets the last requests end, and tells the successor of each. Resolves when
 * nothing is left, or when `ended` does.
 */
export async function outlive(
  context: Context,
  service: Service,
  successor: SuccessorProcess,
  ended: Promise<unknown>,
): Promise<void> {
  const { succession } = service.supervisor;
  const told = new Heir(context, succession);
  const over = { yet: false };
  const end = (): void => void (over.yet = true);
  const drained = Promise.all([succession.drained(), service.handedOver()]).then(end);
  const stopped = Promise.race([ended, told.stopped]).then(end);
  const nothingLeft = Promise.race([drained, stopped]);
  const telling = (async () => {
    while (!over.yet) {
      await told.tell();
      // not `clock.wait`: whoever pressed d would wait for the shell until the rest of it is over
      await within(nothingLeft, TELL_EVERY_MS, context.clock, () => undefined);
    }
    await told.tell();
  })();
  await nothingLeft;
  await telling;
  await within(successor.settled, SETTLED_MS, context.clock, () => undefined);
  successor.letGo();
  told.close();
}

/** The supervisor that goes on in this process's place: the successor, or after another restart its own. */
class Heir {
  /** Resolves when it was asked to stop. */
  readonly stopped: Promise<void>;
  private tellStopped: () => void = () => undefined;
  private client: ControlClient | null = null;

  constructor(
    private readonly context: Context,
    private readonly succession: Pick<Succession, 'news' | 'tellAnew'>,
  ) {
    this.stopped = new Promise((resolve) => (this.tellStopped = resolve));
  }

  /** Tells it all news that there is; if it cannot be reached, that is lost. */
  async tell(): Promise<void> {
    const client = await this.reach();
    if (client === null) return;
    const { succession } = this;
    try {
      for (let news = succession.news(); news !== null; news = succession.news())
        await client.request('predecessor', [news]);
    } catch (error) {
      if (!(error instanceof RegrantError)) throw error;
    }
  }

  close(): void {
    this.client?.close();
  }

  private async reach(): Promise<ControlClient | null> {
    if (this.client !== null) return this.client;
    const { dataDir, env } = this.context;
    try {
      this.client = await connectTo(dataDir, env, { handover: HANDOVER });
    } catch (error) {
      if (!(error instanceof RegrantError)) throw error;
    }
    const { client } = this;
    client?.onPush((push) => {
      if (push.push === 'farewell' && !push.heir) this.tellStopped();
    });
    if (client !== null) {
      this.succession.tellAnew();
      byItself(
        'the end of a connection to the successor',
        client.closed().then(() => void (this.client = null)),
      );
    }
    return client;
  }
}
