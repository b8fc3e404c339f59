import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

/** Node has it from 22.1 on; the types are of 20. It does not throw where the folder cannot be written. */
interface CompileCache {
  enableCompileCache?: (folder: string) => unknown;
}

/**
 * Imported before the program: from its second start on that is not compiled again. What is compiled lies in the package,
 * where only those who can change the program can change it, and goes with it.
 */
(nodeModule as CompileCache).enableCompileCache?.(fileURLToPath(new URL('../../../.compile-cache', import.meta.url)));
