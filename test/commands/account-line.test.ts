import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accountLine, reasonAndTime } from '../../src/commands/account-line.js';

const NOW = 1_800_000_000_000;

test('a line says why and for how long whatever the state is, and nothing where there is nothing to say', () => {
  for (const state of [
    'ready',
    'cooling',
    'disabled',
    'proxy_disabled',
    'refused',
    'blocked',
    'no_client',
    'unreadable',
  ])
    for (const cause of [undefined, null, '', 'quota_daily', 'revoked', 'odd'])
      for (const since of [undefined, null, 1_700_000_000])
        for (const until of [undefined, null, 1_700_000_000, 1_900_000_000]) {
          const account = { email: 'ann@example.com', state, cause, since, until, disabled_reason: 'invalid_grant' };
          const why = reasonAndTime(account, NOW).spoken;
          const line = accountLine(account, NOW);
          assert.ok(line.endsWith(why === '' ? 'ann@example.com' : `ann@example.com  ${why}`), `${line} | ${why}`);
        }
});

test.run();
