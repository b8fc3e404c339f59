#!/usr/bin/env node
import './commands/first/core-dumps.js';
import './commands/first/debugger-signals.js';
import { runProgram } from './commands/first/kept-code.js';
import { isOutOfDescriptors, OUT_OF_DESCRIPTORS } from './commands/out-of-descriptors.js';

try {
  runProgram();
} catch (error) {
  if (!isOutOfDescriptors(error)) throw error;
  process.stderr.write(`regrant: ${OUT_OF_DESCRIPTORS}\n`);
  process.exitCode = 3;
}
