/** What ends when everything is read anew. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { type House, withHouse } from '../../support/house.js';

const accounts = ['ann', 'bob', 'cat'].map((id) => ({ id, email: `${id}@example.com`, accessEndsIn: 3_000 }));
const error = (reason: string, message: string): string =>
  JSON.stringify({
    error: {
      ...{ code: 403, message, status: 'PERMISSION_DENIED' },
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }],
    },
  });
const json = { 'content-type': 'application/json' };
const states = ({ supervisor }: House): readonly string[] => supervisor.snapshot().accounts.map(({ state }) => state);

test('reading anew ends what blocks an account, in its file too, but no cool-down', () =>
  withHouse({ accounts, clock: setClock() }, async (house) => {
    const answers = [
      { status: 403, headers: json, body: error('TOS_VIOLATION', 'no') },
      { status: 403, headers: json, body: error('VALIDATION_REQUIRED', 'verify') },
      { status: 429, headers: json, body: '{"error":{"code":429,"message":"Please retry in 9h."}}' },
    ];
    house.google.upstream(() => answers.shift() ?? { status: 200, headers: json, body: '{}' });
    assert.is((await house.ask()).status, 429);
    assert.equal([...states(house)].sort(), ['blocked', 'blocked', 'cooling']);
    assert.ok((await house.supervisor.operations.reload()).ok);
    assert.equal([...states(house)].sort(), ['cooling', 'ready', 'ready']);
    await house.store.accounts.flush();
    for (const { id } of accounts) assert.is((await house.dir.read(id)).validation_blocked ?? false, false);
    assert.is((await house.ask()).status, 200);
  }));

test.run();
