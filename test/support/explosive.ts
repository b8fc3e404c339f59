/** Regular expressions for which a backtracking engine takes practically for ever. */
export const explosive: readonly string[] = [
  '(\\S+\\s*)+dora',
  '(a+)+$',
  '(.*)*x',
  '(x+x+)+y',
  '(.*a){20}',
  '(([a-z])+.)+[A-Z]([a-z])+$',
  '(a|aa)+$',
  '(a|a?)+$',
  '^(([a-z0-9])([-.]|[_]+)?([a-z0-9]+))*(@)[a-z0-9]+[.](([a-z]{2,3})|([a-z]{2,3}[.][a-z]{2,3}))$',
  '(?:.*?,){11}P',
  '(\\w+\\s?)*!',
  '((a{1,10}){1,10})b',
  '(\\d+)+x',
  '([^@]*[^@]*)*@z',
  '(a|b)*a(a|b){12}c',
  '(.?){99}x',
];
