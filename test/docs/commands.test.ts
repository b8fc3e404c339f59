import { readdirSync, writeFileSync, chmodSync, mkdirSync } from 'node:fs';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verbs } from '../../src/commands/verbs/verbs.js';
import { read } from '../../scripts/doc-lists.js';
import { withApp, type App } from '../support/app.js';
import { jsonReply } from '../support/google.js';

const root = path.dirname(path.dirname(import.meta.dirname));
const pages = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const fenced = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) =>
    block
      .replace(/\\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$|^#.*$/, '').trim())
      .filter((line) => line !== ''),
  );
const inline = (markdown: string): readonly string[] =>
  [...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** Each call of regrant in a line: what stands behind its name, up to the end of the command. */
const callsIn = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|[(;&|] *|"\$\()regrant((?: [^;&|)<>"]+)?)/g)].map(([, words = '']) => words.trim());

const modes = ['--headless', '--detach', '--demo', '--help', '--version', '--data-dir'];
const byName = new Map(verbs.map((verb) => [verb.name, verb]));

/** What is wrong with a call as a document prints it; null: there is such a verb with such options. */
function faultOf(call: string): string | null {
  const words = call.split(/\s+/).filter((word) => word !== '' && word !== '…');
  const [first = '', second = ''] = words;
  if (first === '' || first.startsWith('-')) {
    return words.every((word) => !word.startsWith('-') || modes.includes(word)) ? null : `no such option: ${call}`;
  }
  const verb = byName.get(`${first} ${second}`) ?? byName.get(first);
  if (verb === undefined)
    return verbs.some(({ name }) => name.startsWith(`${first} `)) && second === '' ? null : `no such verb: ${call}`;
  if (verb.name === first && verb.takes.length === 0 && /^[a-z]+$/.test(second)) return `no such verb: ${call}`;
  const options = new Set([...verb.options.map(({ flag }) => flag), '--data-dir']);
  const unknown = words.filter((word) => /^--?[a-z]/.test(word)).find((word) => !options.has(word.replace(/,$/, '')));
  return unknown === undefined ? null : `${verb.name} has no ${unknown}: ${call}`;
}

for (const page of pages) {
  test(`each call of regrant in ${page} is of a verb, with options that it has`, () => {
    const text = read(page);
    const lists = text.replace(/<!-- (\w+): made by npm run docs -->[\s\S]*?<!-- \/\1 -->/g, '');
    const calls = [...fenced(text), ...inline(lists)].flatMap(callsIn);
    assert.equal(
      calls.map(faultOf).filter((fault) => fault !== null),
      [],
    );
  });
}

test('a verb or an option that there is not is found in a document', () => {
  for (const call of ['statsu', 'status --jsn', 'trash restor X', '--headles', 'env --four claude'])
    assert.type(faultOf(call), 'string', call);
  for (const call of [
    '',
    'status --json',
    'trash restore NAME',
    'env --for claude',
    '--detach',
    'key …',
    'login EMAIL',
  ])
    assert.is(faultOf(call), null, call);
});

/** Lines that another test has, or that need what a fresh box has not: a terminal, a browser, a network, other programs. */
const NOT_TYPED =
  /^(npm|node|git|ssh|sudo|ps|gcloud|docker|systemctl|claude|cline|gemini|tar|rm|loginctl|jq)\b|^regrant( --data-dir \S+| --demo)?$|^regrant (login|attach|import|export|service|restart)\b|--cov/;

const run = promisify(execFile);

/** What is typed into a shell with `regrant` on its path, as a document prints it. */
async function typed(app: App, line: string, env: NodeJS.ProcessEnv): Promise<string> {
  const bin = app.dir.at('bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    path.join(bin, 'regrant'),
    `#!/bin/sh\nexec '${process.execPath}' '${path.join(root, 'dist', 'app.js')}' "$@"\n`,
  );
  chmodSync(path.join(bin, 'regrant'), 0o755);
  const { stdout, stderr } = await run('bash', ['-e', '-o', 'pipefail', '-c', line], {
    env: { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: app.dir.path, REGRANT_DATA_DIR: app.dir.path, ...env },
    timeout: 60_000,
  });
  return `${stdout}${stderr}`;
}

test('each command of the documents that can be typed on a fresh box does what it says', () =>
  withApp({ accounts: [{ id: 'anna', email: 'anna@example.com' }] }, async (app) => {
    const running = await app.headless();
    const { port } = new URL(running.url);
    const lines = pages.flatMap((page) => fenced(read(page))).filter((line) => !NOT_TYPED.test(line));
    const stops = lines.filter((line) => line.includes('regrant stop') || line.includes('--detach'));
    const reading = [...new Set(lines)].filter((line) => !stops.includes(line) && !line.startsWith('regrant add'));
    assert.ok(reading.length >= 8, reading.join('\n'));
    for (const line of reading) {
      const here = line.replaceAll('localhost:8045', `localhost:${port}`);
      const said = await typed(app, `eval "$(regrant env)"\n${here}`, {});
      assert.not.match(said, /usage:|unknown/i, `${line}\n${said}`);
    }
    await running.stop();
  }));

test('a re-add in a shell prints the steps that the set-up shows', () =>
  withApp({}, async (app) => {
    app.google.grant('1//0token-of-anna', { email: 'anna@example.com' });
    app.google.upstream(() => jsonReply(200, { models: [] }));
    const { stdout, stderr, status } = await app.run(['add'], { input: '1//0token-of-anna' });
    assert.is(status, 0, stderr);
    const [, block = ''] = /```\n(✔ exchange[\s\S]*?)```/.exec(read('docs/set-up.md')) ?? [];
    // a machine that does much else takes more than a second
    const shape = (text: string): string =>
      text
        .replace(/\d+ ms|\d+\.\d s/g, 'TIME')
        .replace(/\d+/g, '0')
        .trim();
    assert.is(shape(`${stderr}${stdout}`), shape(block));
  }));

test.run();
