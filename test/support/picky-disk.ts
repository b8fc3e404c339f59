/** A disk that refuses to change some files, with an error code of the system's, until it is mended. */
import { systemDisk, type Disk } from '../../src/store/disk/disk.js';

export interface PickyDisk extends Disk {
  /** From now on every change of a file whose path matches fails with this code. */
  refuse(code: string, which: RegExp): void;
  mend(): void;
}

export function pickyDisk(): PickyDisk {
  let fault: { readonly code: string; readonly which: RegExp } | null = null;
  const files = new Map<number, string>();
  const look = (file: string, call: string): void => {
    if (fault?.which.test(file) === true) {
      throw Object.assign(new Error(`${fault.code}: ${call}`), { code: fault.code });
    }
  };
  const of = (fd: number): string => files.get(fd) ?? '';
  return {
    ...systemDisk,
    async create(file) {
      look(file, 'open');
      const fd = await systemDisk.create(file);
      files.set(fd, file);
      return fd;
    },
    async write(fd, bytes) {
      look(of(fd), 'write');
      await systemDisk.write(fd, bytes);
    },
    async rename(from, to) {
      look(to, 'rename');
      await systemDisk.rename(from, to);
    },
    async exchange(one, other) {
      look(other, 'exchange');
      await systemDisk.exchange(one, other);
    },
    async append(file, text, isSynced) {
      look(file, 'open');
      await systemDisk.append(file, text, isSynced);
    },
    async overwrite(file, bytes) {
      look(file, 'open');
      await systemDisk.overwrite(file, bytes);
    },
    refuse(code, which) {
      fault = { code, which };
    },
    mend() {
      fault = null;
    },
  };
}
