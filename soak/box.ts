/**
 * What a box does to a program that runs for months, by turns and under load: the installation, the network, names, the
 * runtime directory, logs, state/, the clock, descriptors and disk space go away and come back. Arguments: minutes (60).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ControlClient } from '../src/control/client.js';
import { readOwner } from '../src/store/disk/lock-owner.js';
import { account } from '../test/support/directory.js';
import { testClient, withGoogle } from '../test/support/google.js';
import { pause } from '../test/support/pause.js';

const minutes = Number(process.argv[2] ?? 60);
const root = path.join(import.meta.dirname, '..');
const KEY = 'sk-the-key-of-the-soak-of-the-box';
const ACCOUNTS = 8;
/** So long a fault lasts, and so long all may take to be well again. */
const FAULT_MS = 12_000;
const WELL_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 100;
const DAY_MS = 86_400_000;

const box = mkdtempSync(path.join(tmpdir(), 'regrant-box-'));
const at = (...parts: string[]): string => path.join(box, ...parts);

/** A way to the stand-in Google that can be cut. */
class Line {
  private readonly open = new Set<net.Socket>();
  private isCut = false;
  readonly server: net.Server;

  constructor(private readonly port: number) {
    this.server = net.createServer((socket) => this.pass(socket));
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.open) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  private pass(socket: net.Socket): void {
    socket.on('error', () => undefined);
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const there = net.connect(this.port, '127.0.0.1');
    there.on('error', () => socket.destroy());
    for (const one of [socket, there]) {
      this.open.add(one);
      one.on('close', () => this.open.delete(one));
    }
    socket.pipe(there).pipe(socket);
    socket.on('close', () => there.destroy());
    there.on('close', () => socket.destroy());
  }
}

/** An installation of its own, whose `node_modules` can be taken away; data on a small file system of its own where that can be. */
function install(): { readonly isSmallDisk: boolean } {
  cpSync(path.join(root, 'dist'), at('inst', 'dist'), { recursive: true });
  cpSync(path.join(root, 'package.json'), at('inst', 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), at('inst', 'node_modules'));
  for (const folder of ['data', 'runtime', 'faults']) mkdirSync(at(folder), { mode: 0o700 });
  let isSmallDisk = true;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=0755', 'tmpfs', at('data')], { stdio: 'ignore' });
  } catch {
    isSmallDisk = false;
    console.error(
      'box: no file system can be mounted here: the disk does not fill up, and the data directory is closed',
    );
  }
  mkdirSync(at('data', 'accounts'), { mode: 0o700 });
  return { isSmallDisk };
}

class Program {
  exits = 0;
  address = '';
  private child: ChildProcess | null = null;
  private isWanted = true;

  async start(): Promise<void> {
    const { PATH, HOME } = process.env;
    const hook = path.join(root, 'test', 'support', 'box-faults.mjs');
    const env = {
      PATH,
      HOME,
      XDG_RUNTIME_DIR: at('runtime'),
      BOX_FAULTS: at('faults'),
      NODE_OPTIONS: `--import ${hook}`,
    };
    const line = `ulimit -n 400; exec ${process.execPath} ${at('inst/dist/app.js')} --headless --data-dir ${at('data')}`;
    const child = spawn('/bin/sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    this.isWanted = true;
    child.once('exit', () => {
      if (this.isWanted) this.exits++;
    });
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const found = /serves on (\S+) with/.exec(text)?.[1];
        if (found === undefined) return;
        this.address = found;
        resolve();
      });
    });
  }

  async stop(): Promise<number | null> {
    this.isWanted = false;
    const { child } = this;
    if (child?.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    return ended;
  }
}

const program = new Program();

const ask = async (): Promise<number> => {
  try {
    const response = await fetch(`http://${program.address}/v1beta/models/gemini-3-flash:generateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': KEY },
      body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
      signal: AbortSignal.timeout(20_000),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
};

interface Whole {
  readonly health: string;
  /** What is not well beside. */
  readonly troubles: readonly string[];
}

/** As the supervisor tells it over its socket; null: it cannot be asked. */
async function whole(): Promise<Whole | null> {
  const socket = readOwner(at('data/state/lock'))?.socket ?? '';
  const client = await ControlClient.connect(socket).catch(() => null);
  if (client === null) return null;
  try {
    const { status, unsaved, log } = await client.request('status', []);
    const isLogged = (log as { readonly ok?: boolean } | undefined)?.ok !== false;
    return { health: status, troubles: [...(unsaved > 0 ? ['unsaved'] : []), ...(isLogged ? [] : ['log'])] };
  } catch {
    return null;
  } finally {
    client.close();
  }
}

interface Fault {
  readonly name: string;
  readonly breaks: () => void | Promise<void>;
  readonly mends: () => void | Promise<void>;
  /** Requests may fail meanwhile: nobody can help it. */
  readonly mayFail: boolean;
  /** What the log, or a look, has to say of it; null: it is to go unnoticed. */
  readonly told: RegExp | null;
}

function faultsOf(line: Line, isSmallDisk: boolean): readonly Fault[] {
  const idle: net.Socket[] = [];
  const full: Fault = {
    name: 'disk',
    mayFail: false,
    told: /not saved|cannot be written|no space/,
    breaks: () => {
      try {
        writeFileSync(at('data/filler'), Buffer.alloc(32 * 1024 * 1024));
      } catch {
        // that is the point
      }
    },
    mends: () => rmSync(at('data/filler'), { force: true }),
  };
  return [
    {
      name: 'node_modules',
      mayFail: false,
      told: null,
      breaks: () => unlinkSync(at('inst/node_modules')),
      mends: () => symlinkSync(path.join(root, 'node_modules'), at('inst/node_modules')),
    },
    {
      name: 'network',
      mayFail: true,
      told: /Token refresh failed|5\d\d POST/,
      breaks: () => line.cut(),
      mends: () => line.mend(),
    },
    {
      name: 'dns',
      mayFail: true,
      told: /DNS|EAI_AGAIN|Token refresh failed/,
      breaks: () => {
        writeFileSync(at('faults/dns-down'), '');
        line.cut();
      },
      mends: () => {
        unlinkSync(at('faults/dns-down'));
        line.mend();
      },
    },
    {
      name: 'runtime directory',
      mayFail: false,
      told: null,
      breaks: () => rmSync(at('runtime'), { recursive: true }),
      mends: () => mkdirSync(at('runtime'), { mode: 0o700 }),
    },
    {
      name: 'logs',
      mayFail: false,
      told: null,
      breaks: () => rmSync(at('data/logs'), { recursive: true }),
      mends: () => undefined,
    },
    {
      name: 'state',
      mayFail: false,
      told: null,
      breaks: () => renameSync(at('data/state'), at('data/state.old')),
      mends: () => rmSync(at('data/state.old'), { recursive: true }),
    },
    {
      name: 'clock',
      mayFail: false,
      told: null,
      breaks: () => writeFileSync(at('faults/clock'), String(DAY_MS)),
      mends: () => unlinkSync(at('faults/clock')),
    },
    {
      name: 'descriptors',
      mayFail: true,
      told: null,
      breaks: () => {
        const [host = '', port = '0'] = program.address.split(':');
        for (let count = 0; count < 500; count++)
          idle.push(net.connect(Number(port), host).on('error', () => undefined));
      },
      mends: () => {
        for (const socket of idle.splice(0)) socket.destroy();
      },
    },
    ...(isSmallDisk ? [full] : []),
  ];
}

const logText = (): string =>
  existsSync(at('data/logs/regrant.log')) ? readFileSync(at('data/logs/regrant.log'), 'utf8') : '';

async function wellAgain(): Promise<number | null> {
  const began = performance.now();
  while (performance.now() - began < WELL_WITHIN_MS) {
    const found = await whole();
    if (found?.health === 'ok' && found.troubles.length === 0 && (await ask()) === 200)
      return performance.now() - began;
    await pause(200);
  }
  return null;
}

let status = 1;
const { isSmallDisk } = install();
try {
  await withGoogle(
    async (google) => {
      const line = new Line(Number(new URL(google.url).port));
      await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
      const { port } = line.server.address() as net.AddressInfo;
      const through = (url: string): string => url.replace(/\/\/[^/]+/, `//localhost:${port}`);
      for (let index = 0; index < ACCOUNTS; index++) {
        const [id, email] = [`a${index}`, `a${index}@example.com`];
        const token = (turn: number): string => `1//0token-${turn}-of-${id}`;
        for (let turn = 0; turn < 400; turn++) google.grant(token(turn), { email, rotateTo: token(turn + 1) });
        writeFileSync(at(`data/accounts/${id}.json`), JSON.stringify(account({ id, email, refreshToken: token(0) })), {
          mode: 0o600,
        });
      }
      const settings = {
        proxy: { port: 0, apiKey: KEY },
        oauth: {
          clients: { default: { id: testClient.id, secret: testClient.secret } },
          tokenUrl: through(google.tokenUrl),
          userInfoUrl: through(google.userInfoUrl),
        },
        upstream: { kind: 'gemini', baseUrls: [through(google.url)] },
      };
      writeFileSync(at('data/settings.json'), JSON.stringify(settings), { mode: 0o600 });
      await program.start();
      const figures = {
        requests: 0,
        failedNeedlessly: 0,
        faults: 0,
        untold: [] as string[],
        ill: [] as string[],
        slowestMs: 0,
      };
      const now = { mayFail: false, isOver: false };
      const load = (async () => {
        while (!now.isOver) {
          const wasLet = now.mayFail;
          const answered = await ask();
          figures.requests++;
          if (answered !== 200 && !wasLet && !now.mayFail) figures.failedNeedlessly++;
          await pause(ASK_EVERY_MS);
        }
      })();
      const faults = faultsOf(line, isSmallDisk);
      for (const end = Date.now() + minutes * 60_000; Date.now() < end;) {
        for (const fault of faults) {
          now.mayFail = fault.mayFail;
          const before = logText().length;
          await fault.breaks();
          await pause(FAULT_MS);
          const said = logText().slice(fault.name === 'logs' ? 0 : before);
          const found = await whole();
          const isTold =
            fault.told === null ||
            fault.told.test(said) ||
            (found !== null && (found.health !== 'ok' || found.troubles.length > 0));
          if (!isTold) figures.untold.push(fault.name);
          await fault.mends();
          const ms = await wellAgain();
          now.mayFail = false;
          figures.faults++;
          if (ms === null) figures.ill.push(fault.name);
          else figures.slowestMs = Math.max(figures.slowestMs, ms);
          if (program.exits > 0) throw new Error(`it ended under the fault of ${fault.name}`);
        }
      }
      now.isOver = true;
      await load;
      const stopped = await program.stop();
      await program.start();
      // it listens a moment before its socket does
      while ((await whole()) === null) await pause(100);
      const client = await ControlClient.connect(readOwner(at('data/state/lock'))?.socket ?? '');
      const ids = Array.from({ length: ACCOUNTS }, (_, index) => `a${index}`);
      const results = (await client?.request('testNow', [ids])) ?? [];
      client?.close();
      const lost = ACCOUNTS - results.filter(({ ok }) => ok).length;
      await program.stop();
      const { requests, failedNeedlessly, untold, ill, slowestMs } = figures;
      console.log(
        `box: ${minutes} min, ${figures.faults} faults of ${faults.length} kinds, ${requests} requests: ${program.exits} exits, ${lost} tokens lost, ${failedNeedlessly} requests failed that need not; told nowhere: ${untold.join(', ') || 'none'}; not well within ${WELL_WITHIN_MS / 1000} s: ${ill.join(', ') || 'none'}; slowest to be well ${Math.round(slowestMs)} ms; exchanges ${google.calls.token.length}; stop ${stopped ?? 'killed'}`,
      );
      const isGood = program.exits + lost + failedNeedlessly + untold.length + ill.length === 0 && stopped === 0;
      status = isGood ? 0 : 1;
      line.server.close();
      line.cut();
    },
    { expiresIn: 60, keepCalls: 100_000 },
  );
} finally {
  await program.stop();
  if (isSmallDisk) execFileSync('umount', [at('data')], { stdio: 'ignore' });
  rmSync(box, { recursive: true, force: true });
}
process.exit(status);
