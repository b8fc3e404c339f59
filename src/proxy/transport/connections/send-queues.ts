/** What the system knows of bytes on their way to the other end of a connection. Only Linux tells. */
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import type { Socket } from 'node:net';

/** The bytes of a connection that the other end has not acknowledged. */
export interface SendQueue {
  readonly bytes: number;
  /** How many times in a row they, or a question whether there is room for them, were sent again without an answer. */
  readonly repeats: number;
  /** Whether the other end said that it has no room for more. */
  readonly isFull: boolean;
}

type Family = 'tcp' | 'tcp6';

/** The two ends of a connection as `/proc/net/tcp` writes them. */
export interface Ends {
  readonly family: Family;
  readonly key: string;
}

/** Kernel's number of the timer that asks an end that was full whether it has room again (tcp(4) of Linux). */
const ASKS_FOR_ROOM = '04';

/** The ends of an open connection; null: it has none of its own that the system knows, or it has been closed. */
export function endsOf(socket: Socket): Ends | null {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined) return null;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  const local = hexAddress(localAddress);
  const remote = hexAddress(remoteAddress);
  const family = local.length === IPV4_DIGITS ? 'tcp' : 'tcp6';
  return { family, key: `${local}:${hexPort(localPort)} ${remote}:${hexPort(remotePort)}` };
}

/**
 * The send queues of these connections, by `Ends.key`; those that are closed are missing.
 *
 * @throws the system's error; ENOENT and EACCES: this system does not tell
 */
export async function readSendQueues(wanted: readonly Ends[]): Promise<ReadonlyMap<string, SendQueue>> {
  const keys = new Set(wanted.map(({ key }) => key));
  const families = [...new Set(wanted.map(({ family }) => family))];
  const tables = await Promise.all(families.map((family) => readFile(`/proc/self/net/${family}`, 'latin1')));
  return new Map(tables.flatMap((table) => [...sendQueuesIn(table, keys)]));
}

/** The send queues that the text of `/proc/net/tcp` or `tcp6` has of these keys. */
export function* sendQueuesIn(table: string, keys: ReadonlySet<string>): Generator<[string, SendQueue]> {
  for (const line of table.split('\n')) {
    const from = line.indexOf(': ') + 2;
    const to = line.indexOf(' ', line.indexOf(' ', from) + 1);
    const key = line.slice(from, to);
    if (!keys.has(key)) continue;
    const [, queues = '', timer = '', retransmits = '', , probes] = line.slice(to + 1).split(/ +/);
    const isFull = timer.startsWith(ASKS_FOR_ROOM);
    const repeats = isFull ? Number(probes) : Number.parseInt(retransmits, 16);
    yield [key, { bytes: Number.parseInt(queues, 16), repeats, isFull }];
  }
}

const IPV4_DIGITS = 8;
const IPV6_BYTES = 16;

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** An address as the kernel prints it: words of 32 bits, each as the machine's memory has it. */
function hexAddress(address: string): string {
  const bytes = Buffer.from(address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address));
  return (endianness() === 'LE' ? bytes.swap32() : bytes).toString('hex').toUpperCase();
}

const ipv4Bytes = (address: string): number[] => address.split('.').map(Number);

function ipv6Bytes(address: string): number[] {
  const [front = [], back = []] = address.replace(/%.*/, '').split('::').map(groupBytes);
  const zeros = new Array<number>(IPV6_BYTES - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back];
}

/** The bytes of groups with colons between them, of which the last may be an IPv4 address. */
function groupBytes(groups: string): number[] {
  return groups
    .split(':')
    .filter(Boolean)
    .flatMap((group) => {
      if (group.includes('.')) return ipv4Bytes(group);
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    });
}
