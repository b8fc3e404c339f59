// Loaded into the program by --import before anything of it: makes calls of the system fail as the file that
// REGRANT_TEST_FAULTS names says, `{"which": "a pattern of paths", "codes": ["ENOSPC"], "every": 5}`: every fifth call of each
// kind for such a path fails, the codes in turn; with `"kinds": ["rename"]` only these do. Without the file nothing fails.
import child from 'node:child_process';
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const planFile = process.env.REGRANT_TEST_FAULTS ?? '';
const { statSync, readFileSync, openSync, writeSync } = fs;
/** What failed is written down here. */
const done = openSync(`${planFile}.done`, 'a');
const paths = new Map();
const counts = new Map();
let failed = 0;
let plan = null;
let readAt = 0;

function planNow() {
  if (performance.now() - readAt < 20) return plan;
  readAt = performance.now();
  try {
    plan = statSync(planFile).size > 0 ? JSON.parse(readFileSync(planFile, 'utf8')) : null;
  } catch {
    plan = null;
  }
  return plan;
}

/** The error that this call is to fail with; null: none. */
function faultOf(kind, place) {
  const now = planNow();
  if (now === null || !new RegExp(now.which).test(place)) return null;
  if (now.kinds !== undefined && !now.kinds.includes(kind)) return null;
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  if (count % now.every !== 0) return null;
  const code = now.codes[failed++ % now.codes.length];
  writeSync(done, `${kind} ${code} ${place}\n`);
  return Object.assign(new Error(`${code}: ${kind} '${place}'`), { code, syscall: kind, path: place });
}

const placeOf = (first) =>
  typeof first === 'number' ? (paths.get(first) ?? `fd ${first}`) : String(first?.fd ?? first);

/** Puts a wrapper in a function's place, with all that the real one carries for `promisify`. */
function wrap(object, name, make) {
  const real = object[name];
  const wrapper = make(real);
  const carried = Object.getOwnPropertyDescriptors(real);
  for (const own of ['length', 'name', 'prototype']) delete carried[own];
  Object.defineProperties(wrapper, carried);
  object[name] = wrapper;
}

const kinds = ['open', 'write', 'fsync', 'rename', 'ftruncate', 'link', 'unlink', 'mkdir', 'appendFile', 'writeFile'];
for (const kind of kinds) {
  wrap(fs, `${kind}Sync`, (real) => (...given) => {
    const fault = faultOf(kind, placeOf(given[0]));
    if (fault !== null) throw fault;
    const result = real(...given);
    if (kind === 'open') paths.set(result, String(given[0]));
    return result;
  });
  wrap(fs, kind, (real) => (...given) => {
    const callback = given.at(-1);
    const fault = faultOf(kind, placeOf(given[0]));
    if (fault !== null) return void process.nextTick(callback, fault);
    if (kind !== 'open') return real(...given);
    return real(...given.slice(0, -1), (error, fd) => {
      if (error === null) paths.set(fd, String(given[0]));
      callback(error, fd);
    });
  });
  if (typeof fs.promises[kind] !== 'function') continue;
  wrap(fs.promises, kind, (real) => async (...given) => {
    const fault = faultOf(kind, placeOf(given[0]));
    if (fault !== null) throw fault;
    const result = await real(...given);
    if (kind === 'open') paths.set(result.fd, String(given[0]));
    return result;
  });
}
// loaded here first, so that the program gets what stands in its exports by then
const native = createRequire(import.meta.url)('fs-native-extensions');
wrap(native, 'swap', (real) => async (...given) => {
  const fault = faultOf('exchange', placeOf(given[1]));
  if (fault !== null) throw fault;
  return real(...given);
});
wrap(child, 'spawn', (real) => (...given) => {
  const fault = faultOf('spawn', 'spawn');
  if (fault !== null) throw fault;
  return real(...given);
});
syncBuiltinESMExports();
