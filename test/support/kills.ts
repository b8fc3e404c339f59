/** Attached screens and raw clients of the control socket that end in every bad way there is, at random moments. */
import net from 'node:net';
import type { ProgramInTerminal } from '../../scripts/terminal.js';
import type { App } from './app.js';
import { pause } from './pause.js';
import type { Random } from './random.js';

const ends: readonly ((screen: ProgramInTerminal) => void)[] = [
  (screen) => screen.kill('SIGKILL'),
  (screen) => screen.kill('SIGHUP'),
  (screen) => screen.kill('SIGTERM'),
  (screen) => screen.hangUp(),
  (screen) => {
    screen.stall();
    screen.kill('SIGKILL');
  },
];

/** `count` attached screens, each killed within its first moments, while another stays. */
export async function killScreens(app: App, count: number, random: Random): Promise<void> {
  for (let i = 0; i < count; i++) {
    const screen = app.terminal(['attach'], { columns: 60 + random(100), rows: 15 + random(40) });
    await pause(random(900));
    if (random(2) === 0) screen.type('rjj\x1b2z/x\r'.slice(0, random(11)));
    ends[random(ends.length)]?.(screen);
    await screen.ended;
    app.forget(screen);
  }
}

/** `count` clients that subscribe and are cut off somewhere in the stream. */
export async function killSockets(path: string, count: number, random: Random): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = net.createConnection(path);
    socket.on('error', () => undefined);
    socket.write('{"id":1,"request":"subscribe"}\n{"id":2,"request":"testNow","arguments":{"accountIds":["a1"]}}\n');
    if (random(2) === 0) socket.pause();
    await pause(random(30));
    socket.destroy();
  }
}
