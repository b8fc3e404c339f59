import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';
import { isOneFile, ownFile, ownPath } from '../../store/package/own-files.js';
import { asStarted, collectOnceIdle, flagsAtStart } from './engine-flags.js';
import { shortStatus } from './short-status.js';

/** What the build of the program is known by: V8 itself takes any source of the same length for the same. */
declare const PROGRAM_BUILD: string;

/** By this time all that a start needs has run once, and so is compiled. */
const STARTED_AFTER_MS = 5_000;
/**
 * By this time all of Node that a start needs is loaded: what Node has compiled of itself is refused too where flags differ.
 * V8 collects nothing for being idle before.
 */
const LOADED_AFTER_MS = 1_500;
/** The exit statuses of a wrong command line, of which little has run, and of a bug. */
const NOT_WORKED: readonly number[] = [2, 70];
const SUM_BYTES = 4;
/** What is smaller is not worth the trouble, and lies beside others in a buffer of Node's. */
const LEAST_BYTES = 65_536;

/** In the package. */
const PROGRAM = 'dist/program.js';
const STATUS = 'dist/status.js';
const FOLDER = '.code-cache';

type Program = (exports: object, require: NodeJS.Require, module: object, filename: string, dirname: string) => void;

/**
 * Runs `program.js`, from its second start on with the compiled code that the first one has kept: to compile it takes
 * longer than all else that a start does. The code lies in the package, where only those who can change the program can
 * change it. Where it cannot be kept, is damaged, or is of another build or V8, the program is compiled as ever. One
 * executable file brings it along.
 *
 * `regrant status` is a script of its own, a thirtieth of the program, which is compiled sooner than its code were read.
 */
export function runProgram(): void {
  const words = process.argv.slice(2);
  if (!isOneFile && shortStatus(words) !== null) {
    run(STATUS, (source, filename) => new Script(source, { filename }));
    return;
  }
  const part = partOf(words);
  run(PROGRAM, (source, filename) => {
    const folder = path.join(path.dirname(filename), '..', FOLDER);
    // of what does too little to be kept, what it runs is in that of a verb
    const name = `${PROGRAM_BUILD}-${engine()}-${part ?? 'verb'}`;
    const cachedData = keptCode(name);
    const script = new Script(source, { filename, cachedData });
    if (cachedData !== undefined) letGo(cachedData);
    if (part !== null && part !== 'verb') setTimeout(collectOnceIdle, LOADED_AFTER_MS).unref();
    if (part !== null && !isOneFile && script.cachedDataRejected !== false) keepLater(() => keep(script, folder, name));
    return script;
  });
}

/** Runs a script of the package. */
function run(name: string, compiled: (source: string, filename: string) => Script): void {
  const file = ownPath(name) ?? path.join(path.dirname(process.execPath), name);
  const source = ownFile(name);
  // the build leaves only ASCII in it
  const script = compiled(source.toString('latin1'), file);
  letGo(source);
  const program = script.runInThisContext() as Program;
  program({}, createRequire(file), {}, file, path.dirname(file));
}

/** Who can run what is kept. V8 itself takes that of another release of Node for its own, and ends the process over it. */
const engine = (): string => [process.version, process.arch, flagsAtStart().toString(16)].join('-');

/** Which of the codes that are kept a command line runs: each has what such a start runs. null: too little to be kept. */
function partOf(words: readonly string[]): 'screen' | 'attached' | 'serving' | 'verb' | null {
  if (words.includes('--headless') || words.includes('--successor')) return 'serving';
  const verb = words.find((word, at) => !word.startsWith('-') && words[at - 1] !== '--data-dir');
  if (verb !== undefined) return verb === 'attach' ? 'attached' : 'verb';
  return words.some((word) => ['--version', '--help', '-h', '--detach'].includes(word)) ? null : 'screen';
}

/** undefined: none is kept, or it is not whole. V8 does not look whether it is, and falls over one that is not. */
function keptCode(name: string): Buffer | undefined {
  try {
    const bytes = ownFile(`${FOLDER}/${name}`);
    const code = bytes.subarray(SUM_BYTES);
    return bytes.readUInt32LE() === sumOf(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Gives back the memory of what was read, which else stays as long as nothing is asked: nothing is collected then. */
function letGo({ buffer }: Buffer): void {
  // Node has it since 22; what the one executable file brings along is no memory of ours
  const { transfer } = ArrayBuffer.prototype as { readonly transfer?: (bytes: number) => unknown };
  if (!isOneFile && buffer.byteLength >= LEAST_BYTES) transfer?.call(buffer, 0);
}

/** Tells damage, as a digest would in several times the time. Who can write there can change the program as well. */
const sumOf = (code: Buffer): number => process.getBuiltinModule('node:zlib').crc32(code);

function withSum(code: Buffer): Buffer {
  const bytes = Buffer.alloc(SUM_BYTES + code.length);
  bytes.writeUInt32LE(sumOf(code));
  code.copy(bytes, SUM_BYTES);
  return bytes;
}

/** Once the start is over, or the process ends before. */
function keepLater(act: () => void): void {
  const atExit = (status: number): void => {
    if (!NOT_WORKED.includes(status)) act();
  };
  process.once('exit', atExit);
  setTimeout(() => {
    process.off('exit', atExit);
    act();
  }, STARTED_AFTER_MS).unref();
}

/** Keeps it under this name, and removes what other builds have kept. */
function keep(script: Script, folder: string, name: string): void {
  try {
    const code = asStarted(() => script.createCachedData());
    if (code === null) return;
    mkdirSync(folder, { recursive: true });
    const others = readdirSync(folder).filter((other) => !other.startsWith(`${PROGRAM_BUILD}-`));
    for (const other of others) rmSync(path.join(folder, other), { force: true });
    const unfinished = path.join(folder, `${name}.${process.pid}`);
    writeFileSync(unfinished, withSum(code), { flag: 'wx' });
    renameSync(unfinished, path.join(folder, name));
  } catch {
    // the package cannot be written by this user
  }
}
