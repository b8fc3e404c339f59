import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const NEAR = '10.9.0.1';
const FAR = '10.9.0.2';
export const FAR_PORT = 9_000;
const INSIDE = 'REGRANT_TEST_IN_NETWORK';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/**
 * Runs this test file once more in a network of its own, where that is allowed.
 *
 * @param inside - registers and runs the tests; called there alone
 * @param outside - called where it is not allowed, with why
 */
export function inOwnNetwork(inside: () => void, outside: (why: string) => void): void {
  if (process.env[INSIDE] !== undefined) {
    inside();
    return;
  }
  const allowed = spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  if (allowed.status !== 0) {
    outside(allowed.error?.message ?? allowed.stderr.trim());
    return;
  }
  const again = [...process.execArgv, process.argv[1] ?? ''];
  const env = { ...process.env, [INSIDE]: '1' };
  process.exitCode = spawnSync('unshare', ['-rn', process.execPath, ...again], { env, stdio: 'inherit' }).status ?? 1;
}

/** An upstream on another machine, as far as TCP can tell. */
export class FarBox {
  readonly url = `http://${FAR}:${FAR_PORT}`;
  /** Of each request that it got: the port that it came from, and its path. */
  readonly requests: { readonly port: number; readonly path: string }[] = [];
  private forgotten = 0;
  private latest = '';
  private tell: () => void = () => undefined;

  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<FarBox> {
    ip('link', 'set', 'lo', 'up');
    const program = path.join(import.meta.dirname, 'far-upstream.mjs');
    const line =
      'echo entered; until ip addr add "$0"/24 dev far 2> /dev/null; do sleep 0.02; done; ip link set far up; exec "$@"';
    const child = spawn('unshare', ['-n', 'sh', '-c', line, FAR, process.execPath, program, FAR, String(FAR_PORT)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const box = new FarBox(child);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (said: string) => box.heard(said));
    await box.said('entered');
    ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
    ip('addr', 'add', `${NEAR}/24`, 'dev', 'near');
    ip('link', 'set', 'near', 'up');
    ip('link', 'set', 'far', 'netns', String(child.pid));
    await box.said('ready');
    // so that a rule is looked at before it is clear whose packet it is
    box.in('sysctl', '-qw', 'net.ipv4.ip_early_demux=0');
    box.in('ip', 'rule', 'add', 'pref', '100', 'lookup', 'local');
    box.in('ip', 'rule', 'del', 'pref', '0');
    return box;
  }

  /** Drops every packet of the connection that comes from this port, without a word. */
  forget(port: number): void {
    this.forgotten += 1;
    const rule = ['ipproto', 'tcp', 'sport', String(port), 'blackhole'];
    this.in('ip', 'rule', 'add', 'pref', String(this.forgotten), ...rule);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'close');
  }

  /** Resolves once the box has said this. */
  private async said(what: string): Promise<void> {
    while (this.latest !== what) await new Promise<void>((resolve) => (this.tell = resolve));
  }

  private heard(said: string): void {
    const [port = '', asked] = said.split(' ');
    if (asked !== undefined) this.requests.push({ port: Number(port), path: asked });
    this.latest = said;
    this.tell();
  }

  private in(...command: string[]): void {
    execFileSync('nsenter', ['-t', String(this.child.pid), '-n', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
