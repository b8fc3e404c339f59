/**
 * A network for boxes: each in a namespace of its own with an address of its own, joined by a bridge, on which the simulated
 * Google and the database's servers have theirs. Needs Linux, root and `ip`.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import net from 'node:net';

const BRIDGE = 'rgbr';
/** Where Google and the two servers of the database are, as the boxes see it. */
export const addresses = { google: '10.77.0.1', databases: ['10.77.0.9', '10.77.0.10'] } as const;

const ip = (...words: readonly string[]): void => void execFileSync('ip', words, { stdio: 'pipe' });

/** Passes connections on; one that cannot be passed on is broken. */
export interface Line {
  /** Where new connections lead from now on: a port on loopback. */
  leadTo(port: number): void;
  close(): void;
}

export async function lineAt(host: string, port: number, target: number): Promise<Line> {
  let to = target;
  const open = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(to, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    leadTo: (next) => void (to = next),
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Runs in a namespace: its loopback has Google's port, since a token endpoint without TLS is allowed there alone. */
const FORWARDER = `const net = require('node:net');
const [port, host] = process.argv.slice(1);
net.createServer((near) => {
  const far = net.connect(Number(port), host);
  for (const [one, other] of [[near, far], [far, near]]) one.setNoDelay(true).on('error', () => other.destroy()).on('close', () => other.destroy()).pipe(other);
}).listen(Number(port), '127.0.0.1');`;

/** The place of one box in the network. */
export class BoxPlace {
  readonly address: string;
  private readonly namespace: string;
  private readonly cable: string;
  private readonly children = new Set<ChildProcess>();

  constructor(at: number) {
    this.address = `10.77.0.${21 + at}`;
    this.namespace = `regrant-box-${at}`;
    this.cable = `rgv${at}`;
  }

  build(googlePort: number): void {
    const { namespace, cable, address } = this;
    ip('netns', 'add', namespace);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('link', 'set', cable, 'master', BRIDGE, 'up');
    ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', namespace, 'link', 'set', device, 'up');
    this.run(process.execPath, ['-e', FORWARDER, String(googlePort), addresses.google]);
  }

  /** The words that run a program in there. */
  within(program: string, words: readonly string[]): readonly [program: string, words: string[]] {
    return ['ip', ['netns', 'exec', this.namespace, program, ...words]];
  }

  run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
    const child = spawn(...this.within(program, words), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  /** Nothing it sends to the database's servers gets there, and it is not told so. */
  cutFromDatabase(): void {
    for (const one of addresses.databases) ip('-n', this.namespace, 'route', 'add', 'blackhole', `${one}/32`);
  }

  mend(): void {
    for (const one of addresses.databases) ip('-n', this.namespace, 'route', 'del', 'blackhole', `${one}/32`);
  }

  unplug(): void {
    ip('link', 'set', this.cable, 'down');
  }

  plug(): void {
    ip('link', 'set', this.cable, 'up');
  }

  remove(): void {
    for (const child of this.children) child.kill('SIGKILL');
    for (const words of [
      ['netns', 'del', this.namespace],
      ['link', 'del', this.cable],
    ])
      tried(words);
  }
}

const tried = (words: readonly string[]): boolean => {
  try {
    ip(...words);
    return true;
  } catch {
    return false;
  }
};

/** Hands in the places of `count` boxes; null: no such network can be made here. */
export async function withBoxNetwork(
  count: number,
  googlePort: number,
  use: (places: readonly BoxPlace[]) => Promise<void>,
): Promise<'done' | null> {
  const places = Array.from({ length: count }, (_, at) => new BoxPlace(at));
  const remove = (): void => {
    for (const place of places) place.remove();
    tried(['link', 'del', BRIDGE]);
  };
  remove();
  if (!tried(['link', 'add', BRIDGE, 'type', 'bridge'])) return null;
  try {
    for (const address of [addresses.google, ...addresses.databases]) ip('addr', 'add', `${address}/24`, 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
    for (const place of places) place.build(googlePort);
    await use(places);
    return 'done';
  } finally {
    remove();
  }
}
