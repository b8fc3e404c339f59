// Node's own modules, as a bundle asks for them.

/** Loaded when something of them is first used: few starts use one of them, and each takes a millisecond or more. */
const LATER = ['assert', 'child_process', 'dns', 'https', 'readline/promises', 'tls', 'worker_threads'];

/** What stands for such a module: what is asked of it or set there is asked of, or set in, the module itself. */
const laterModule = (name) => `
const load = () => require('node:${name}');
const itself = new Proxy({}, {
  get: (_, key) => load()[key],
  has: (_, key) => key in load(),
  set: (_, key, value) => Reflect.set(load(), key, value),
});
module.exports = ${name === 'assert' ? ASSERT : '{}'};
// other names of its own would be read at once by whoever imports it
Object.setPrototypeOf(module.exports, itself);
`;

/** The one that is called itself, by every second function of undici: it is loaded to say what does not hold. */
const ASSERT = `Object.assign(
  (value, ...words) => { if (!value) load()(value, ...words); },
  {
    ok(value, ...words) { if (!value) load().ok(value, ...words); },
    equal(one, other, ...words) { if (one != other) load().equal(one, other, ...words); },
    strictEqual(one, other, ...words) { if (!Object.is(one, other)) load().strictEqual(one, other, ...words); },
  },
)`;

/** Puts off the loading of {@link LATER}. */
export const later = {
  name: 'later',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(?:node:)?(?:${LATER.join('|')})$`);
    onResolve({ filter }, ({ path, namespace }) =>
      namespace === 'later' ? { path, external: true } : { path: path.replace(/^node:/, ''), namespace: 'later' },
    );
    onLoad({ filter: /./, namespace: 'later' }, ({ path }) => ({ contents: laterModule(path), loader: 'js' }));
  },
};

/**
 * The text of a module that takes one of Node's whole, as `import fs from 'node:fs'`, taking that as it is: esbuild would
 * make an object of it for each that imports it, with a getter for each of its names.
 */
export const asItIs = (text) =>
  text.replace(
    /^import (?!type\b)(?:\* as )?(\w+)(?:, (\{[^}]*\}))? from ?(['"])(node:[\w/]+)\3;/gm,
    (_, whole, names, _quote, from) =>
      `const ${whole} = require('${from}');${names === undefined ? '' : ` import ${names} from '${from}';`}`,
  );
