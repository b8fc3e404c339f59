#!/usr/bin/env node
import './commands/first/core-dumps.js';
import './commands/first/debugger-signals.js';
import './commands/first/compile-cache.js';

// only what is read from here on is kept compiled
await import('./program.js');
