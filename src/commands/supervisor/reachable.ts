import { networkInterfaces } from 'node:os';

/** The address to connect to: an address that means "listen everywhere" is replaced by loopback. */
export const reachable = (address: string): string =>
  address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');

/** Whether the address stands for every address of the machine. */
export const isEverywhere = (address: string): boolean => /^(0\.0\.0\.0|\[::\]):/.test(address);

/** Addresses by which other machines may reach this one, as the system lists its interfaces: IPv4 first. */
export function addressesOutside(interfaces = networkInterfaces()): readonly string[] {
  const all = Object.values(interfaces).flatMap((found) => found ?? []);
  const others = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80'));
  return [...others].sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
}
