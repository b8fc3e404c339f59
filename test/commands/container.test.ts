/** The program as `docker run -u 12345 --read-only` runs it: nobody knows the user, and only the volume takes anything. `npm run soak -- container` runs every verb there. */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, ask, withApp } from '../support/app.js';
import { CONTAINER_UID, openContainer } from '../support/container.js';
import { googleSettings } from '../support/google.js';

const INSIDE = 'REGRANT_TEST_IN_CONTAINER';
const ann = { id: 'a1', email: 'ann@example.com', refreshToken: '1//0good-token-of-ann' };

/** No home, and a temporary folder that is not there. */
const bare = { HOME: undefined, TMPDIR: '/nonexistent' };

/** Run in the container. */
function inside(): void {
  // a volume of docker's is open to others, so that the socket cannot lie in it
  test('it starts, serves, is found by its verbs, saves, and stops', () =>
    withApp({ accounts: [ann] }, async (app) => {
      assert.is(process.getuid?.(), CONTAINER_UID);
      chmodSync(app.dir.path, 0o755);
      const running = await app.headless(bare);
      assert.is(await ask(running.url), 200);
      const verbs = ['status', 'doctor', 'config set pool.waitSeconds 3'];
      const ended = await Promise.all(
        verbs.map(async (verb) => ({ verb, ...(await app.run(verb.split(' '), { env: bare })) })),
      );
      for (const { verb, status, stdout, stderr } of ended) assert.is(status, 0, `${verb}: ${stdout}${stderr}`);
      const [service, nameless, stopped] = await Promise.all([
        app.run(['service', 'install'], { env: bare }),
        app.run(['accounts', '--data-dir', ''], { env: bare }),
        app.run(['stop'], { env: bare }),
      ]);
      assert.match(service.stderr, /there is no home directory/);
      assert.equal([service.status, nameless.status, stopped.status], [2, 2, 0]);
      const { status, stderr } = await running.ended;
      assert.equal([status, stderr], [0, '']);
    }));

  // a user without root's rights: here a folder that takes nothing takes nothing
  test('what cannot be saved is told to notify.command, named by stop, and both processes end with 1', () =>
    withApp({ accounts: [ann] }, async (app) => {
      const notices = app.dir.at('notices');
      await app.dir.settings({
        ...googleSettings(app.google),
        proxy: { port: 0, apiKey: API_KEY },
        notify: { command: `cat >> ${notices}` },
      });
      app.google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0rotated-token-of-ann' });
      const running = await app.headless(bare);
      chmodSync(app.dir.at('accounts', 'a1.json'), 0o400);
      chmodSync(app.dir.at('accounts'), 0o500);
      try {
        assert.is(await ask(running.url), 200);
        const told = (): string => (existsSync(notices) ? readFileSync(notices, 'utf8') : '');
        for (const began = performance.now(); !told().includes('"not_saved"');) {
          assert.ok(performance.now() - began < 20_000, `${running.lines.join('\n')} ${told()}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.not.match(told(), /rotated-token/);
        const stopped = await app.run(['stop'], { env: bare });
        assert.match(
          stopped.stderr,
          /^not saved, and lost if the last try fails too: a1\.json: its new refresh token/m,
        );
        const { status, stderr } = await running.ended;
        assert.match(stderr, /^regrant: not saved: a1\.json: its new refresh token/m);
        assert.equal([stopped.status, status], [1, 1]);
      } finally {
        chmodSync(app.dir.at('accounts'), 0o700);
      }
    }));
  test.run();
}

function outside(container: ReturnType<typeof openContainer>): void {
  const name = 'the program runs as a user that nobody knows, on a read-only root';
  if (container === null) test.skip(`${name} (user namespaces are not allowed here)`, () => undefined);
  else {
    test(name, () => {
      const { status, stdout, stderr } = container.run([process.execPath, process.argv[1] ?? ''], { [INSIDE]: '1' });
      assert.is(status, 0, `${stdout}${stderr}`);
    });
  }
  test.after(() => container?.close());
  test.run();
}

if (process.env[INSIDE] === undefined) outside(openContainer());
else inside();
