const SHORTEST_LIFE_SECONDS = 60;
const LONGEST_LIFE_SECONDS = 86_400;

/** How long an access token lives, seconds: one that is said to end at once would be refreshed without end, and one that is said not to end, never. */
export const lifeOf = (expiresIn: number): number =>
  Math.min(Math.max(Math.trunc(expiresIn), SHORTEST_LIFE_SECONDS), LONGEST_LIFE_SECONDS);

/** Google's, by id or number, those of a domain (`example.com:my-project`) too: what can stand in a header, and no more. */
const PROJECT_ID = /^[a-z0-9](?:[a-z0-9._:-]{0,98}[a-z0-9])?$/i;

export const isProjectId = (text: string): boolean => PROJECT_ID.test(text);
