import { about, dataDirOption, exitStatuses, modes } from './help.js';
import { usageOf, verbGroups, type Verb } from './verb.js';

/** A text escaped for roff: no backslash, hyphen or leading dot has a special meaning. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll('…', '...')
    .replaceAll('·', '-');

const files: readonly (readonly [file: string, about: string])[] = [
  ['settings.json', 'settings; only what was set stands in it'],
  ['keys.json', 'client keys, as hashes'],
  ['accounts/', 'one account a file'],
  ['state/', 'what must outlive a restart, events, and the lock'],
  ['usage/', 'who used what, a file a day'],
  ['logs/', 'the log'],
  ['trash/', 'removed accounts and replaced credentials, for 30 days'],
];

/** The manual page, made from the table of verbs. @param version - the program's version */
export function manPage(verbs: readonly Verb[], version: string): string {
  const item = (left: string, right: string): string => `.TP\n.B ${roff(left)}\n${roff(right)}`;
  const verbItem = (verb: Verb): string => {
    const options = verb.options.map(({ flag, value, about: text }) => {
      const usage = `${flag}${value === null ? '' : ` ${value}`}`;
      return `.RS\n.TP\n.B ${roff(usage)}\n${roff(text)}\n.RE`;
    });
    const examples = verb.examples.map((example) => `.RS\n.nf\n${roff(example)}\n.fi\n.RE`);
    return [item(usageOf({ ...verb, options: [] }), `${verb.about}.`), ...options, ...examples].join('\n');
  };
  const groups = verbGroups.flatMap((group) => [
    `.SS ${roff(group)}`,
    ...verbs.filter((verb) => verb.group === group).map(verbItem),
  ]);
  return `${[
    `.TH REGRANT 1 "" "regrant ${roff(version)}" "User Commands"`,
    '.SH NAME',
    `regrant \\- ${roff(about[0]?.toLowerCase() ?? '')}${roff(about.slice(1).replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    ...modes.map(([usage]) => `.B ${roff(usage)}\n.br`),
    '.B regrant\n.I VERB\n[...]',
    '.SH DESCRIPTION',
    'Without a verb it shows its screen.',
    ...modes.map(([usage, text]) => item(usage, text)),
    item(...dataDirOption),
    '.SH VERBS',
    ...groups,
    '.SH EXIT STATUS',
    ...exitStatuses.map(([status, means]) => item(String(status), means)),
    '.SH FILES',
    'In the data directory:',
    ...files.map(([file, text]) => item(file, text)),
    '.SH ENVIRONMENT',
    item('REGRANT_DATA_DIR', 'the data directory'),
    item('REGRANT_...', 'every setting, by its path in upper snake case: REGRANT_PROXY_PORT for proxy.port'),
  ].join('\n')}\n`;
}
