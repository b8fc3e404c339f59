/** The text in the terminal itself, outside the screen, while a login waits for its answer. */
import type { LoginOffer } from '../../proxy/contract/operations.js';
import { inert } from '../text/inert.js';
import { tell } from '../../store/words/tongue.js';

/**
 * The link is a line of its own and never broken by us: if the terminal wraps it, it can still be copied whole, which a
 * box on the screen would prevent. The words are short enough for a narrow terminal.
 *
 * @param keys - what can be pressed here
 */
export function loginPage(offer: LoginOffer, env: NodeJS.ProcessEnv, keys: string): string {
  const { url, port, client, email } = offer;
  return [
    email === null ? tell('Log in with Google') : tell('Log in with Google as {email}', { email: inert(email) }),
    tell('(OAuth client {client})', { client: inert(client) }),
    '',
    tell('1. Open this link in a browser on any machine:'),
    '',
    inert(url),
    '',
    tell('2. The browser ends at http://127.0.0.1:{port}, which leads', { port }),
    `   ${tell('to this machine only. So either forward that port first,')}`,
    `   ${tell('from the machine with the browser:')}`,
    '',
    sshLine(offer, env),
    '',
    `   ${tell('or let the browser fail to open the page, copy its whole')}`,
    `   ${tell('address, and paste it here (the code in it is enough).')}`,
    '',
    keys,
    '',
  ].join('\n');
}

/**
 * An `ssh` command, ready to copy. The machine is named by what SSH itself says of it, since that is how the operator's
 * machine reaches it.
 */
export function sshLine({ port, machine }: LoginOffer, env: NodeJS.ProcessEnv): string {
  const [, , address = '', sshPort = '22'] = (env.SSH_CONNECTION ?? '').split(' ');
  const user = machine.split('@')[0] ?? '';
  const to = address === '' ? machine : `${user}@${address}`;
  return inert(`ssh -N -L ${port}:127.0.0.1:${port}${sshPort === '22' ? '' : ` -p ${sshPort}`} ${to}`);
}
