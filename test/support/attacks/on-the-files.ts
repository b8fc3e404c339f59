/**
 * Attacks on the files beside the program, its control socket and its signals: another program of the same user that
 * has gone wrong.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { account } from '../directory.js';
import { pause } from '../pause.js';
import type { Attack } from './attack.js';
import { closedWithin, rawConnection } from './raw-connection.js';

/** Files that a reader of account files may fail on. */
const files: readonly (() => string)[] = [
  () => '['.repeat(5_000),
  () => '{"id":"evil","email":',
  () => randomBytes(2_000).toString('latin1'),
  () => '{"__proto__":{"id":"x"},"constructor":1,"id":"evil","email":{"a":1},"token":[]}',
  () => JSON.stringify(account({ id: 'evil', email: `evil${'x'.repeat(300_000)}@example.com` })),
  () => JSON.stringify(account({ id: 'evil', email: 'evil@example.com', token: { expires_in: -1e308 } })),
  () =>
    JSON.stringify(account({ id: 'evil', email: 'evil\0@example.com', quota: { models: [{ name: '__proto__' }] } })),
];

export const attacksOnTheFiles: readonly Attack[] = [
  {
    name: 'account files that are none',
    everyMs: 2_000,
    async round({ accounts }, round) {
      const file = path.join(accounts, `evil-${round % 5}.json`);
      writeFileSync(file, files[randomInt(files.length)]?.() ?? '');
      await pause(1_500);
      rmSync(file, { force: true });
    },
  },
  {
    name: 'grants that die, of e-mails with anything in them',
    everyMs: 8_000,
    async round({ accounts }, round) {
      const email = ['dying\0@example.com', `dying${'y'.repeat(1_000)}@example.com`, '__proto__@example.com'][
        round % 3
      ];
      const file = path.join(accounts, 'dying.json');
      writeFileSync(file, JSON.stringify(account({ id: 'dying', email, refreshToken: `1//0never-granted-${round}` })));
      await pause(6_000);
      rmSync(file, { force: true });
    },
  },
  {
    name: 'a followed log without line ends, cut, with holes, and a pipe',
    everyMs: 2_000,
    async round({ followed }, round) {
      if (round % 6 === 4) {
        rmSync(followed, { force: true });
        execFileSync('mkfifo', [followed]);
        await pause(1_500);
      }
      if (round % 6 >= 4) {
        rmSync(followed, { force: true });
        writeFileSync(followed, '');
      }
      appendFileSync(followed, 'x'.repeat(300_000));
      if (round % 6 === 3) truncateSync(followed, 3_000_000_000);
      appendFileSync(followed, '\nthe end of a line\n');
      await pause(600);
      truncateSync(followed, 0);
    },
  },
  {
    name: 'rubbish on the control socket',
    everyMs: 1_500,
    async round({ socket: place }, round) {
      const connection = rawConnection(place);
      const { socket } = connection;
      if (round % 3 === 0) socket.write(randomBytes(5_000));
      else if (round % 3 === 1) socket.write('{"id":1,"request":"status"}\n'.repeat(200));
      else {
        socket.pause();
        socket.write('{"id":1,"request":"subscribe"}\n');
      }
      await closedWithin(connection, 2_000);
    },
  },
  {
    name: 'signals that Node would open its debugger at',
    everyMs: 10_000,
    round({ pid }) {
      process.kill(pid, 'SIGUSR1');
      return Promise.resolve();
    },
  },
];
