import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shortStatus, type ShortStatus } from '../../../src/commands/first/short-status.js';
import { isGiven } from '../../../src/commands/context.js';
import { commandLine } from '../../../src/commands/verbs/command-line.js';

/** What the parser of all verbs makes of a command line; null: something else than `status`. */
async function parsed(words: readonly string[]): Promise<ShortStatus | null> {
  let found: ShortStatus | null = null;
  const parser = commandLine(
    {
      main: () => Promise.resolve(),
      verb: ({ name }, given) => {
        if (name === 'status') found = { json: isGiven(given, 'json'), all: isGiven(given, 'all') };
        return Promise.resolve();
      },
    },
    words,
  ).configureOutput({ writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined });
  await parser.parseAsync(['node', 'regrant', ...words]).catch(() => undefined);
  return found;
}

test('a plain `regrant status` is read without the parser, with its own options in any order', () => {
  const plain = { json: false, all: false };
  for (const line of ['status', '--data-dir /d status', 'status --data-dir=/d', 'status --data-dir status'])
    assert.equal(shortStatus(line.split(' ')), plain, line);
  assert.equal(shortStatus(['status', '--all', '--data-dir', '/d', '--json']), { json: true, all: true });
});

test('whatever is not beyond doubt is left to the parser', () => {
  const lines = ['', 'accounts', 'status accounts', 'status --help', 'status -h', 'status --jso', '--json status'];
  for (const line of [...lines, 'status --data-dir', 'status --data-dir=', 'status --data-dir --json', 'status --'])
    assert.is(shortStatus(line.split(' ')), null, line);
  assert.is(shortStatus(['status', '--data-dir', '']), null);
});

test('what is read without the parser, the parser reads as well, and the same', async () => {
  const word = fc.constantFrom(
    ...[
      'status',
      '--json',
      '--all',
      '--data-dir',
      '--data-dir=/d',
      '--data-dir=',
      '/d',
      '',
      '--',
      'accounts',
      '--headless',
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
      const short = shortStatus(words);
      if (short !== null) assert.equal(short, await parsed(words), words.join(' '));
    }),
    { numRuns: 2_000 },
  );
});

test.run();
