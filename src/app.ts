#!/usr/bin/env node
import './commands/core-dumps.js';
import './commands/debugger-signals.js';
import './commands/compile-cache.js';

// only what is read from here on is kept compiled
await import('./program.js');
