// Runs test files in this process, out of the scripts that test/bundle.mjs has laid. Of several, one runs after the
// other, each with modules of its own, and test/run.mjs is told when one begins and has ended.
'use strict';
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { cachedDataVersionTag } = require('node:v8');
const { Script } = require('node:vm');

/**
 * Where V8's code of a script is kept: another Node, or a V8 with other flags, has another.
 *
 * @param of - `start`: of what every process runs, `all`: of what many tests do too
 */
const codeOf = (file, of) => `${file}.${process.version}-${cachedDataVersionTag().toString(16)}.${of}`;

function keptCode(file) {
  const kept = ['all', 'start'].map((of) => codeOf(file, of)).find((path) => existsSync(path));
  return kept === undefined ? undefined : readFileSync(kept);
}

function keep(file, script, of) {
  if (existsSync(codeOf(file, of))) return;
  const unfinished = `${codeOf(file, of)}.${process.pid}`;
  try {
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, codeOf(file, of));
  } catch {
    // a test of a disk that cannot be written
  }
}

/** A script that can be evaluated again and again: each time its modules are new. */
function scriptOf(file) {
  // there is only ASCII in it
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    cachedData: keptCode(file),
    importModuleDynamically: (name) => import(name),
  });
  if (script.cachedDataRejected !== false) keep(file, script, 'start');
  const fromNode = createRequire(file);
  const evaluate = (require) => {
    const module = { exports: {} };
    script.runInThisContext()(module.exports, require, module, file, path.dirname(file));
    return module.exports;
  };
  return { fromNode, evaluate, keep: () => keep(file, script, 'all') };
}

/** Hands in what loads a test file by its name, with modules of its own. */
function open(testsFile, packagesFile) {
  const [tests, packages] = [testsFile, packagesFile].map(scriptOf);
  const common = packages.evaluate(packages.fromNode);
  const given = (name) => (Object.hasOwn(common, name) ? common[name]() : tests.fromNode(name));
  return {
    load: (file) => tests.evaluate(given)[file](),
    given,
    keep: () => [tests, packages].forEach((each) => each.keep()),
  };
}

/** Runs one test file. */
exports.run = (file, ...scripts) => open(...scripts).load(file);

/** What a test file may not change for those that run after it in the same process, as text and as functions. */
const surroundings = () => {
  const heard = [process, process.stdout, process.stderr].map((one) =>
    one.eventNames().map((name) => [String(name), one.listenerCount(name)]),
  );
  const own = [process.cwd(), process.umask(), process.execArgv, process.title, Object.getOwnPropertyNames(globalThis)];
  return JSON.stringify([heard, own, process.env]);
};
const functions = () => [
  ...[Date, Date.now, Math.random, performance.now, setTimeout, setInterval, setImmediate, queueMicrotask, fetch],
  ...[console.log, console.error, process.stdout.write, process.stderr.write, process.emit, process.exit, process.kill],
];

/** What keeps the process alive. */
const alive = () => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
const LOOK_MS = 5;

/** Resolves as soon as nothing but what was there before keeps the process alive, as it would end then by itself. */
const settled = (before) =>
  new Promise((done) => {
    // where it is looked from within a timer, that one is counted too
    const look = () => (alive() > before ? setTimeout(() => setImmediate(look), LOOK_MS) : done());
    setImmediate(look);
  });

/**
 * Runs these test files one after the other, up to one that leaves something changed behind.
 *
 * @param say - tells of each that it begins, and how it has ended
 */
async function runAll(files, { load, given }, say) {
  globalThis.UVU_DEFER = 1;
  const { exec } = given('uvu');
  for (const file of files) {
    const [around, known, held, used] = [surroundings(), functions(), alive(), process.cpuUsage()];
    say({ begins: file });
    globalThis.UVU_QUEUE = [[null]];
    load(file);
    await exec();
    await settled(held);
    const status = process.exitCode;
    process.exitCode = 0;
    const { user, system } = process.cpuUsage(used);
    say({ ends: file, status, cpu: (user + system) / 1e6 });
    if (surroundings() !== around || functions().some((one, at) => one !== known[at])) break;
  }
}

if (require.main === module) {
  const [mark, keeps, testsFile, packagesFile, ...files] = process.argv.slice(2);
  const write = process.stdout.write.bind(process.stdout);
  const say = (what) => write(`\n${mark}${JSON.stringify(what)}\n`);
  const opened = open(testsFile, packagesFile);
  process.exitCode = 0;
  runAll(files, opened, say).then(() => {
    if (keeps === 'keep') opened.keep();
    process.exit(0);
  });
}
