/** `r을 누르고` in a shell, where there are no keys: `` `regrant add`를 실행하고 ``. */

/** A key with the particle after it, as a word of its own. */
const KEY = new RegExp('(?<![\\w`./-])([A-Za-z])(을|를|이나|나|으로|로)(?=[\\s,.)]|$)', 'g');

/** Verbs whose last word ends in a consonant as it is said: 온, 로그인, 셋. */
const CLOSED = /(?:on|login|set)`$/;

/** Forms of a particle after a consonant and after a vowel. */
const particles = new Map(
  (['을/를', '이나/나', '으로/로'] as const).flatMap((both) => {
    const [closed = '', open = ''] = both.split('/');
    return [closed, open].map((form) => [form, { closed, open }] as const);
  }),
);

const PRESS = new RegExp('(`regrant [a-z ]+`[을를]) 누르', 'g');
const PRESSING = new RegExp('(`regrant [a-z ]+`[을를]) 눌러', 'g');

/** @param verbOf - the verb that does what a key does; undefined: none does */
export const koreanInShell = (text: string, verbOf: (key: string) => string | undefined): string =>
  text
    .replace(KEY, (whole, key: string, particle: string) => {
      const verb = verbOf(key);
      if (verb === undefined) return whole;
      const word = `\`${verb}\``;
      return `${word}${particles.get(particle)?.[CLOSED.test(word) ? 'closed' : 'open'] ?? particle}`;
    })
    .replace(PRESS, '$1 실행하')
    .replace(PRESSING, '$1 실행해');
