import { byItself } from '../../store/ground/faults.js';
import { Listeners } from '../../store/ground/listeners.js';
import { FIRST_ROWS, type Snapshot } from '../contract/snapshot.js';
import type { RunningSupervisor, Supervisor } from '../contract/supervisor.js';

/**
 * A supervisor as a screen in its process sees it: of very many accounts the first rows, until those of all are made, by
 * turns.
 */
export function firstRowsFirst(supervisor: RunningSupervisor): Supervisor {
  const preparing = supervisor.prepared();
  return preparing === null ? supervisor : new Opening(supervisor, preparing);
}

class Opening implements Supervisor {
  readonly operations: Supervisor['operations'];
  readonly events: Supervisor['events'];
  readonly logs: Supervisor['logs'];
  private areMade = false;
  private readonly listeners = new Listeners();

  constructor(
    private readonly supervisor: RunningSupervisor,
    preparing: Promise<void>,
  ) {
    ({ operations: this.operations, events: this.events, logs: this.logs } = supervisor);
    const whole = (): void => {
      this.areMade = true;
      this.listeners.tell();
    };
    byItself('the making of rows', preparing.finally(whole));
  }

  snapshot(): Snapshot {
    return this.areMade ? this.supervisor.snapshot() : this.supervisor.snapshot(FIRST_ROWS);
  }

  onChange(listener: () => void): () => void {
    const forget = [this.supervisor.onChange(listener), this.listeners.add(listener)];
    return () => forget.forEach((each) => each());
  }
}
