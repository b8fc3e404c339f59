import type { LogRecord } from './log-record.js';
import type { AccessRecord } from './access-record.js';
import { BoundedMap } from '../ground/bounded-map.js';

/** A request's record as a screen gets it; its text and its line are made only when somebody asks for them. */
export class AccessEntry implements LogRecord {
  /** Empty: the entry is of our own log. */
  readonly source = '';

  constructor(
    readonly seq: number,
    readonly time: number,
    readonly level: number,
    readonly access: AccessRecord,
  ) {}

  get msg(): string {
    const { status, method, path } = this.access;
    return `${status} ${method} ${path}`;
  }

  get account(): string | null {
    return this.access.account;
  }

  get line(): string {
    return accessLine(this.level, this.time, this.access, commonOf(this.access));
  }
}

/**
 * The line of the log file, as pino would write it, at a fraction of the cost: only these few strings can hold a
 * character that must be escaped.
 */
export function accessLine(level: number, time: number, access: AccessRecord, common: Common): string {
  const { id, account, ms, ttfbMs, bytes, tokens, tries, left } = access;
  const { asked, client, plainly, said } = common;
  const end = isPlain(access) ? plainly : courseOf(access) + said;
  return (
    `{"level":${level},"time":${time},"access":{"id":"${id}${asked}${account === null ? 'null' : quoted(account)}` +
    `${client},"ms":${textOf(ms)},"ttfbMs":${ttfbMs === null ? 'null' : textOf(ttfbMs)},"bytes":${bytes},"tokens":${tokens},"tries":${tries},"left":` +
    `${left.length === 0 ? '[]' : JSON.stringify(left)}${end}`
  );
}

/** Whether nothing happened to the request on its way that most requests are spared. */
const isPlain = ({ waitedMs = 0, streamError = null, count = 1 }: AccessRecord): boolean =>
  waitedMs === 0 && streamError === null && count === 1;

/** What happened to the request on its way. */
const courseOf = ({ group, waitedMs, streamError, count }: AccessRecord): string =>
  `,"group":${quotedOrNull(group)},"waitedMs":${textOf(waitedMs ?? 0)},"streamError":${streamError ?? null},"count":${count ?? 1}`;

/** The client's key, address and protocol. */
const clientOf = ({ key, ip, protocol }: Alike): string =>
  `,"key":${quotedOrNull(key)},"ip":${quotedOrNull(ip)},"protocol":${quotedOrNull(protocol)}`;

const quotedOrNull = (text: string | null = null): string => (text === null ? 'null' : quoted(text));

/** The text of each hundredth from 0 to 0.99 without its leading zero. */
const fractions = Array.from({ length: 100 }, (_, hundredths) => String(hundredths / 100).slice(1));

/**
 * A number as JavaScript writes it. One with two decimals is put together from texts that are at hand: converted as a
 * whole, it would be looked up in V8's cache of number texts, never be found, and stay there until the next garbage
 * collection but one.
 */
function textOf(number: number): string {
  const hundredths = Math.round(number * 100);
  if (hundredths / 100 !== number || hundredths < 0) return String(number);
  const whole = Math.floor(hundredths / 100);
  return `${whole}${fractions[hundredths - whole * 100] ?? ''}`;
}

/** How many paths and accounts have their text kept, since the same ones come again and again. */
const MOST_KNOWN = 2_000;

/** What is the same in requests of the same path, model, client and outcome. */
export type Alike = Pick<
  AccessRecord,
  'method' | 'path' | 'model' | 'asked' | 'stream' | 'status' | 'key' | 'ip' | 'protocol' | 'group'
>;

/** What their lines have in common. */
export interface Common {
  readonly of: Alike;
  readonly asked: string;
  readonly client: string;
  readonly said: string;
  /** The same after the course of a request to which nothing special happened. */
  readonly plainly: string;
}

/** By path: what is made again for every line would be garbage for every line. */
const commons = new BoundedMap<string, Common>(MOST_KNOWN);

export function commonOf(access: AccessRecord): Common {
  const found = commons.get(access.path);
  if (found !== undefined && isLike(found.of, access)) return found;
  const { method, model, asked = null, stream, status, key = null, ip = null, protocol = null, group = null } = access;
  const path = JSON.stringify(access.path);
  const of = { method, path: access.path, model, asked, stream, status, key, ip, protocol, group };
  const said = `},"msg":"${status} ${method} ${path.slice(1)}}`;
  const made = {
    of,
    asked:
      `","method":"${method}","path":${path},"model":${JSON.stringify(model)},"asked":${JSON.stringify(asked)},` +
      `"stream":${stream},"status":${status},"account":`,
    client: clientOf(of),
    said,
    plainly: courseOf({ ...access, waitedMs: 0, streamError: null, count: 1 }) + said,
  };
  commons.set(access.path, made);
  return made;
}

const isLike = (one: Alike, other: Alike): boolean =>
  one.status === other.status &&
  one.method === other.method &&
  one.model === other.model &&
  one.asked === (other.asked ?? null) &&
  one.stream === other.stream &&
  one.key === (other.key ?? null) &&
  one.ip === (other.ip ?? null) &&
  one.protocol === (other.protocol ?? null) &&
  one.group === (other.group ?? null);

/** E-mail → its text as JSON. */
const known = new BoundedMap<string, string>(MOST_KNOWN);

/** A text as a JSON string. */
function quoted(text: string): string {
  const found = known.get(text);
  if (found !== undefined) return found;
  const made = JSON.stringify(text);
  known.set(text, made);
  return made;
}
