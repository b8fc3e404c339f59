import { isGiven } from '../context.js';
import { flag, jsonFlag, yes, type Verb } from './verb.js';

const group = 'the running supervisor';

export const runningVerbs: readonly Verb[] = [
  {
    ...{ name: 'status', group, takes: [] },
    about: 'whether it serves: one line; exit status 0 ok, 1 degraded, 3 down',
    options: [
      flag('--json', 'the body of /healthz with pid, address, start, how the log is, and the boxes of a shared pool'),
      flag('--all', 'the other boxes of a shared pool too, a line each'),
    ],
    examples: ['regrant status', 'regrant status --json | jq .accounts', 'regrant status --all'],
    load: async () => {
      const { status } = await import('../supervisor/status.js');
      return (context, given) => status(context, { json: isGiven(given, 'json'), all: isGiven(given, 'all') });
    },
  },
  {
    ...{ name: 'attach', group, takes: [], draws: true },
    about: 'the screen of the running supervisor',
    options: [flag('--read-only', 'a screen that changes nothing')],
    examples: ['regrant attach', 'regrant attach --read-only'],
    load: async () => (await import('../supervisor/attach.js')).attach,
  },
  {
    ...{ name: 'stop', group, takes: [], options: [flag('--yes', 'stop without asking, whatever is lost'), jsonFlag] },
    about: 'drain and stop the running supervisor',
    examples: ['regrant stop', 'regrant stop --yes'],
    load: async () => (await import('../supervisor/stop.js')).stop,
  },
  {
    ...{ name: 'reload', group, takes: [], options: [jsonFlag] },
    about: 'read the files anew, as R does on the screen',
    examples: ['regrant reload'],
    load: async () => (await import('../supervisor/reload.js')).reload,
  },
  {
    ...{ name: 'service install', group, takes: [], options: [yes, jsonFlag] },
    about: 'have systemd or launchd of this user keep it running: writes the unit, enables and starts it',
    examples: ['regrant service install', 'regrant service install --data-dir /srv/regrant'],
    load: async () => {
      const { installService } = await import('../service/service.js');
      return (context, given) => installService(context, given);
    },
  },
  {
    ...{ name: 'service uninstall', group, takes: [], options: [jsonFlag] },
    about: 'stop that service and take the unit away; the data directory stays',
    examples: ['regrant service uninstall'],
    load: async () => {
      const { uninstallService } = await import('../service/service.js');
      return (context, given) => uninstallService(context, given);
    },
  },
  {
    ...{ name: 'service status', group, takes: [], options: [jsonFlag] },
    about: 'whether that service is installed, enabled and running (exit status 3: it does not run)',
    examples: ['regrant service status', 'regrant service status --json | jq .active'],
    load: async () => {
      const { serviceStatus } = await import('../service/service.js');
      return (context, given) => serviceStatus(context, given);
    },
  },
  {
    ...{ name: 'restart', group, takes: [], options: [jsonFlag] },
    about: 'a new process takes over the port, also after an upgrade; no request fails',
    examples: ['regrant restart'],
    load: async () => (await import('../supervisor/restart.js')).restart,
  },
];
