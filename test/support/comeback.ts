import type { ProgramInTerminal } from '../../scripts/terminal.js';
import type { App } from './app.js';

/** Lets Bob's grant die under load, and brings him back with the keys of this screen; his account file is `b1`. */
export async function bringBobBack({ google }: App, screen: ProgramInTerminal): Promise<void> {
  google.revoke('1//0dead-token-of-bob');
  google.expireAccess('bob@example.com');
  await screen.shows(/DISABLED +bob@example\.com/);
  google.grant('1//0new-token-of-bob', { email: 'bob@example.com' });
  screen.type('.');
  await screen.shows(/▶ ✖ DISABLED +bob/);
  screen.type('r');
  await screen.shows(/new refresh token for bob@example\.com/);
  screen.paste('1//0new-token-of-bob');
  await screen.shows(/20 chars/);
  screen.type('\r');
  await screen.shows(/ready +bob@example\.com/, 20_000);
}
