/** Every verb, beside a supervisor and alone, as a user that nobody knows on a read-only root (`docker run -u 12345 --read-only`). */
import path from 'node:path';
import { openContainer } from '../test/support/container.js';

const root = path.join(import.meta.dirname, '..');
/** These type every verb of the table, and hold what it answers against a schema. */
const TESTS = ['test/commands/verbs/json.test.ts', 'test/commands/container.test.ts'] as const;

const container = openContainer();
if (container === null) {
  console.log('container: user namespaces are not allowed here, nothing was run');
  process.exit(1);
}
let failed = 0;
let passed = 0;
for (const file of TESTS) {
  const loader = path.join(root, 'node_modules/tsx/dist/loader.mjs');
  const command = [process.execPath, '--import', loader, path.join(root, file)];
  const { status, stdout, stderr } = container.run(command, { REGRANT_TEST_IN_CONTAINER: '1' });
  passed += Number(/Passed: +(\d+)/.exec(stdout)?.[1] ?? 0);
  if (status === 0) continue;
  failed += 1;
  console.error(`${file}\n${stdout}${stderr}`);
}
container.close();
console.log(
  `container: ${TESTS.length} files of tests as uid 12345 on a read-only root: ${passed} passed, ${failed} files failed`,
);
process.exitCode = failed > 0 ? 1 : 0;
