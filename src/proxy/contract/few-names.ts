/** If there are more than this, the others are counted instead of named. */
const NAMED = 3;

/** The first names, and how many there are beside them: however many they are, it is one line. */
export const fewNames = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
