import { reason, saying } from '../../../store/words/saying.js';
import { CannotRun, systemCode, type Saying } from '../../../store/ground/errors.js';

/** The port of Antigravity Tools' proxy, which is the likeliest program to have taken it. */
const SHARED_PORT = 8045;

const ANOTHER = saying('set another with proxy.port in settings.json (or REGRANT_PROXY_PORT)');

/** The proxy's port is taken. */
export class AddressInUse extends CannotRun {
  constructor(
    readonly host: string,
    readonly port: number,
  ) {
    const address = hostAndPort(host, port);
    super(
      'EADDRINUSE',
      port === SHARED_PORT
        ? saying(
            '{address} is in use by another program (the proxy of Antigravity Tools uses that port too); end that one, or {another}',
            { address, another: ANOTHER },
          )
        : saying('{address} is in use by another program; end that one, or {another}', { address, another: ANOTHER }),
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
    const words = { address: hostAndPort(host, port), why: whyNot(error) };
    super(systemCode(error), saying('cannot listen on {address}: {why}', words), { cause: error });
  }
}

/** A listening socket that was handed to this process is none. */
export class NoListeningSocket extends CannotRun {
  constructor(fd: string, why: string) {
    super(
      'NO_LISTENING_SOCKET',
      saying('cannot listen on the socket that was handed over (descriptor {fd}): {why}', { fd, why }),
    );
  }
}

/** The error to throw for what `listen` reported. */
export const listenFailure = (error: unknown, host: string, port: number): CannotRun =>
  systemCode(error) === 'EADDRINUSE' ? new AddressInUse(host, port) : new AddressUnusable(host, port, error);

function whyNot(error: unknown): Saying {
  switch (systemCode(error)) {
    case 'EACCES':
      return saying('this user may not open that port (EACCES); ports below 1024 are for root, {another}', {
        another: ANOTHER,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return saying('this machine has no such address ({code}); set proxy.host to 127.0.0.1 or one of its own', {
        code: systemCode(error),
      });
    default:
      return reason(error);
  }
}

/** `127.0.0.1:8045`, `[::1]:8045`. */
export const hostAndPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
