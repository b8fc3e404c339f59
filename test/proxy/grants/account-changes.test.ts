import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountChanges, type ListenerStage } from '../../../src/proxy/grants/account-changes.js';
import type { Assembly } from '../../../src/proxy/supervisor/assembly.js';
import { setClock } from '../../support/clock.js';
import { withHouse } from '../../support/house.js';

const quiet = { onChange: () => () => undefined };

function heard(changes: AccountChanges): string[] {
  const said: string[] = [];
  const late: readonly ListenerStage[] = ['log', 'schedule', 'pool', 'grants'];
  for (const place of late) changes.on(place, (ids) => said.push(`${place} ${ids.join(' ')}`));
  return said;
}

test('a change is heard in the order of the places, whoever asked first', () => {
  const changes = new AccountChanges(quiet);
  const said = heard(changes);
  changes.tell(['a']);
  assert.equal(said, ['grants a', 'pool a', 'schedule a', 'log a']);
});

test('what changes together is told once, a failure of the act or not', () => {
  const changes = new AccountChanges(quiet);
  const said = heard(changes);
  const act = (): never => {
    changes.tell(['a', 'b']);
    changes.together(() => changes.tell(['a']));
    throw new Error('half way');
  };
  assert.throws(() => changes.together(act), 'half way');
  assert.equal(said.slice(0, 2), ['grants a b', 'pool a b']);
  assert.is(said.length, 4);
  changes.together(() => undefined);
  assert.is(said.length, 4);
});

test('pool and schedule hear once of a good refresh, and once of one that fails', async () => {
  const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
  await withHouse({ accounts: [bob], clock: setClock(Date.now()) }, async (house) => {
    const { parts } = (house as unknown as { supervisor: { parts: Pick<Assembly, 'grants'> } }).supervisor;
    house.google.grant(bob.refreshToken, { email: bob.email });
    const said = heard(parts.grants.changes);
    assert.is((await house.supervisor.operations.testNow(['bob']))[0]?.ok, true);
    await house.store.accounts.flush();
    assert.equal(said.splice(0), ['grants bob', 'pool bob', 'schedule bob', 'log bob']);
    house.google.script(bob.refreshToken, 'reset', 2);
    assert.is((await house.supervisor.operations.testNow(['bob']))[0]?.ok, false);
    assert.equal(said, ['grants bob', 'pool bob', 'schedule bob', 'log bob']);
  });
});

test.run();
