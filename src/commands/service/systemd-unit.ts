/** The systemd user unit; `docs/regrant.service` is the one of a clone that was linked, for reading. */

import { MEMORY_ENVIRONMENT } from './memory-environment.js';

/** What a unit starts, and what that may write. */
export interface UnitParts {
  /** Comment lines, without `#`. */
  readonly head: readonly string[];
  /** The whole line after `ExecStart=`. */
  readonly start: string;
  /** Paths as systemd writes them, one that may be missing after a `-`. */
  readonly writable: readonly string[];
  /** Lines of its own, of a unit that belongs to the system and not to a user. */
  readonly ofSystem?: readonly string[];
}

/** A word as systemd reads it in a command line or a list of paths (systemd.syntax(7)). */
export const unitWord = (word: string): string => {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@+=:,./%-]+$/.test(word) ? escaped : `"${escaped}"`;
};

/** The same for a path, where no variable is put in. */
const pathWord = (word: string): string => unitWord(word).replaceAll('$$', '$');

export const writablePath = (folder: string): string => pathWord(folder).replace(/^"?/, (quote) => `${quote}-`);

export function unitText({ head, start, writable, ofSystem }: UnitParts): string {
  return `${head.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n')}

[Unit]
Description=regrant: a pool of Google OAuth accounts behind a local HTTP proxy
Documentation=man:regrant(1) man:systemd.service(5)
# An address that is not there yet after a boot, a port that another still holds: tried for as long as that takes.
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify is a process of its own: it speaks for regrant.
NotifyAccess=all
# Where node or regrant is not on systemd's own path (nvm, say), both are named in full.
ExecStart=${start}
${(ofSystem ?? []).map((line) => `${line}\n`).join('')}# Memory that a busy hour took goes back to the system.
Environment=${Object.entries(MEMORY_ENVIRONMENT)
    .map((pair) => pair.join('='))
    .join(' ')}
# The same lines are in logs/regrant.log of the data directory; "journal" here puts them into the journal too.
StandardOutput=null
StandardError=journal
${REST.replace('@WRITABLE@', writable.join(' ')).replace('@TARGET@', ofSystem === undefined ? 'default' : 'multi-user')}`;
}

const REST = `
# Started is when the proxy listens. A minute without a sign of life is a hang.
TimeoutStartSec=30
WatchdogSec=60
# Requests under way get ten seconds, an exchange that may rotate a token five.
TimeoutStopSec=30
Restart=on-failure
RestartSec=5
# 2 is a wrong setting or command line: starting again cannot mend it.
RestartPreventExitStatus=2

# No core dump and no swapped-out page of a crash may hold a token; what grows past all bounds ends alone.
LimitCORE=0
MemoryMax=1G
UMask=0077

# What it does not need. Nothing is written but these, which are there before the first start. (A notify.command that
# needs a set-uid program, such as sendmail, needs NoNewPrivileges=no; one that writes elsewhere needs its place here.)
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=@WRITABLE@
PrivateTmp=yes
PrivateUsers=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectHostname=yes
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
KeyringMode=private

[Install]
WantedBy=@TARGET@.target
`;

/** The unit in docs/, of a program that is on systemd's path. */
export const documentedUnit = (): string =>
  unitText({
    head: [
      'regrant as a user service: it starts with the machine and is restarted when it dies or hangs.',
      '`regrant service install` writes this with the paths of its own, and starts it. By hand:',
      '',
      '  npm link                                              # in the clone; or set ExecStart, see there',
      '  mkdir -m 700 -p ~/.regrant',
      '  mkdir -p ~/.config/systemd/user',
      '  cp docs/regrant.service ~/.config/systemd/user/',
      '  systemctl --user daemon-reload',
      '  systemctl --user enable --now regrant',
      '  sudo loginctl enable-linger "$USER"                   # or it ends with your last login',
      '',
      '`regrant` in any terminal then attaches to it; `systemctl --user status regrant` shows where it listens.',
    ],
    start: '/usr/bin/env regrant --headless',
    writable: ['-%h/.regrant', '-%h/.antigravity_tools', '%t'],
  });

/** The unit of the Debian package, whose program is at `file`: a user and a data directory of its own, off until enabled. */
export const systemUnit = (file: string): string =>
  unitText({
    head: [
      'regrant for the whole machine, as the user regrant: `systemctl enable --now regrant` starts it.',
      '',
      '`sudo -u regrant REGRANT_DATA_DIR=/var/lib/regrant regrant` is its screen; q closes only that.',
      'Changes go into /etc/systemd/system/regrant.service.d/: `systemctl edit regrant`.',
    ],
    start: `${file} --headless`,
    writable: ['-/var/lib/regrant'],
    ofSystem: [
      'User=regrant',
      'Group=regrant',
      'StateDirectory=regrant',
      'StateDirectoryMode=0700',
      'Environment=REGRANT_DATA_DIR=/var/lib/regrant HOME=/var/lib/regrant',
    ],
  });
