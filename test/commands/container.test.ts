/** The program as `docker run -u 12345 --read-only` runs it: nobody knows the user, and only the volume takes anything. `npm run soak -- container` runs every verb there. */
import { chmodSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, withApp } from '../support/app.js';
import { CONTAINER_UID, openContainer } from '../support/container.js';

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
