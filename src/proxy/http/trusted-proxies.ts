import { BlockList, isIP } from 'node:net';
import { headerIn } from './headers.js';

/** What of a client's request says how it calls this proxy. */
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

/** The proxies in front of this one whose word counts (`proxy.trustedProxies`): addresses, or networks in CIDR. */
export class TrustedProxies {
  private readonly list = new BlockList();

  constructor(addresses: readonly string[]) {
    for (const address of addresses) this.add(address);
  }

  has(address: string | undefined): boolean {
    const bare = (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
    const version = isIP(bare);
    return version !== 0 && this.list.check(bare, version === 4 ? 'ipv4' : 'ipv6');
  }

  /** What the client calls this proxy: scheme, host and, where one in front of it takes a path off, that path. */
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

  private add(given: string): void {
    const [address = '', bits] = given.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) this.list.addAddress(address, family);
    else this.list.addSubnet(address, Number(bits), family);
  }
}
