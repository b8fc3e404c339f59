const SHORTEST_LIFE_SECONDS = 60;
const LONGEST_LIFE_SECONDS = 86_400;

/**
 * How long an access token lives, in seconds, bounded on both sides: a token said to end at once would be refreshed
 * without end, and one said never to end would never be refreshed.
 */
export const lifeOf = (expiresIn: number): number =>
  Math.min(Math.max(Math.trunc(expiresIn), SHORTEST_LIFE_SECONDS), LONGEST_LIFE_SECONDS);

/**
 * A Google project, by id or number, also one of a domain (`example.com:my-project`). It goes into a header, so nothing
 * else is let through.
 */
const PROJECT_ID = /^[a-z0-9](?:[a-z0-9._:-]{0,98}[a-z0-9])?$/i;

export const isProjectId = (text: string): boolean => PROJECT_ID.test(text);
