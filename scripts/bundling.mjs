// How src/ becomes files that start fast: the program and the packages that it is made of in a few files, since to find and
// read a thousand small ones takes longer than all that they do at a start. What is loaded later (`import()`) stays apart.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Read from node_modules when they are first needed: one is native, the others are needed by few. */
const external = ['fs-native-extensions', 'conf', 're2js', 'pg'];

/** blessed's widgets that the screen and blessed-contrib's three need; its index would read forty. */
const WIDGETS = ['node', 'screen', 'element', 'box'];

/** What a file says of its own place stays as true as if it lay in dist/ by itself. */
const places = {
  name: 'places',
  setup({ onLoad, initialOptions }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const own = `./${relative(initialOptions.outbase, path).replaceAll('\\', '/').replace(/\.ts$/, '.js')}`;
      const contents = text
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(own)}, import.meta.url).href`)
        // a widget has to come with the one blessed of the bundle
        .replace(/\bload\('(blessed-contrib\/[^']*)'\)/g, "require('$1')");
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
        .concat(LATER),
    );
    change(/[\\/]blessed-contrib[\\/]lib[\\/]widget[\\/]charts[\\/]line\.js$/, (text) =>
      text.replace("require('lodash')", "{ max: require('lodash/max') }"),
    );
  },
};

/** Asked for by got and undici only where HTTP/2 is switched on, which it nowhere is; read at every start all the same. */
const noHttp2 = {
  name: 'no-http2',
  setup({ onLoad }) {
    for (const filter of [
      /[\\/]http2-wrapper[\\/]source[\\/]index\.js$/,
      /[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/,
    ])
      onLoad({ filter }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** Keeps a file out of the source maps: of packages the name of a function tells enough. */
const NO_MAP =
  '//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbXSwibWFwcGluZ3MiOiIifQ==';
const unmapped = {
  name: 'unmapped',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\n${NO_MAP}`,
      loader: 'js',
    }));
  },
};

/** Options of esbuild for `entryPoints` below src/, laid into `outdir`. */
export const bundling = (entryPoints, outdir) => ({
  ...{ entryPoints, outbase: 'src', outdir, bundle: true, splitting: true, chunkNames: '[name]-[hash]' },
  ...{ platform: 'node', format: 'esm', target: 'node20', external, logLevel: 'warning' },
  // one byte a character in memory, and no name shortened, so that a stack tells
  ...{ charset: 'ascii', minifyWhitespace: true, minifySyntax: true, legalComments: 'none' },
  ...{ sourcemap: true, sourcesContent: false },
  // what packages of CommonJS expect to have
  banner: {
    js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url),__dirname=import.meta.dirname;",
  },
  tsconfigRaw: { compilerOptions: { target: 'ES2023', verbatimModuleSyntax: true } },
  plugins: [places, widgets, noHttp2, unmapped],
});
