// Preloaded into a program under test: SIGUSR2 collects its garbage, so that what it holds can be told from what it has not let go yet.
import v8 from 'node:v8';
import vm from 'node:vm';

v8.setFlagsFromString('--expose_gc');
const collect = vm.runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  collect();
});
