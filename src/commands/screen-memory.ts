import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ScreenOptions } from '../panes/screen/screen-options.js';
import { layout } from '../store/disk/directory.js';
import { temporaryBeside } from '../store/disk/durable.js';
import { jsonOf } from '../store/ground/json.js';

/**
 * What a screen leaves to the next one, in `state/screen.json`: of all that are open the one that closes last has its way.
 * A convenience: where it cannot be read or written, the next screen is as at first.
 */
export function screenMemory(dataDir: string, env: NodeJS.ProcessEnv): Pick<ScreenOptions, 'memory'> {
  const file = path.join(layout(dataDir, env).state, 'screen.json');
  return {
    memory: {
      read() {
        try {
          return jsonOf(readFileSync(file, 'utf8'));
        } catch {
          return undefined;
        }
      },
      // at once: a screen may close while the process exits
      write(kept) {
        const temporary = temporaryBeside(file);
        try {
          writeFileSync(temporary, `${JSON.stringify({ schema: 1, ...kept }, null, 2)}\n`, { mode: 0o600 });
          renameSync(temporary, file);
        } catch {
          rmSync(temporary, { force: true });
        }
      },
    },
  };
}
