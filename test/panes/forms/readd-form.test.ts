/** Bringing an account back by keyboard: r, paste, Enter, and everything that can come between. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReaddStep } from '../../../src/proxy/contract/operations.js';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen, type TestScreenOptions } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

const KIM = 'kim.ops@example.com';
const TITLE = `new refresh token for ${KIM}`;
const TOKEN = `1//0g${'Zz9-'.repeat(24)}`;

const onNight = async (
  use: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>,
  options: TestScreenOptions = {},
): Promise<void> => {
  const clock = setClock();
  const supervisor = night(clock);
  await withScreen(supervisor, { clock, ...options }, (screen) => use(screen, supervisor));
};

/** With kim's form open. */
const inForm = (
  use: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>,
  options?: TestScreenOptions,
): Promise<void> =>
  onNight(async (screen, supervisor) => {
    await screen.press('1', 'g', 'r');
    assert.ok(screen.has(TITLE), screen.text());
    await use(screen, supervisor);
  }, options);

/** Google says that the token is another account's. */
const ofAnother = { outcome: 'other_account', pending: 'p1', email: 'c@x', text: "It is c@x's." } as const;

const saved = {
  outcome: 'saved',
  accountId: 'kim',
  email: KIM,
  created: false,
  keptOut: null,
  text: `${KIM} is back`,
} as const;

test('r, paste, Enter: three actions, each step ticked off, the row green, the form gone by itself', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('r');
    await screen.paste(TOKEN);
    await screen.press('Enter');
    const asked = supervisor.last('readd');
    assert.equal(asked.args, [{ accountId: 'kim', refreshToken: TOKEN, client: null, otherAccount: 'ask' }]);
    const steps: readonly (readonly [ReaddStep, string])[] = [
      ['exchange', '198 ms'],
      ['identity', KIM],
      ['scopes', 'all 5'],
      ['saved', 'on disk'],
      ['reloaded', '+1'],
      ['upstream', '12 models'],
    ];
    for (const [step, text] of steps) {
      asked.progress({ step, status: 'running', text: '' });
      await screen.settle();
      asked.progress({ step, status: 'done', text });
      await screen.settle();
      assert.ok(screen.has(`✔ ${text}`), step);
    }
    await asked.reply(saved);
    supervisor.update(KIM, { state: 'ready', serves: true, reason: '', since: null }, { alarm: null });
    await screen.news();
    assert.ok(screen.has(`${KIM} is back`));
    assert.match(screen.accountRow(KIM).text, /ready/);
    await screen.advance(3000);
    assert.not(screen.has(TITLE));
  }));

test('the form stands under its row and its title stands nowhere else', () =>
  inForm(async (screen) => {
    assert.is(screen.matching(TITLE).length, 1);
    assert.is(screen.row(TITLE).y, screen.accountRow(KIM).y + 1);
    await screen.press('Escape');
    assert.not(screen.has('new refresh token'));
  }));

for (const [cols, rows] of [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`the form fits with its row at ${cols}x${rows}`, () =>
    inForm(
      async (screen) => {
        await screen.paste(TOKEN);
        const text = screen.text();
        for (const piece of [TITLE, '•••••••• 101 chars · sha256 ', 'Enter check and save'])
          assert.ok(text.includes(piece), piece);
        assert.is(screen.row(TITLE).y, screen.accountRow(KIM).y + 1);
      },
      { cols, rows },
    ));
}

test('the token is never on the screen, only its length and fingerprint', () =>
  inForm(async (screen, supervisor) => {
    await screen.type('secret-typed');
    assert.not(screen.has('secret'));
    await screen.press('C-u');
    await screen.paste(TOKEN);
    assert.not(screen.text().includes('Zz9'));
    assert.ok(screen.has('•••••••• 101 chars · sha256 '));
    await screen.press('Enter');
    await supervisor.last('readd').reply({ outcome: 'refused', cause: 'revoked', text: 'Google refused it' });
    await screen.settle();
    assert.not(screen.text().includes('Zz9'));
  }));

test('a line end in a paste sends nothing, is taken out, and the form says so', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(`${TOKEN.slice(0, 50)}\n${TOKEN.slice(50)}\n`);
    assert.is(supervisor.asked.length, 0);
    assert.ok(screen.has('2 lines joined into one token; Enter sends it'));
    await screen.press('Enter');
    assert.is((supervisor.last('readd').args[0] as { refreshToken: string }).refreshToken, TOKEN);
  }));

test('a paste of a terminal without bracketed paste sends nothing either', () =>
  inForm(async (screen, supervisor) => {
    await screen.send(`${TOKEN}\rq`);
    assert.is(supervisor.asked.length, 0);
    assert.equal(screen.quits, []);
    assert.ok(screen.has(TITLE));
  }));

test('letters that are keys elsewhere are text here', () =>
  inForm(async (screen, supervisor) => {
    await screen.type('q?z:/x1 ');
    assert.ok(screen.has(TITLE));
    assert.ok(screen.has('7 chars'), screen.row('token').text);
    await screen.press('Enter');
    assert.is((supervisor.last('readd').args[0] as { refreshToken: string }).refreshToken, 'q?z:/x1');
  }));

test('an empty form sends nothing and says what is missing', () =>
  inForm(async (screen, supervisor) => {
    await screen.press('Enter');
    assert.ok(screen.has('nothing to send: paste the token first'));
    await screen.paste(' \n ');
    assert.ok(screen.has('the paste was empty: nothing taken'));
    await screen.press('Enter');
    assert.is(supervisor.asked.length, 0);
  }));

test('a huge paste is not taken, and the form says its size', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste('q'.repeat(10_240));
    assert.ok(screen.has('10,240 bytes are no refresh token'));
    await screen.paste('ab'.repeat(70_000));
    assert.ok(screen.has('140,000 bytes are no refresh token'));
    await screen.press('Enter');
    assert.is(supervisor.asked.length, 0);
    assert.equal(screen.quits, []);
  }));

test('Ctrl-U clears, the cursor moves inside, Esc closes', () =>
  inForm(async (screen, supervisor) => {
    await screen.type('abc');
    await screen.press('Left', 'Backspace', 'Home', 'Delete');
    assert.ok(screen.has('1 chars'));
    await screen.press('C-u');
    assert.ok(screen.has('paste it here'));
    await screen.press('Escape');
    assert.not(screen.has(TITLE));
    assert.is(supervisor.asked.length, 0);
  }));

test('what stopped a check is said once, and the steps after it stay in sight', () =>
  inForm(
    async (screen, supervisor) => {
      await screen.paste(TOKEN);
      await screen.press('Enter');
      const asked = supervisor.last('readd');
      const why = 'Google refused this token: invalid_grant (Bad Request)';
      asked.progress({ step: 'exchange', status: 'failed', text: why });
      await asked.reply({ outcome: 'refused', cause: 'revoked', text: `${why}; nothing was changed` });
      await screen.settle();
      assert.is(screen.matching('Google refused').length, 1);
      assert.ok(screen.has(/1 Google takes it ! +2 whose is it +3 scopes/));
    },
    { cols: 80, rows: 24 },
  ));

test('a refused token leaves the form open with the reason and the value, and Enter sends it again', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    const asked = supervisor.last('readd');
    asked.progress({ step: 'exchange', status: 'failed', text: 'invalid_grant' });
    await asked.reply({ outcome: 'refused', cause: 'revoked', text: 'Google refused it: invalid_grant (Bad Request)' });
    await screen.settle();
    assert.ok(screen.has(TITLE));
    assert.ok(screen.has('Google refused it: invalid_grant (Bad Request)'));
    assert.ok(screen.has('101 chars'));
    await screen.press('Enter');
    assert.is(supervisor.asked.length, 2);
  }));

test('an operation that fails says so in the form', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    await supervisor.last('readd').fail(new Error('the supervisor went away'));
    await screen.settle();
    assert.ok(screen.has('the supervisor went away'));
    assert.ok(screen.has(TITLE));
  }));

test("another account's token asks: y saves it for that account", () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    const text = `This token belongs to carl@example.com, not to ${KIM}.`;
    await supervisor.last('readd').reply({ outcome: 'other_account', pending: 'p1', email: 'carl@example.com', text });
    await screen.settle();
    assert.ok(screen.has('This token belongs to carl@example.com'));
    await screen.press('x');
    assert.is(supervisor.asked.length, 1);
    await screen.press('y');
    assert.equal(supervisor.last('resume').args, ['p1', 'accept']);
    await supervisor.last('resume').reply({ ...saved, email: 'carl@example.com', text: 'carl@example.com is saved' });
    await screen.settle();
    assert.ok(screen.has('carl@example.com is saved'));
  }));

test('a paste while a question stands leaves it standing', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    await screen.paste('x');
    assert.ok(screen.has('paste ignored: a check is under way'));
    await supervisor.last('readd').reply(ofAnother);
    await screen.paste('x');
    assert.ok(screen.has("It is c@x's."));
    assert.ok(screen.has('paste ignored: a question waits for its answer'));
  }));

test("another account's token asks: n drops it and goes back to the field", () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    await supervisor.last('readd').reply(ofAnother);
    await screen.press('n');
    assert.equal(supervisor.last('resume').args, ['p1', 'drop']);
    assert.ok(screen.has('101 chars'));
    assert.ok(screen.has('Enter check and save'));
  }));

test('an unknown owner can be asked for again without a second exchange', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    await supervisor.last('readd').reply({
      outcome: 'identity_unknown',
      pending: 'p2',
      email: null,
      text: 'The token is good, but userinfo did not answer.',
    });
    await screen.press('Enter');
    assert.equal(supervisor.last('resume').args, ['p2', 'retry']);
    await supervisor.last('resume').reply(saved);
    await screen.settle();
    assert.ok(screen.has(`${KIM} is back`));
  }));

test('closing the form while a question waits drops the token', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    await supervisor.last('readd').reply(ofAnother);
    await screen.press('Escape');
    assert.equal(supervisor.last('resume').args, ['p1', 'drop']);
  }));

test('closing the form while Google is asked tells the outcome at the foot', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter', 'Escape');
    assert.not(screen.has(TITLE));
    await supervisor.last('readd').reply(saved);
    await screen.settle();
    assert.ok(screen.has(`${KIM} is back`));
  }));

test('a question that comes after the form was closed is answered with no', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter', 'Escape');
    await supervisor
      .last('readd')
      .reply({ outcome: 'other_account', pending: 'p9', email: 'c@x', text: "It is c@x's." });
    await screen.settle();
    assert.equal(supervisor.last('resume').args, ['p9', 'drop']);
  }));

test('what still keeps the account out is said, and the form stays to be read', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    const keptOut = 'still off: by hand; e puts it back';
    await supervisor.last('readd').reply({ ...saved, keptOut, text: `${KIM} is re-added; ${keptOut}` });
    await screen.advance(10_000);
    assert.is(screen.matching('still off: by hand').length, 1);
    assert.ok(screen.has(` ${KIM} is re-added; still off: by hand; e puts it back  `), 'and says it once');
    await screen.press('Enter');
    assert.not(screen.has(TITLE));
  }));

test('rows stay where they are while the form is open', () =>
  inForm(async (screen, supervisor) => {
    const order = (): string =>
      screen
        .matching(/@(example|corp)/)
        .map(({ text }) => /\S+@\S+/.exec(text)?.[0])
        .slice(1, 6)
        .join(' ');
    const before = order();
    supervisor.update('anna@example.com', { state: 'disabled', serves: false, reason: 'invalid_grant: x' });
    await screen.news();
    assert.is(order(), before);
    await screen.press('Escape');
    await screen.settle();
    assert.ok(screen.accountRow('anna@example.com').y < screen.accountRow('hana@example.com').y);
  }));

test('the form stays with its row when the row no longer matches the filter', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('/');
    await screen.type('DISABLED');
    await screen.press('Enter', 'r');
    await screen.paste(TOKEN);
    await screen.press('Enter');
    supervisor.update(KIM, { state: 'ready', serves: true, reason: '', cause: null, since: null }, { alarm: null });
    await supervisor.last('readd').reply(saved);
    await screen.news();
    assert.is(screen.row(TITLE).y, screen.accountRow(KIM).y + 1);
    assert.ok(screen.has(`${KIM} is back`));
    await screen.advance(3000);
    assert.ok(screen.has('none of 9 accounts matches /DISABLED'));
  }));

test('the form stays in sight when its account is removed by somebody else', () =>
  inForm(async (screen, supervisor) => {
    supervisor.set({ accounts: [...supervisor.snapshot().accounts].filter(({ email }) => email !== KIM) });
    await screen.news();
    assert.ok(screen.has(TITLE));
    await screen.paste(TOKEN);
    assert.ok(screen.has('101 chars'));
  }));

test('Ctrl-C in the form asks, and Esc there brings the form back with its value', () =>
  inForm(async (screen) => {
    await screen.paste(TOKEN);
    await screen.press('C-c');
    assert.ok(screen.has('Leave regrant?'));
    await screen.press('Escape');
    assert.ok(screen.has(TITLE));
    assert.ok(screen.has('101 chars'));
  }));

test('a token that was left for five minutes is forgotten', () =>
  inForm(async (screen) => {
    await screen.paste(TOKEN);
    await screen.advance(5 * 60_000);
    await screen.advance(1000);
    assert.ok(screen.has('the token was forgotten'));
    assert.not(screen.has('101 chars'));
  }));

/** Whether something is drawn again and again without anything to wait for. */
const spins = (screen: TestScreen): boolean => screen.clock.due.some((at) => at <= screen.clock.now());

test('a form that is left open waits, whatever it shows', async () => {
  const minutes = 6 * 60_000;
  await inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    await screen.advance(minutes);
    assert.not.ok(spins(screen), 'while Google is asked');
    await supervisor.last('readd').reply({ outcome: 'refused', cause: 'revoked', text: 'Google refused it' });
    await screen.advance(1000);
    assert.ok(screen.has('Google refused it'), 'the time starts anew with an answer');
    await screen.advance(minutes);
    assert.not.ok(spins(screen), 'after it');
    assert.ok(screen.has('the token was forgotten'));
  });
  await onNight(async (screen, supervisor) => {
    await screen.press('a');
    await screen.paste('1//0first-token\n1//0second-token');
    await screen.press('Enter');
    await screen.advance(minutes);
    assert.not.ok(spins(screen), 'in a long batch');
    await supervisor.last('readd').reply({ ...saved, text: 'one' });
    await supervisor.last('readd').reply({ ...saved, text: 'two' });
    await screen.advance(minutes);
    assert.not.ok(spins(screen), 'after all was saved');
    assert.ok(screen.has('2 of 2 saved'));
  });
});

test('a question that is left standing for five minutes is answered with no', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    await supervisor.last('readd').reply(ofAnother);
    await screen.advance(5 * 60_000 - 1000);
    assert.ok(screen.has("It is c@x's."));
    await screen.advance(2000);
    assert.equal(supervisor.last('resume').args, ['p1', 'drop']);
    assert.ok(screen.has('the token was forgotten'));
    assert.not.ok(spins(screen));
  }));

test('the same token as the stored one is named as such', () =>
  onNight(async (screen, supervisor) => {
    supervisor.update(KIM, { refreshToken: { length: 3, sha256: 'ba7816bf' } });
    await screen.news();
    await screen.press('r');
    await screen.paste('abc');
    assert.ok(screen.has('the same as stored'));
    await screen.paste('d');
    assert.ok(screen.has('not the stored one'));
  }));

test('Tab chooses among the OAuth clients, back to nobody in the end', () =>
  onNight(async (screen, supervisor) => {
    supervisor.set({
      clients: [
        { name: 'default', id: '1-a', hasSecret: true },
        { name: 'desk', id: '2-b', hasSecret: true },
      ],
    });
    await screen.news();
    await screen.press('r');
    assert.ok(screen.has('Tab chooses of 2'));
    const chosen: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      await screen.press('C-u', 'Tab');
      await screen.paste('x');
      await screen.press('Enter');
      chosen.push((supervisor.last('readd').args[0] as { client: unknown }).client);
      await supervisor.last('readd').reply({ outcome: 'refused', cause: 'revoked', text: 'no' });
      await screen.settle();
    }
    assert.equal(chosen, ['default', 'desk', null]);
  }));

test('a opens the same form without a row', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('a');
    assert.ok(screen.has('add an account: paste its refresh token'));
    await screen.paste(TOKEN);
    await screen.press('Enter');
    assert.is((supervisor.last('readd').args[0] as { accountId: unknown }).accountId, null);
    await supervisor.last('readd').reply({ ...saved, created: true, text: 'new@example.com is added' });
    await screen.settle();
    assert.ok(screen.has('new@example.com is added'));
  }));

test('r works on a healthy account too', () =>
  onNight(async (screen) => {
    await screen.press('j', 'j', 'j', 'r');
    assert.ok(screen.has('new refresh token for anna@example.com'));
  }));

test('a without any account opens the form in the empty pane', async () => {
  const clock = setClock();
  const supervisor = new TestSupervisor(clock, []);
  await withScreen(supervisor, { clock, cols: 80, rows: 24 }, async (screen) => {
    assert.ok(screen.has('No account yet'));
    await screen.press('r');
    assert.ok(screen.has('there is no account yet: o logs in, a takes a token'));
    await screen.press('a');
    assert.ok(screen.has('add an account: paste its refresh token'));
    supervisor.set({ accounts: [account('new@example.com')] });
    await screen.press('Escape');
    await screen.news();
    assert.match(screen.accountRow('new@example.com').text, /ready/);
  });
});

for (let cut = 1; cut < 6; cut += 1) {
  test(`a start marker cut after byte ${cut} still fills the form`, () =>
    inForm(async (screen) => {
      const bytes = `\x1b[200~${TOKEN}\rq\x1b[201~`;
      await screen.send(bytes.slice(0, cut));
      await screen.send(bytes.slice(cut));
      await screen.advance(100);
      assert.ok(screen.has('102 chars'), screen.row('token').text);
    }));
}

const pastedClients = [
  { name: 'default', id: '1-default.apps.googleusercontent.com', hasSecret: true },
  { name: 'desk', id: '2-desk.apps.googleusercontent.com', hasSecret: true },
];

test('JSON of other programs gives its refresh token, and the client that issued it', () =>
  onNight(async (screen, supervisor) => {
    supervisor.set({ clients: pastedClients });
    await screen.news();
    const adc = { type: 'authorized_user', client_secret: 'never-sent', refresh_token: TOKEN };
    const accountFile = (key: string | null): unknown => ({
      ...{ id: 'a', email: 'a@example.com' },
      token: { access_token: 'ya29.x', refresh_token: TOKEN, oauth_client_key: key },
    });
    const files: readonly (readonly [text: string, client: string | null])[] = [
      [`{"refresh_token": "${TOKEN}"}`, null],
      [JSON.stringify({ ...adc, client_id: pastedClients[1]?.id }, null, 2), 'desk'],
      [JSON.stringify(accountFile(null)), null],
      [JSON.stringify(accountFile('desk')), 'desk'],
      [JSON.stringify({ accounts: [accountFile('default')] }), 'default'],
    ];
    for (const [file, client] of files) {
      await screen.press('g', 'r');
      await screen.paste(file);
      assert.ok(screen.has('the refresh token was taken out of JSON; Enter sends it'), screen.text());
      assert.ok(screen.has(`${TOKEN.length} chars`));
      assert.not.ok(screen.has('never-sent'));
      await screen.press('Enter');
      const [request] = supervisor.last('readd').args as [{ refreshToken: string; client: string | null }];
      assert.is(request.refreshToken, TOKEN);
      assert.is(request.client, client, file);
      await supervisor.last('readd').reply({ outcome: 'refused', cause: 'revoked', text: 'no' });
      await screen.press('Escape');
    }
    await screen.press('r');
    await screen.paste('{"no": "token"}');
    await screen.press('Enter');
    const [request] = supervisor.last('readd').args as [{ refreshToken: string }];
    assert.is(request.refreshToken, '{"no":"token"}');
  }));

test('a client that the paste names and that is not configured here is said', () =>
  onNight(async (screen, supervisor) => {
    supervisor.set({ clients: pastedClients });
    await screen.news();
    await screen.press('r');
    await screen.paste(JSON.stringify({ client_id: '9-gone', refresh_token: TOKEN }));
    assert.ok(screen.has('its OAuth client (9-gone) is not configured here: Esc, then O sets one up'));
    await screen.press('Escape', 'a');
    await screen.paste(
      JSON.stringify(['1//0first', '1//0second'].map((token) => ({ client_id: '9-gone', refresh_token: token }))),
    );
    assert.ok(screen.has('2 tokens taken (JSON); Enter checks and saves each; 2 OAuth clients'), screen.text());
  }));

test('one JSON object a line is several tokens', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('a');
    const tokens = ['1//0first-token', '1//0second-token'];
    await screen.paste(`${tokens.map((token) => JSON.stringify({ token: { refresh_token: token } })).join('\n')}\n`);
    assert.ok(screen.has('2 tokens taken (JSON); Enter checks and saves each'), screen.text());
    await screen.press('Enter');
    assert.is((supervisor.last('readd').args[0] as { refreshToken: string }).refreshToken, tokens[0]);
  }));

test('a takes several tokens, one a line: each has a verdict, and only the refused ones are asked about again', () =>
  onNight(async (screen, supervisor) => {
    const tokens = ['1//0first-token', '1//0second-token', '1//0third-token'];
    await screen.press('a');
    await screen.paste(`${tokens.join('\n')}\n`);
    assert.ok(screen.has('3 tokens taken (3 lines); Enter checks and saves each'));
    assert.is(supervisor.asked.length, 0);
    assert.not.ok(screen.has('first-token'));
    await screen.press('Enter');
    const text = 'invalid_grant: Bad Request. Nothing was written';
    for (const [at, token] of tokens.entries()) {
      const asked = supervisor.last('readd');
      assert.is((asked.args[0] as { refreshToken: string }).refreshToken, token);
      if (at === 1) await asked.reply({ outcome: 'refused', cause: 'revoked', text });
      else await asked.reply({ ...saved, email: `u${at}@example.com`, text: `u${at}@example.com is added` });
      await screen.settle();
    }
    assert.ok(screen.has('✔ u0@example.com is added'), screen.text());
    assert.ok(screen.has(`! ${text}`));
    assert.ok(screen.has('2 of 3 saved and in the pool; Enter asks again about the others'));
    await screen.press('Enter');
    assert.is(supervisor.asked.length, 4);
    await supervisor.last('readd').reply({ ...saved, text: 'u1@example.com is added' });
    await screen.settle();
    assert.ok(screen.has('3 of 3 saved and in the pool'));
    await screen.press('Escape');
    assert.not.ok(screen.has('add an account'));
  }));

test('of a batch, only what serves and is on disk counts as saved', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('a');
    await screen.paste('1//0first-token\n1//0second-token\n1//0third-token');
    await screen.press('Enter');
    await supervisor.last('readd').reply({ ...saved, text: 'one is added and ready' });
    const notSaved = 'two is added, but not saved: no space (the write is tried again) and ready';
    await supervisor.last('readd').reply({ ...saved, outcome: 'not_saved', text: notSaved });
    await supervisor.last('readd').reply({ ...saved, keptOut: 'still off', text: 'three is re-added; still off' });
    await screen.settle();
    assert.ok(screen.has(/▲ two is added, but not saved/), screen.text());
    assert.ok(screen.has(/▲ three is re-added; still off/));
    assert.ok(screen.has('1 of 3 saved and in the pool; see what is said of the others'));
    await screen.press('Enter');
    assert.is(supervisor.asked.length, 3, 'nobody is asked about those again');
    assert.not.ok(screen.has('add an account'));
  }));

test('a token of a batch that Google took, but whose owner is not known, is not exchanged a second time', () =>
  onNight(async (screen, supervisor) => {
    await screen.press('a');
    await screen.paste('1//0first-token\n1//0second-token');
    await screen.press('Enter');
    const unknown = { outcome: 'identity_unknown', email: null, text: 'nothing is saved yet, ask again' } as const;
    await supervisor.last('readd').reply({ ...unknown, pending: 'p1' });
    await supervisor.last('readd').reply({ ...unknown, pending: 'p2' });
    await screen.settle();
    assert.ok(screen.has('0 of 2 saved and in the pool; Enter asks again about the others'));
    await screen.press('Enter');
    assert.equal(supervisor.last('resume').args, ['p1', 'retry']);
    await supervisor.last('resume').reply({ ...saved, text: 'one is added and ready' });
    assert.equal(supervisor.last('resume').args, ['p2', 'retry']);
    await supervisor.last('resume').reply({ ...unknown, pending: 'p3' });
    await screen.settle();
    await screen.press('Escape');
    assert.equal(supervisor.last('resume').args, ['p3', 'drop']);
    assert.is(supervisor.asked.filter(({ name }) => name === 'readd').length, 2);
  }));

test('of a list that is too long to be kept, or whose end is missing, nothing is taken', () =>
  onNight(async (screen, supervisor) => {
    const list = Array.from({ length: 200 }, (_, n) => `1//0${'x'.repeat(95)}-${n}`).join('\r');
    await screen.press('a');
    await screen.paste(list);
    assert.ok(screen.has(/2\d,\d{3} bytes were pasted, more than are kept: nothing taken/), screen.text());
    assert.ok(screen.has('regrant import takes a file of them'));
    await screen.paste(JSON.stringify(list.split('\r').map((token) => ({ refresh_token: token }))));
    assert.ok(screen.has('regrant import takes a file of them'));
    await screen.send('\x1b[200~1//0first-token\r1//0second-tok');
    await screen.advance(5000);
    assert.ok(screen.has('the terminal did not say where the paste ends: nothing taken'), screen.text());
    await screen.press('Enter');
    assert.is(supervisor.asked.length, 0);
  }));

test('the client is chosen before several tokens are pasted', () =>
  onNight(async (screen, supervisor) => {
    const clients = ['default', 'desk'].map((name) => ({ name, id: `${name}-id`, hasSecret: true }));
    supervisor.set({ clients });
    await screen.news();
    await screen.press('a', 'Tab', 'Tab');
    await screen.paste('1//0first-token\n1//0second-token');
    await screen.press('Tab');
    assert.ok(screen.has('the client is chosen before the paste: Ctrl-U takes the tokens away'));
    await screen.press('Enter');
    assert.is((supervisor.last('readd').args[0] as { client: unknown }).client, 'desk');
  }));

test('a form for one account takes one token; a token broken over lines is still one', () =>
  inForm(async (screen) => {
    await screen.paste('1//0first-token\n1//0second-token');
    assert.ok(screen.has('2 tokens were pasted, this form takes one'));
    await screen.paste(`${TOKEN.slice(0, 50)}\n${TOKEN.slice(50)}`);
    assert.ok(screen.has(`${TOKEN.length} chars`));
  }));

test('the form waits for the first request, shows it, and closes then', () =>
  inForm(async (screen, supervisor) => {
    await screen.paste(TOKEN);
    await screen.press('Enter');
    const asked = supervisor.last('readd');
    asked.progress({ step: 'served', status: 'running', text: 'waiting for the next request' });
    await asked.reply(saved);
    await screen.advance(4000);
    assert.ok(screen.has(TITLE));
    asked.progress({ step: 'served', status: 'done', text: 'gemini-2.5-pro 200' });
    await screen.settle();
    assert.ok(screen.has(/7 first request ✔ gemini-2.5-pro 200/), screen.text());
    await screen.advance(2000);
    assert.ok(screen.has(TITLE));
    await screen.advance(1100);
    assert.not.ok(screen.has(TITLE));
  }));

test.run();
