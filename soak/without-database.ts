/**
 * Two boxes of one pool without their database, while clients go on and a third of the access tokens come to their end.
 * Arguments: seconds (120).
 */
import { App, ask } from '../test/support/app.js';
import { withPool } from '../test/support/boxes.js';
import { account } from '../test/support/directory.js';
import { googleSettings, withGoogle } from '../test/support/google.js';
import { withBoxDirectory, type BoxDirectory } from '../test/support/houses.js';
import { pause } from '../test/support/pause.js';
import { withPostgres } from '../test/support/postgres.js';

const seconds = Number(process.argv[2] ?? 120);
const ACCOUNTS = 9;
const REQUEST_EVERY_MS = 50;
/** A box finds out within this time that its database is back, and then refreshes what waited. */
const BACK_MS = 15_000;

const parts = Array.from({ length: ACCOUNTS }, (_, at) => ({
  id: `a${at}`,
  email: `a${at}@example.com`,
  refreshToken: `1//0without-database-${at}`,
}));

const counts = { requests: 0, failed: 0, exchangesMeanwhile: 0, sentAgain: 0, servingAfter: 0 };

/** Access tokens end soon here: a longer time ahead of that would be all of their life. */
const onBox: typeof withBoxDirectory = (pool, google, name, use) =>
  withBoxDirectory(pool, google, name, use, { oauth: { ...googleSettings(google).oauth, refreshAheadSeconds: 5 } });

async function asking(url: string, until: () => boolean): Promise<void> {
  while (!until()) {
    const status = await ask(url).catch(() => 0);
    counts.requests += 1;
    if (status !== 200) counts.failed += 1;
    await pause(REQUEST_EVERY_MS);
  }
}

await withPostgres((server) =>
  withGoogle((google) =>
    withPool(
      server,
      parts.map((given) => account(given)),
      (pool) =>
        onBox(pool, google, 'box-a', (a) =>
          onBox(pool, google, 'box-b', async (b) => {
            // every third access token ends while the database is away, which its account then waits for
            for (const [at, { email, refreshToken }] of parts.entries())
              google.grant(refreshToken, { email, ...(at % 3 === 0 && { expiresIn: Math.round(seconds / 2) }) });
            const { PATH, HOME } = process.env;
            const programs = [a, b].map(({ dir }: BoxDirectory) => new App(dir, google, { PATH, HOME }));
            try {
              const urls = await Promise.all(programs.map(async (program) => (await program.headless()).url));
              // everyone has an access token before
              for (let n = 0; n < 3 * ACCOUNTS; n++) for (const url of urls) await ask(url);
              const before = google.calls.token.length;
              for (const { wire } of [a, b]) wire.refuse();
              let isOver = false;
              const clients = urls.map((url) => asking(url, () => isOver));
              await pause(seconds * 1000);
              counts.exchangesMeanwhile = google.calls.token.length - before;
              for (const { wire } of [a, b]) wire.thaw();
              await pause(BACK_MS);
              isOver = true;
              await Promise.all(clients);
              const sent = google.calls.token.slice(before).map(({ refreshToken }) => refreshToken);
              counts.sentAgain = sent.length - new Set(sent).size;
              const listed = await programs[0]?.run(['accounts']);
              counts.servingAfter = listed?.stdout.match(/^ready\b/gm)?.length ?? 0;
            } finally {
              for (const program of programs) program.close();
            }
          }),
        ),
    ),
  ),
);
console.log(`without-database: ${JSON.stringify(counts)}; ${seconds} s`);
const isWhole = counts.servingAfter === ACCOUNTS;
process.exitCode = isWhole && counts.failed + counts.exchangesMeanwhile + counts.sentAgain === 0 ? 0 : 1;
