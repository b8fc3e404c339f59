import { createInterface } from 'node:readline';
import { withPostgres } from './postgres.js';
import { withGoogle, googleSettings } from './google.js';
import { writeFileSync } from 'node:fs';
await withPostgres((server) => withGoogle(async (google) => {
  for (const n of ['anna', 'ben', 'new']) google.grant(`1//0${n}-token`, { email: `${n}@example.com` });
  google.upstream(() => ({ status: 200, body: '{"candidates":[{"content":{"parts":[{"text":"hi"}]}}]}' }));
  writeFileSync('/tmp/oa/google.json', JSON.stringify(googleSettings(google)));
  writeFileSync('/tmp/oa/pg.url', server.url);
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) if (line === 'quit') break;
}));
process.exit(0);
