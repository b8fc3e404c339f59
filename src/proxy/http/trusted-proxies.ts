import { BlockList, isIP } from 'node:net';
import { headerIn } from './headers.js';

/** The part of a client's request that shows which address it used for this proxy. */
export interface Caller {
  readonly rawHeaders: readonly string[];
  readonly socket: {
    readonly remoteAddress?: string | undefined;
    readonly localAddress?: string | undefined;
    readonly localPort?: number | undefined;
  };
}

const HOST = /^[\w.:[\]-]+$/;
const PREFIX = /^(?:\/[\w.~!$&'()*+,;=:@%-]+)+\/*$/;

/** An address without the IPv6 form that IPv4 has on a socket for both. */
const plainAddress = (address = ''): string =>
  address.startsWith('::ffff:') ? address.replace(/^::ffff:(?=\d+\.)/, '') : address;

/** The values of all headers of a name, in order; each may be a list. */
function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) values.push(...(rawHeaders[at + 1] ?? '').split(','));
  }
  return values;
}

/**
 * The reverse proxies in front of this one that are believed (`proxy.trustedProxies`): addresses, or networks in CIDR.
 */
export class TrustedProxies {
  private list = new BlockList();
  private isEmpty = true;

  constructor(addresses: readonly string[]) {
    this.trust(addresses);
  }

  /** Trusts only these from now on. */
  trust(addresses: readonly string[]): void {
    this.isEmpty = addresses.length === 0;
    this.list = new BlockList();
    for (const address of addresses) this.add(address);
  }

  has(address: string | undefined): boolean {
    if (this.isEmpty) return false;
    const bare = plainAddress(address);
    const version = isIP(bare);
    return version !== 0 && this.list.check(bare, version === 4 ? 'ipv4' : 'ipv6');
  }

  /**
   * The base URL by which the client calls this proxy: scheme, host and, where a proxy in front removes a prefix of the
   * path, that prefix.
   */
  baseUrlOf({ rawHeaders, socket }: Caller): string {
    const isTrusted = this.has(socket.remoteAddress);
    const said = (name: string, pattern: RegExp): string | null => {
      const value = isTrusted ? (headerIn(rawHeaders, name)?.split(',', 1)[0]?.trim() ?? '') : '';
      return pattern.test(value) ? value : null;
    };
    const own = `${socket.localAddress ?? 'localhost'}:${socket.localPort ?? 80}`;
    const host = said('x-forwarded-host', HOST) ?? headerIn(rawHeaders, 'host') ?? own;
    const scheme = said('x-forwarded-proto', /^https?$/i)?.toLowerCase() ?? 'http';
    return `${scheme}://${host}${said('x-forwarded-prefix', PREFIX)?.replace(/\/+$/, '') ?? ''}`;
  }

  /**
   * The client's address: the socket's, or the last one passed on that is not a trusted proxy's; null: the socket is
   * gone.
   */
  clientOf({ rawHeaders, socket }: Caller): string | null {
    const address = plainAddress(socket.remoteAddress);
    if (!this.has(address)) return address === '' ? null : address;
    const passed = valuesOf(rawHeaders, 'x-forwarded-for');
    for (const said of passed.reverse()) {
      const bare = plainAddress(
        said
          .trim()
          .replace(/^\[(.*)\](?::\d+)?$/, '$1')
          .replace(/^([\d.]+):\d+$/, '$1'),
      );
      // no address: made up by the client, or by an untrusted proxy
      if (isIP(bare) === 0) break;
      if (!this.has(bare)) return bare;
    }
    return address;
  }

  private add(given: string): void {
    const [address = '', bits] = given.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) this.list.addAddress(address, family);
    else this.list.addSubnet(address, Number(bits), family);
  }
}
