/**
 * A network for boxes: each in a namespace of its own with an address of its own, joined by a bridge, on which the simulated
 * Google and the database's servers have theirs. Needs Linux, root and `ip`.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';

const BRIDGE = 'rgbr';
/** Where Google and the two servers of the database are, as the boxes see it. */
export const addresses = { google: '10.77.0.1', databases: ['10.77.0.9', '10.77.0.10'] } as const;

const ip = (...words: readonly string[]): void => void execFileSync('ip', words, { stdio: 'pipe' });

/** Passes connections on, as a process of its own: what else a test does costs no time on the way. */
export interface Line {
  close(): void;
}

/** Arguments: where it listens, host and port, and where that leads, likewise. */
const FORWARDER = `const net = require('node:net');
const [host, port, toHost, to] = process.argv.slice(1);
net.createServer((near) => {
  const far = net.connect(Number(to), toHost);
  for (const [one, other] of [[near, far], [far, near]]) one.setNoDelay(true).on('error', () => other.destroy()).on('close', () => other.destroy()).pipe(other);
}).listen(Number(port), host, () => console.log('listens'));`;

/** Leads to a port on loopback. */
export async function lineAt(host: string, port: number, to: number): Promise<Line> {
  const words = ['-e', FORWARDER, host, String(port), '127.0.0.1', String(to)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`nothing can listen on ${host}:${port}`)));
  });
  return { close: () => void child.kill('SIGKILL') };
}

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
    // its loopback has Google's port, since a token endpoint without TLS is allowed there alone
    const port = String(googlePort);
    this.run(process.execPath, ['-e', FORWARDER, '127.0.0.1', port, addresses.google, port]);
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
