// Preloaded into a program under test: SIGUSR2 collects its garbage, so that what it holds can be told from what it has not let go yet.
// Where COLLECTED names a file, what it holds is then written there.
import { writeFileSync } from 'node:fs';
import v8 from 'node:v8';
import vm from 'node:vm';

v8.setFlagsFromString('--expose_gc');
const collect = vm.runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  collect();
  const { COLLECTED } = process.env;
  if (COLLECTED !== undefined) writeFileSync(COLLECTED, JSON.stringify(process.memoryUsage()));
});
