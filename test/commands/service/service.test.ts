/** The service verbs against a systemctl and a launchctl that note what they are told; systemd itself reads the unit. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandArguments, Context } from '../../../src/commands/context.js';
import {
  installService,
  serviceStatus,
  uninstallService,
  type ServiceHost,
} from '../../../src/commands/service/service.js';
import { documentedUnit, systemUnit, unitWord, writablePath } from '../../../src/commands/service/systemd-unit.js';
import { withDirectory, type DataDirectory } from '../../support/directory.js';
import { withDoor } from '../../support/door.js';
import { runVerb, type Said } from '../../support/verb.js';

const test = suite('service');

type Verb = typeof installService;
type Run = (verb: Verb, options?: CommandArguments['options'], dataDir?: string) => Promise<Said>;

interface Box {
  readonly run: Run;
  readonly dir: DataDirectory;
  /** What the service manager was told, one line each. */
  readonly told: () => readonly string[];
  readonly home: string;
  readonly say: (name: string, text: string) => void;
}

/** A home of its own whose service manager is a script: it notes its words, and answers with the file of its first word. */
const withBox = (use: (box: Box) => Promise<void>, platform: NodeJS.Platform = 'linux'): Promise<void> =>
  withDirectory(async (dir) => {
    const home = dir.at('home');
    const bin = dir.at('bin');
    for (const folder of [home, bin]) mkdirSync(folder);
    const script = `#!/bin/sh
echo "\${0##*/} $*" >> ${dir.at('told')}
for word in "$@"; do
  if [ -e ${dir.at('say')}-$word ]; then . ${dir.at('say')}-$word; fi
done
exit 0
`;
    for (const name of ['systemctl', 'loginctl', 'launchctl']) {
      writeFileSync(`${bin}/${name}`, script);
      chmodSync(`${bin}/${name}`, 0o755);
    }
    const env = { HOME: home, PATH: `${bin}:/bin:/usr/bin`, USER: 'ops', REGRANT_LOG_LEVEL: 'debug' };
    const host: ServiceHost = { platform, command: ['/opt/node 20/bin/node', '/opt/100%/regrant $x/dist/app.js'] };
    await use({
      ...{ dir, home },
      told: () => (existsSync(dir.at('told')) ? readFileSync(dir.at('told'), 'utf8').trim().split('\n') : []),
      say: (name, text) => writeFileSync(`${dir.at('say')}-${name}`, text),
      run: (verb, options = {}, dataDir = dir.at('data')) =>
        runVerb((context: Context) => verb({ ...context, env }, { words: [], options }, host), dataDir),
    });
  });

const unitOf = ({ home }: Box): string => `${home}/.config/systemd/user/regrant.service`;

test('install writes the unit with this program and data directory, enables and starts it', () =>
  withBox(async (box) => {
    const { run, told, dir } = box;
    const { status, stdout } = await run(installService);
    assert.is(status, 0);
    assert.match(stdout, /^installed as .*regrant\.service, and it serves$/m);
    assert.match(stdout, /^note: REGRANT_LOG_LEVEL of this shell is not set there/m);
    assert.equal(told(), [
      'systemctl --user show-environment',
      'systemctl --user daemon-reload',
      'systemctl --user enable regrant.service',
      'systemctl --user restart regrant.service',
      'loginctl show-user ops --property=Linger',
    ]);
    const lines = readFileSync(unitOf(box), 'utf8').split('\n');
    const start = `ExecStart="/opt/node 20/bin/node" "/opt/100%%/regrant $$x/dist/app.js" --headless --data-dir ${dir.at('data')}`;
    assert.ok(lines.includes(start), lines.filter((line) => line.startsWith('ExecStart')).join());
    assert.ok(lines.includes(`ReadWritePaths=-${dir.at('data')} %t`));
    assert.is(statSync(dir.at('data')).mode & 0o777, 0o700, 'the directory is there before the first start');
    assert.not.match(readFileSync(unitOf(box), 'utf8'), /\.target$(?!\n*$)/m, 'but WantedBy= at its end');
    // once more changes nothing; a unit that somebody edited is asked about
    assert.is((await run(installService)).status, 0);
    writeFileSync(unitOf(box), '# mine\n');
    const unasked = await run(installService);
    assert.equal([unasked.status, readFileSync(unitOf(box), 'utf8')], [1, '# mine\n'], unasked.stderr);
    assert.is((await run(installService, { yes: true })).status, 0);
    assert.ok(readFileSync(unitOf(box), 'utf8').includes(start));
  }));

test('where no service manager answers nothing is done; where it refuses nothing is left', () =>
  withBox(async (box) => {
    const { run, say } = box;
    say('show-environment', 'echo "Failed to connect to bus: No medium found" >&2; exit 1');
    for (const verb of [installService, uninstallService, serviceStatus]) {
      try {
        await run(verb);
        assert.unreachable(verb.name);
      } catch (error) {
        assert.is((error as { code?: string }).code, 'NO_SERVICE_MANAGER');
        assert.match(String(error), /No medium found.*not by su or sudo/);
      }
    }
    assert.not(existsSync(unitOf(box)));
    say('show-environment', '');
    say('restart', 'echo "Job for regrant.service failed" >&2; exit 1');
    const { status, stderr } = await run(installService);
    assert.is(status, 1);
    assert.match(stderr, /is not in use: `systemctl --user restart regrant\.service`: Job for regrant\.service failed/);
    assert.not(existsSync(unitOf(box)));
  }));

test('status says whether it is installed, runs and lingers; uninstall takes all of it away', () =>
  withBox(async (box) => {
    const { run, say, told } = box;
    const none = await run(serviceStatus, { json: true });
    assert.is(none.status, 3);
    assert.equal(JSON.parse(none.stdout), {
      ...{ schema: 1, manager: 'systemd', file: unitOf(box), installed: false },
      ...{ enabled: false, active: false, pid: null, lingers: null },
    });
    assert.match((await run(serviceStatus)).stdout, /not installed; `regrant service install`/);
    await run(installService);
    say('show', 'echo "MainPID=4711\nActiveState=active\nUnitFileState=enabled"');
    say('show-user', 'echo Linger=no');
    const { status, stdout } = await run(serviceStatus);
    assert.is(status, 0);
    assert.match(stdout, /regrant\.service: runs, pid 4711, starts by itself\nnote: it ends with your last login/);
    say('show', 'echo "MainPID=0\nActiveState=failed\nUnitFileState=disabled"');
    const failed = await run(serviceStatus, { json: true });
    assert.equal([failed.status, (JSON.parse(failed.stdout) as { pid: unknown }).pid], [3, null]);
    const gone = await run(uninstallService, { json: true });
    assert.is((JSON.parse(gone.stdout) as { ok: boolean }).ok, true);
    assert.not(existsSync(unitOf(box)));
    assert.equal(told().slice(-2), [
      'systemctl --user disable --now regrant.service',
      'systemctl --user daemon-reload',
    ]);
    assert.match((await run(uninstallService)).stdout, /^nothing to uninstall/);
  }));

test('while another regrant serves the data directory it is enabled, and not started against it', () =>
  withDoor({ accounts: [] }, ({ house }) =>
    withBox(async ({ run, told }) => {
      const { status, stdout } = await run(installService, {}, house.dir.path);
      assert.is(status, 0);
      assert.match(stdout, /another regrant serves this data directory: it begins after that one has ended/);
      assert.not(told().some((line) => line.includes('restart')));
    }),
  ));

test('launchd: an agent of the user is written, bootstrapped, printed and booted out', () =>
  withBox(async ({ run, told, say, home, dir }) => {
    assert.is((await run(installService)).status, 0);
    const file = `${home}/Library/LaunchAgents/dev.regrant.plist`;
    const text = readFileSync(file, 'utf8');
    for (const word of ['/opt/100%/regrant $x/dist/app.js', '--headless', '--data-dir', dir.at('data')])
      assert.ok(text.includes(`<string>${word}</string>`), word);
    say('print', 'echo "\tstate = running\n\tpid = 815"');
    const { stdout } = await run(serviceStatus, { json: true });
    assert.match(stdout, /"manager":"launchd".*"active":true,"pid":815,"lingers":true/);
    await run(uninstallService);
    assert.not(existsSync(file));
    const domain = `gui/${process.getuid?.() ?? 0}`;
    assert.equal(
      told().filter((line) => !line.includes('print')),
      [
        `launchctl enable ${domain}/dev.regrant`,
        `launchctl bootstrap ${domain} ${file}`,
        `launchctl bootout ${domain}/dev.regrant`,
      ],
    );
  }, 'darwin'));

test('another system has neither, and is told what goes there', () =>
  withBox(async ({ run }) => {
    try {
      await run(installService);
      assert.unreachable();
    } catch (error) {
      assert.match(String(error), /this is win32: `regrant --detach`/);
    }
  }, 'win32'));

test('words are quoted as systemd reads them', () => {
  assert.is(unitWord('/plain/path-1.0'), '/plain/path-1.0');
  assert.is(unitWord('a "b" \\ $c 5%'), '"a \\"b\\" \\\\ $$c 5%%"');
  assert.is(writablePath('/a b/$c'), '"-/a b/$c"');
});

const analyzer = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
const verified = (name: string, body: () => Promise<void>): void =>
  analyzer.status === 0 ? test(name, body) : test.skip(name, body);

verified(
  'systemd finds nothing to say about what is written, nor about the one in docs/ and the one of the Debian package',
  () =>
    withBox(async (box) => {
      await box.run(installService);
      writeFileSync(unitOf(box), readFileSync(unitOf(box), 'utf8').replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true a'));
      const documented = `${box.home}/regrant.service`;
      writeFileSync(documented, documentedUnit());
      const ofTheSystem = `${box.home}/system/regrant.service`;
      mkdirSync(`${box.home}/system`);
      writeFileSync(ofTheSystem, systemUnit('/bin/true'));
      for (const file of [unitOf(box), documented, ofTheSystem]) {
        const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
        assert.equal(
          `${stdout}${stderr}`.split('\n').filter((line) => line.includes('regrant.service:')),
          [],
        );
      }
    }),
);

test.run();
