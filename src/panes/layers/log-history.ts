/** Goes to other times of the log: in memory where the records are there, else in the log's files. */
import type { Desk } from '../desk/desk.js';
import { LogArchive } from '../views/log/archive.js';
import { wordsOf } from '../text/text.js';
import type { Feed, LogRecord } from '../../proxy/contract/supervisor.js';
import { tell } from '../../store/words/tongue.js';

/** The part of a desk that is about the log. */
type LogDesk = Pick<Desk, 'log' | 'logs' | 'supervisor' | 'say' | 'changed' | 'focusOn'>;

/** Goes to the first line of this time (ms since 1970) or later. */
export function goToTime(desk: LogDesk, time: number): void {
  desk.focusOn('log');
  const { logs } = desk.supervisor;
  const seq = seqFrom(logs, time);
  if (seq === null) {
    readAround(desk, time);
    return;
  }
  desk.log.follow();
  desk.log.standOn(seq, logs);
}

/**
 * Number of the first record in memory of this time or later; null where the records in memory begin later, or there
 * are none.
 */
function seqFrom(logs: Feed<LogRecord>, time: number): number | null {
  const first = logs.at(logs.first);
  if (first === undefined || first.time > time) return null;
  for (let seq = logs.next - 1; seq > logs.first; seq--) {
    if ((logs.at(seq - 1)?.time ?? 0) < time) return seq;
  }
  return logs.first;
}

/** Shows the part of the files around a time, unless something else was chosen before they were read. */
function readAround(desk: LogDesk, time: number, then: () => void = () => undefined): void {
  const { log } = desk;
  const read = Symbol('read');
  log.reading = read;
  const isWanted = (): boolean => {
    const wanted = log.reading === read;
    if (wanted) log.reading = null;
    return wanted;
  };
  desk.supervisor.operations.logAround(time).then(
    (part) => {
      if (!isWanted()) return;
      if (part.lines.length === 0) desk.say(tell("the log's files hold no line of that time"), 'warn');
      else {
        log.open(new LogArchive(part), time);
        then();
      }
      desk.changed();
    },
    (error: unknown) => {
      if (isWanted()) desk.say(wordsOf(error), 'warn');
    },
  );
}

/** Moves by so many lines, on into the files where the lines in memory end. */
export function moveInLog(desk: LogDesk, by: number): void {
  const { log, logs } = desk;
  const leftAt = log.leftAt(logs);
  if (leftAt !== null) {
    if (log.reading === null) readAround(desk, leftAt, () => log.move(by, desk.logs));
    return;
  }
  const met = log.move(by, logs);
  if (met === 'moved') log.reading = null;
  if (met === 'moved' || log.busy || log.reading !== null) return;
  const { archive } = log;
  if (met === 'above' && (archive?.older ?? true)) {
    const first = logs.at(logs.first);
    if (first !== undefined) readAround(desk, first.time, () => desk.log.move(-1, desk.logs));
  } else if (met === 'below' && archive !== null) {
    const last = logs.at(logs.next - 1);
    if (archive.newer && last !== undefined) readAround(desk, last.time, () => desk.log.move(1, desk.logs));
    else log.follow();
  }
}
