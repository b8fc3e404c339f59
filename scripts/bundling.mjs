// How src/ becomes a program that starts fast: it and the packages that it is made of are one script, since to find and
// read a thousand small files takes longer than all that they do at a start, and to compile them longer than that.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { asItIs, later } from './builtins.mjs';

/** Read from node_modules when they are first needed: one is native, the others are needed by few. */
export const external = ['fs-native-extensions', 're2js', 'pg'];

/** blessed's widgets that the screen and blessed-contrib's three need; its index would read forty. */
const WIDGETS = ['node', 'screen', 'element', 'box'];

/** What a file says of its own place stays as true as if it lay in dist/ by itself. */
const places = {
  name: 'places',
  setup({ onLoad, initialOptions }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const own = `./${relative(initialOptions.outbase, path).replaceAll('\\', '/').replace(/\.ts$/, '.js')}`;
      const contents = asItIs(text)
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(own)}, import.meta.url).href`)
        // a widget has to come with the one blessed of the bundle; conf is of two hundred files
        .replace(/\bload\('(blessed-contrib\/[^']*|conf)'\)/g, "require('$1')");
      return contents === text ? undefined : { contents, loader: 'ts' };
    });
  },
};

/** A method of a terminal's description, made when it is first called: the program calls a dozen of five hundred. */
const LATER = `
function later(tput, info, key, text) {
  // of another's description it is to be known at once whether it can be read
  if (!tput.isOwn || typeof text !== 'string' || text === '') return tput._compile(info, key, text);
  let method = null;
  return function (given) { return (method ??= tput._compile(info, key, text)).call(this, given); };
}`;

/** One executable file has the terminals' descriptions inside. */
const INSIDE = `
function insideOf(term) {
  const { isSea, getRawAsset } = require('node:sea');
  if (!isSea() || !term || !term.startsWith(__dirname + '/usr/')) return null;
  return Buffer.from(new Uint8Array(getRawAsset('dist/usr/' + term.slice(term.lastIndexOf('/') + 1))));
}`;

/** blessed and blessed-contrib name modules and files at run time, which no bundler can follow. */
const widgets = {
  name: 'widgets',
  setup({ onLoad }) {
    const change = (filter, edit) =>
      onLoad({ filter }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const contents = edit(text);
        // a release that is written otherwise must not be built as if it were this one
        if (contents === text) throw new Error(`${path} is not as it is expected here`);
        return { contents: `${contents}\n${NO_MAP}`, loader: 'js' };
      });
    const these = WIDGETS.map((name) => `${name}: require('./widgets/${name}')`).join(', ');
    change(/[\\/]blessed[\\/]lib[\\/]widget\.js$/, (text) =>
      text
        .replace(
          /widget\.classes = \[[^\]]*\];/,
          (list) =>
            `${list}\nconst these = { ${these} };\nwidget.classes = widget.classes.filter((name) => name.toLowerCase() in these);`,
        )
        .replace("require('./widgets/' + file)", 'these[file]'),
    );
    // its own terminfo files lie in dist/usr
    change(/[\\/]blessed[\\/]lib[\\/]tput\.js$/, (text) =>
      text
        .replaceAll("__dirname + '/../usr/", "__dirname + '/usr/")
        .replaceAll(
          'return this.injectTerminfo(__dirname',
          'this.isOwn = true;\n  return this.injectTerminfo(__dirname',
        )
        // the one that it was made with: it cannot read what systems have by this name today
        .replace(
          'this.injectTerminfo();',
          "this.terminal === 'xterm-256color' ? this._useInternalInfo(this.terminal) : this.injectTerminfo();",
        )
        .replace('self._compile(info, key, info.all[key])', 'later(self, info, key, info.all[key])')
        .replace(
          'Tput.prototype.readTerminfo = function(term) {',
          (head) => `${head}\n  const inside = insideOf(term);\n  if (inside) return this.parseTerminfo(inside, term);`,
        )
        .concat(LATER, INSIDE),
    );
    // for verbs that are programs of their own, of which there is none
    change(/[\\/]commander[\\/]lib[\\/]command\.js$/, (text) => text.replace("require('node:child_process')", '{}'));
    change(/[\\/]blessed-contrib[\\/]lib[\\/]widget[\\/]charts[\\/]line\.js$/, (text) =>
      text.replace("require('lodash')", "{ max: require('lodash/max') }"),
    );
    change(/[\\/]drawille-canvas-blessed-contrib[\\/]index\.js$/, (text) =>
      text.replace(
        "require('gl-matrix')",
        "{ mat2d: require('gl-matrix/src/gl-matrix/mat2d.js'), vec2: require('gl-matrix/src/gl-matrix/vec2.js') }",
      ),
    );
    // no thread of ours writes a log, and this alone would load threads at each start
    change(/[\\/]pino[\\/]lib[\\/]tools\.js$/, (text) =>
      text.replace("const { isMainThread } = require('worker_threads')", 'const isMainThread = true'),
    );
    change(/[\\/]pino[\\/]lib[\\/]transport\.js$/, (text) =>
      text
        .replace("const ThreadStream = require('thread-stream')", '')
        .replace('new ThreadStream(', "new (require('thread-stream'))("),
    );
    // looked at when a log is opened, and used when one is packed by a program of the system
    change(/[\\/]rotating-file-stream[\\/]dist[\\/]esm[\\/]index\.js$/, (text) =>
      text.replace('this.exec = exec;', 'this.exec = (...given) => exec(...given);'),
    );
    // only for another process that would write the log: to say who asks, V8 counts all lines of the program
    change(/[\\/]pino[\\/]pino\.js$/, (text) => text.replace("require('./lib/caller')", '() => []'));
    // what other validators would ask a schema for: half of what a schema is made of
    change(/[\\/]valibot[\\/]dist[\\/]index\.mjs$/, (text) =>
      text.replace(/(function _standardSchema\(schema\) \{)[^]*?\n\}\n/, '$1 return schema; }\n'),
    );
    // outside of a package's folder Node warns of it
    for (const filter of [/[\\/]drawille-blessed-contrib[\\/]index\.js$/, /[\\/]blessed[\\/]lib[\\/]gpmclient\.js$/])
      change(filter, (text) => text.replaceAll('new Buffer(', 'Buffer.alloc('));
    // words for a mistake of a caller of got: the data of all languages come with them, 3 MB
    change(/[\\/]@sindresorhus[\\/]is[\\/]distribution[\\/]index\.js$/, (text) =>
      text.replaceAll(/new (Intl\.ListFormat\([^)]*\))/g, '{ format: (list) => new $1.format(list) }'),
    );
  },
};

/**
 * Asked for at a load, and used nowhere: HTTP/2 (got, undici), which is not switched on, and what looks at a schema and
 * at migrations (conf), of which none is given.
 */
const UNUSED = [
  /[\\/]http2-wrapper[\\/]source[\\/]index\.js$/,
  /[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/,
  /[\\/]ajv[\\/]dist[\\/]2020\.js$/,
  /[\\/]ajv-formats[\\/]dist[\\/]index\.js$/,
  /[\\/]semver[\\/]index\.js$/,
];
const unused = {
  name: 'unused',
  setup({ onLoad }) {
    for (const filter of UNUSED) onLoad({ filter }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** Keeps a file out of the source maps: of packages the name of a function tells enough. */
const NO_MAP =
  '//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbXSwibWFwcGluZ3MiOiIifQ==';
const unmapped = {
  name: 'unmapped',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, ({ path }) => ({
      contents: `${asItIs(readFileSync(path, 'utf8'))}\n${NO_MAP}`,
      loader: 'js',
    }));
  },
};

const common = {
  ...{ outbase: 'src', bundle: true, platform: 'node', target: 'node20', external, logLevel: 'warning' },
  // one byte a character in memory, and no name shortened, so that a stack tells
  ...{ charset: 'ascii', minifyWhitespace: true, minifySyntax: true, legalComments: 'none' },
  ...{ sourcemap: true, sourcesContent: false },
  tsconfigRaw: { compilerOptions: { target: 'ES2023', verbatimModuleSyntax: true } },
  plugins: [later, places, widgets, unused, unmapped],
};

/** Options of esbuild for `entryPoints` below src/ as modules, laid into `outdir`. */
export const modules = (entryPoints, outdir) => ({
  ...common,
  ...{ entryPoints, outdir, splitting: true, chunkNames: '[name]-[hash]', format: 'esm' },
  // what packages of CommonJS expect to have
  banner: {
    js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url),__dirname=import.meta.dirname;",
  },
});

const OWN_URL = "const ownUrl=require('node:url').pathToFileURL(__filename).href;";
const asScript = {
  ...common,
  ...{ format: 'cjs', supported: { 'dynamic-import': false } },
  define: { 'import.meta.url': 'ownUrl' },
};

/** Options of esbuild for the door of the program, which knows the program by the text `build`. */
export const door = (build, outfile) => ({
  ...asScript,
  ...{ entryPoints: ['src/app.ts'], outfile, banner: { js: OWN_URL } },
  define: { ...asScript.define, PROGRAM_BUILD: JSON.stringify(build) },
});

/**
 * Options of esbuild for the program as one script, whose value is a function: only a script's compiled code can be kept
 * (src/commands/first/kept-code). What is loaded later runs later.
 *
 * @param shown - `src/….ts#Name` of what a benchmark is to be told by a call of `globalThis.shownTo`
 */
export const program = (outfile, shown = []) => ({
  ...asScript,
  ...{ entryPoints: ['src/program.ts'], outfile },
  banner: { js: `(function(exports,require,module,__filename,__dirname){'use strict';${OWN_URL}` },
  footer: { js: '})' },
  plugins: [...shown.map(showing), apart, ...common.plugins],
});

/** A catalogue of words is a file of its own, read where its language is spoken: the program has more than one script. */
const apart = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /[\\/]korean\.js$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './korean.js', external: true } : undefined,
    );
  },
};

/** Options of esbuild for the scripts that lie beside the program: `regrant status` by itself, and the words. */
export const besides = (folder) => [
  { ...program(`${folder}/status.js`), entryPoints: ['src/status.ts'] },
  { ...asScript, entryPoints: ['src/store/words/korean/korean.ts'], outfile: `${folder}/korean.js`, sourcemap: false },
];

/** For one executable file: what lies in node_modules otherwise, and the terminals, are inside of it too. */
const inside = {
  name: 'inside',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*(native-files|linear-regexp)\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/\bload\('([^']*)'\)/g, "require('$1')"),
      loader: 'ts',
    }));
    onLoad({ filter: /[\\/]fs-native-extensions[\\/]binding\.js$/ }, () => ({ contents: ADDON, loader: 'js' }));
  },
};

/** Native code is loaded from a file only: it is one for as long as that takes. */
const ADDON = `
const { isSea, getRawAsset } = require('node:sea');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const folders = [require('node:os').tmpdir(), process.env.XDG_RUNTIME_DIR, require('node:os').homedir()];
function loaded() {
  let last;
  for (const above of folders.filter((folder) => folder !== undefined)) {
    let folder;
    try {
      folder = mkdtempSync(join(above, 'regrant-'));
      const file = join(folder, 'fs-native-extensions.node');
      writeFileSync(file, Buffer.from(getRawAsset('fs-native-extensions.node')), { mode: 0o500 });
      process.dlopen(module, file);
      return module.exports;
    } catch (error) {
      // no room, or a file system that nothing may be run from
      last = error;
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
  }
  throw last;
}
module.exports = isSea() ? loaded() : require('node:module').createRequire(__filename)('fs-native-extensions/binding');
`;

/** {@link program} for one executable file. */
export const programInside = (outfile) => ({
  ...program(outfile),
  external: ['pg-native'],
  plugins: [inside, ...common.plugins],
});

const showing = (one) => {
  const [file, name] = one.split('#');
  return {
    name: one,
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) =>
        relative('.', path) === file
          ? { contents: `${readFileSync(path, 'utf8')}\nglobalThis.shownTo?.(${name});`, loader: 'ts' }
          : undefined,
      );
    },
  };
};
