import { CannotRun, reasonOf, systemCode } from '../../../store/ground/errors.js';

/** The port of Antigravity Tools' proxy, which is the likeliest program to have taken it. */
const SHARED_PORT = 8045;

const ANOTHER = 'set another with proxy.port in settings.json (or REGRANT_PROXY_PORT)';

/** The proxy's port is taken. */
export class AddressInUse extends CannotRun {
  constructor(
    readonly host: string,
    readonly port: number,
  ) {
    const shared = port === SHARED_PORT ? ' (the proxy of Antigravity Tools uses that port too)' : '';
    super(
      'EADDRINUSE',
      `${hostAndPort(host, port)} is in use by another program${shared}; end that one, or ${ANOTHER}`,
    );
  }
}

/** The proxy may not listen on the address in its settings, or this machine has no such address. */
export class AddressUnusable extends CannotRun {
  constructor(
    readonly host: string,
    readonly port: number,
    error: unknown,
  ) {
    super(systemCode(error), `cannot listen on ${hostAndPort(host, port)}: ${whyNot(error)}`, { cause: error });
  }
}

/** A listening socket that was handed to this process is none. */
export class NoListeningSocket extends CannotRun {
  constructor(fd: string, why: string) {
    super('NO_LISTENING_SOCKET', `cannot listen on the socket that was handed over (descriptor ${fd}): ${why}`);
  }
}

/** The error to throw for what `listen` reported. */
export const listenFailure = (error: unknown, host: string, port: number): CannotRun =>
  systemCode(error) === 'EADDRINUSE' ? new AddressInUse(host, port) : new AddressUnusable(host, port, error);

function whyNot(error: unknown): string {
  switch (systemCode(error)) {
    case 'EACCES':
      return `this user may not open that port (EACCES); ports below 1024 are for root, ${ANOTHER}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no such address (${systemCode(error)}); set proxy.host to 127.0.0.1 or one of its own`;
    default:
      return reasonOf(error);
  }
}

/** `127.0.0.1:8045`, `[::1]:8045`. */
export const hostAndPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
