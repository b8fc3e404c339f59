// Loaded into the program with --import: writes the longest stall of its event loop since the last SIGUSR2 to a file.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  writeFileSync(process.env.LOOP_PROBE_FILE, String(delay.max / 1e6));
  delay.reset();
});
