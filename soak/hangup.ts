/** The terminal is killed under load, the screen comes back elsewhere, an account is brought back through it. Argument: requests. */
import { withApp } from '../test/support/app.js';
import { bringBobBack } from '../test/support/comeback.js';
import { startLoad } from '../test/support/load.js';

const requests = Number(process.argv[2] ?? 10_000);
const accounts = [
  { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' },
  { id: 'b1', email: 'bob@example.com', refreshToken: '1//0dead-token-of-bob' },
];

await withApp({ accounts }, async (app) => {
  const screen = app.terminal();
  await screen.shows(/anna@example\.com/);
  const { address, pid } = await app.status();
  const load = startLoad(`http://${address}`, 8);
  await load.reached(requests / 10);
  screen.hangUp();
  await load.reached(requests / 2);

  const attached = app.terminal([], { columns: 90, rows: 30, term: 'screen-256color' });
  await attached.shows(/att 127.*anna@example\.com/s);
  await bringBobBack(app, attached);
  const second = app.terminal(['attach'], { columns: 140, rows: 45 });
  await second.shows(new RegExp(`attached to ${pid}`));
  attached.type('\x1b');
  await attached.shows(/d detach/);
  attached.type('d');
  const left = await attached.ended;
  await load.reached(requests);
  const { sent, failed, slowest, median } = await load.end();
  second.type('q');
  await second.ended;
  const { status } = await app.run(['stop']);
  console.log(
    `hangup: ${sent} requests over a killed terminal, two attached screens and a re-add: ${failed} failed, median ${median.toFixed(1)} ms, slowest ${slowest.toFixed(0)} ms`,
  );
  process.exitCode = failed === 0 && left === 0 && status === 0 ? 0 : 1;
});
