import { saying } from '../../store/words/saying.js';
import { tell } from '../../store/words/tongue.js';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { UsageError } from '../../store/ground/errors.js';
import { sayExactly, type Context } from '../context.js';

/** A passphrase: asked for on the terminal without showing it, else the first line of standard input. */
export async function askedPassphrase(context: Context, times: 'once' | 'twice'): Promise<string> {
  if (context.stdin.isTTY !== true) return given((await textOf(context.stdin)).split(/\r?\n/, 1)[0] ?? '');
  const first = given(await asked(context, tell('Passphrase:')));
  if (times === 'twice' && (await asked(context, tell('Once more:'))) !== first) {
    throw new UsageError(saying('the two passphrases are not the same; nothing was done'));
  }
  return first;
}

function given(passphrase: string): string {
  if (passphrase === '') throw new UsageError(saying('the passphrase is empty; nothing was done'));
  return passphrase;
}

async function asked({ stdin, stderr }: Context, question: string): Promise<string> {
  stderr.write(`${question} `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: stdin, output: nowhere, terminal: true });
  try {
    return await line.question('');
  } finally {
    line.close();
    sayExactly(stderr, '');
  }
}
