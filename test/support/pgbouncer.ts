/** pgbouncer in transaction mode in front of a test's server, where it is installed. */
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { freePort } from './free-port.js';
import { testOnPostgres, type PostgresServer } from './postgres.js';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;
const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
const program = folders.map((folder) => path.join(folder, 'pgbouncer')).find((file) => existsSync(file));

/** A test with a server and the URL of a pgbouncer before it; skipped aloud where none is installed. */
export function testBehindPgbouncer(name: string, use: (server: PostgresServer, url: string) => Promise<void>): void {
  if (program !== undefined) {
    testOnPostgres(name, (server) => withPgbouncer(program, server, (url) => use(server, url)));
    return;
  }
  console.log(`SKIPPED, no pgbouncer is installed here: ${name}`);
  test.skip(name, () => undefined);
}

async function withPgbouncer(file: string, server: PostgresServer, use: (url: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'regrant-pgbouncer-'));
  const port = await freePort();
  const settings = `[databases]\n* = host=127.0.0.1 port=${server.port} user=regrant
[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n`;
  writeFileSync(path.join(folder, 'pgbouncer.ini'), settings);
  // it refuses to run as root
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const whoever = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(file, ['pgbouncer.ini'], { ...whoever, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.once('exit', () => reject(new Error(`pgbouncer ended: ${log}`)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (log.includes('process up')) resolve();
      });
    });
    await use(`postgres://regrant@127.0.0.1:${port}/postgres`);
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
