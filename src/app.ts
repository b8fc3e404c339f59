#!/usr/bin/env node
import './commands/first/core-dumps.js';
import './commands/first/debugger-signals.js';
import { runProgram } from './commands/first/kept-code.js';

runProgram();
