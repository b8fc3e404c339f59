// Loaded into the program by --import before anything of it: writes down each change of a file below the folder that
// REGRANT_TEST_WITNESS_OF names, one line each in the order in which they happened: `<pid> <what> <path>`. The lock file is
// left out, since its owner writes itself into it before anything else.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const root = `${process.env.REGRANT_TEST_WITNESS_OF ?? ''}/`;
const { openSync, writeSync } = fs;
const book = openSync(process.env.REGRANT_TEST_WITNESS ?? '', 'a');
const paths = new Map();
const placeOf = (first) =>
  typeof first === 'number'
    ? (paths.get(first) ?? '')
    : String(first?.fd === undefined ? first : (paths.get(first.fd) ?? ''));

function note(what, first) {
  const place = placeOf(first);
  if (!place.startsWith(root) || /state\/lock$|regrant\.sock/.test(place)) return;
  writeSync(book, `${process.pid} ${what} ${place.slice(root.length)}\n`);
}

/** Puts a wrapper in a function's place, with all that the real one carries for `promisify`. */
function wrap(object, name, make) {
  const real = object[name];
  const wrapper = make(real);
  const carried = Object.getOwnPropertyDescriptors(real);
  for (const own of ['length', 'name', 'prototype']) delete carried[own];
  Object.defineProperties(wrapper, carried);
  object[name] = wrapper;
}

for (const kind of ['open', 'write', 'writev', 'rename', 'link', 'unlink', 'appendFile', 'writeFile', 'ftruncate']) {
  const noted = (first) => (kind === 'open' ? undefined : note(kind, first));
  wrap(fs, `${kind}Sync`, (real) => (...given) => {
    noted(given[0]);
    const result = real(...given);
    if (kind === 'open') paths.set(result, String(given[0]));
    return result;
  });
  wrap(fs, kind, (real) => (...given) => {
    noted(given[0]);
    if (kind !== 'open') return real(...given);
    return real(...given.slice(0, -1), (error, fd) => {
      if (error === null) paths.set(fd, String(given[0]));
      given.at(-1)(error, fd);
    });
  });
  if (typeof fs.promises[kind] !== 'function') continue;
  wrap(fs.promises, kind, (real) => async (...given) => {
    noted(given[0]);
    const result = await real(...given);
    if (kind === 'open') paths.set(result.fd, String(given[0]));
    return result;
  });
}
syncBuiltinESMExports();
