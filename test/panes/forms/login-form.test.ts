import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LoginOffer } from '../../../src/proxy/contract/operations.js';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen, type TestScreenOptions } from '../../support/screen.js';
import type { TestSupervisor } from '../../support/supervisor.js';

const KIM = 'kim.ops@example.com';
const LINK = `https://accounts.example/auth?state=s1&code_challenge=${'c'.repeat(180)}`;
const offer: LoginOffer = {
  login: 'login-1',
  url: LINK,
  port: 41234,
  client: 'default',
  email: KIM,
  machine: 'ops@box',
};

type Flow = (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>;

/** With the link of a login standing in the terminal. */
const onPage = async (use: Flow, size: TestScreenOptions = {}): Promise<void> => {
  const clock = setClock();
  const supervisor = night(clock);
  await withScreen(supervisor, { clock, ...size }, async (screen) => {
    await screen.press('.', 'o');
    await supervisor.last('startLogin').reply(offer);
    await screen.settle();
    await use(screen, supervisor);
  });
};

const inNormalBuffer = ({ terminal }: TestScreen): boolean => terminal.buffer.active.type === 'normal';

test('o asks for a link for the selected account, and shows it in the terminal itself, whole', () =>
  onPage(
    async (screen, supervisor) => {
      assert.equal(supervisor.last('startLogin').args, [
        { accountId: 'kim', email: null, client: null, otherAccount: 'ask' },
      ]);
      assert.ok(inNormalBuffer(screen));
      assert.ok(screen.text().replaceAll('\n', '').includes(LINK));
      assert.ok(screen.has('ssh -N -L 41234:127.0.0.1:41234 ops@box'));
      for (const key of ['q', 'C-c']) {
        await screen.press('x', key);
        assert.not.ok(inNormalBuffer(screen));
        assert.ok(screen.has('Leave regrant?'), key);
        await screen.press('Escape');
        assert.equal(screen.quits, []);
        assert.ok(screen.has(`log in with Google as ${KIM}`));
        if (key === 'q') await screen.press('C-o');
      }
      await screen.press('C-o');
      assert.ok(inNormalBuffer(screen));
      await screen.press('Enter');
      assert.not.ok(inNormalBuffer(screen));
    },
    { cols: 60, rows: 40 },
  ));

test('y copies the link, and news while it stands are lines under it', () =>
  onPage(async (screen, supervisor) => {
    const copied: string[] = [];
    screen.terminal.parser.registerOscHandler(52, (data) => {
      copied.push(Buffer.from(data.slice(2), 'base64').toString());
      return true;
    });
    await screen.press('y');
    assert.equal(copied, [LINK]);
    assert.ok(screen.has('link offered to the terminal (OSC 52)'));
    await supervisor.last('awaitLogin').reply({
      outcome: 'saved',
      accountId: 'kim',
      email: KIM,
      created: false,
      keptOut: null,
      text: `${KIM} is re-added and ready`,
    });
    await screen.settle();
    assert.ok(screen.has('is re-added and ready'));
    await screen.press('Enter');
    assert.ok(screen.has('is re-added and ready'));
    await screen.press('Enter');
    assert.not.ok(screen.has('log in with Google as'));
  }));

test('a paste on the page leads into the field, masked, and Enter sends it; a refused one leaves the link open', () =>
  onPage(async (screen, supervisor) => {
    await screen.paste('http://127.0.0.1:41234/?state=s1&\r\ncode=4/0-secret-code');
    assert.not.ok(inNormalBuffer(screen));
    assert.ok(screen.has('53 chars'));
    assert.not.ok(screen.has('secret-code'));
    assert.not.ok(supervisor.asked.some(({ name }) => name === 'pasteLogin'));
    await screen.press('Enter');
    assert.equal(supervisor.last('pasteLogin').args, [
      'login-1',
      'http://127.0.0.1:41234/?state=s1&code=4/0-secret-code',
    ]);
    await supervisor.last('pasteLogin').reply({ ok: false, text: 'that address belongs to another login' });
    await screen.settle();
    assert.ok(screen.has('that address belongs to another login'));
    const before = supervisor.asked.filter(({ name }) => name === 'awaitLogin').length;
    await supervisor.last('awaitLogin').reply({ outcome: 'login_open', text: 'consent was denied in the browser' });
    await screen.settle();
    assert.ok(screen.has('consent was denied in the browser'));
    assert.is(supervisor.asked.filter(({ name }) => name === 'awaitLogin').length, before + 1);
  }));

test('the steps are shown, and another account is a question: y saves it for that one', () =>
  onPage(async (screen, supervisor) => {
    await screen.press('Enter');
    const awaited = supervisor.last('awaitLogin');
    awaited.progress({ step: 'exchange', status: 'done', text: '120 ms' });
    await screen.settle();
    assert.ok(screen.has(/Google takes it +120 ms/));
    await awaited.reply({
      outcome: 'other_account',
      pending: 'p1',
      email: 'anna@example.com',
      text: 'this token belongs to anna@example.com: save it for her?',
    });
    await screen.settle();
    assert.ok(screen.has('belongs to anna@example.com'));
    await screen.press('y');
    assert.equal(supervisor.last('resume').args, ['p1', 'accept']);
    await supervisor.last('resume').reply({
      outcome: 'saved',
      accountId: 'anna',
      email: 'anna@example.com',
      created: false,
      keptOut: null,
      text: 'anna@example.com is re-added and ready',
    });
    await screen.settle();
    assert.ok(screen.has('anna@example.com is re-added and ready'));
  }));

test('n drops it; Esc gives the login up', () =>
  onPage(async (screen, supervisor) => {
    await screen.press('Enter');
    await supervisor
      .last('awaitLogin')
      .reply({ outcome: 'identity_unknown', pending: 'p2', email: null, text: 'whose?' });
    await screen.settle();
    await screen.press('n');
    assert.equal(supervisor.last('resume').args, ['p2', 'drop']);
    assert.ok(screen.has('nothing was saved'));
    await screen.press('Enter', 'o');
    await supervisor.last('startLogin').reply({ ...offer, login: 'login-2' });
    await screen.press('Enter', 'Escape');
    assert.equal(supervisor.last('cancelLogin').args, ['login-2']);
    assert.not.ok(screen.has('log in with Google as'));
  }));

test('Ctrl-O in a form logs in for its account, or for anybody; a link that cannot be made says why', async () => {
  const clock = setClock();
  const supervisor = night(clock);
  await withScreen(supervisor, { clock }, async (screen) => {
    await screen.press('a', 'C-o');
    assert.equal(supervisor.last('startLogin').args, [
      { accountId: null, email: null, client: null, otherAccount: 'ask' },
    ]);
    assert.not.ok(screen.has('add an account'));
    await supervisor.last('startLogin').reply({ ok: false, text: 'no OAuth client is configured' });
    await screen.settle();
    assert.ok(screen.has('no OAuth client is configured'));
    await screen.press('Enter', '.', 'r', 'C-o');
    assert.equal(supervisor.last('startLogin').args, [
      { accountId: 'kim', email: null, client: null, otherAccount: 'ask' },
    ]);
  });
});

test('a death while the link stands rings, is in the title, and flashes on the way back', () =>
  onPage(async (screen, supervisor) => {
    const titles: string[] = [];
    let bells = 0;
    screen.terminal.onTitleChange((title) => titles.push(title));
    screen.terminal.onBell(() => (bells += 1));
    supervisor.set({ ui: { theme: 'auto', glyphs: 'auto', language: 'auto', flash: true, bell: true, mouse: false } });
    supervisor.update('anna@example.com', { state: 'disabled', serves: false, since: screen.clock.now() + 50 });
    await screen.advance(5000);
    assert.ok(inNormalBuffer(screen));
    assert.is(bells, 1);
    assert.equal(titles, ['regrant 3/8 out']);
    await screen.press('Enter');
    assert.ok(screen.row('1 Accounts').red.startsWith('┌─'), 'the border takes part in the flash');
  }));

test('the title of the shell is taken and given back once', async () => {
  const written: string[] = [];
  await onPage(async (screen) => {
    const write = screen.terminal.write.bind(screen.terminal);
    screen.terminal.write = (data, done) => {
      written.push(String(data));
      write(data, done);
    };
    await screen.press('Enter', 'C-o');
    process.emit('SIGCONT');
    await screen.press('Enter');
    process.emit('SIGCONT');
    await screen.settle();
  });
  const count = (sequence: string): number => written.join('').split(sequence).length - 1;
  assert.is(count('\x1b[22;2t'), 0, 'taken before, when it was opened');
  assert.is(count('\x1b[23;2t'), 1);
});

test('words that are neither an address nor a code are not taken for one, however a terminal broke the address', () =>
  onPage(async (screen, supervisor) => {
    for (const words of ['I am lost', 'the page\ncannot be opened', 'connection refused']) {
      await screen.paste(words);
      assert.ok(screen.has('neither the address at which the browser ended nor the code in it: nothing taken'), words);
      await screen.press('Enter');
      assert.not.ok(supervisor.asked.some(({ name }) => name === 'pasteLogin'));
    }
    for (const answer of [
      '4/0-se\r\ncret',
      'http://127.0.0.1:4\n1234/?co\nde=4/x',
      '4%2F0AVMBsJ',
      'code=4/0 x',
      'abc-def',
    ]) {
      await screen.press('C-u');
      await screen.paste(answer);
      assert.ok(screen.has('Enter sends it'), answer);
    }
  }));

test('a paste while a question stands leaves it standing', () =>
  onPage(async (screen, supervisor) => {
    await screen.press('Enter');
    await supervisor
      .last('awaitLogin')
      .reply({ outcome: 'identity_unknown', pending: 'p2', email: null, text: 'whose?' });
    await screen.paste('x');
    assert.ok(screen.has('whose?'));
    assert.ok(screen.has('paste ignored: no answer is awaited now'));
  }));

test('a supervisor that goes while a login is open ends no screen', async () => {
  const lost = new Error('the supervisor went away');
  const rejected: unknown[] = [];
  const note = (error: unknown): number => rejected.push(error);
  process.on('unhandledRejection', note);
  await onPage(async (screen, supervisor) => {
    await screen.press('Enter', 'Escape');
    await supervisor.last('cancelLogin').fail(lost);
    await screen.press('o', 'Escape');
    await supervisor.last('startLogin').reply(offer);
    await supervisor.last('cancelLogin').fail(lost);
    await screen.press('o');
    await supervisor.last('startLogin').reply(offer);
    await screen.press('Enter');
    await supervisor
      .last('awaitLogin')
      .reply({ outcome: 'identity_unknown', pending: 'p2', email: null, text: 'whose?' });
    await screen.press('n');
    await supervisor.last('resume').fail(lost);
  });
  process.off('unhandledRejection', note);
  assert.equal(rejected, []);
});

test('the screen that is closed while the page stands gives the terminal back', () =>
  onPage(async (screen) => {
    screen.open.close();
    await screen.settle();
    assert.ok(inNormalBuffer(screen));
    assert.not.ok(screen.input.isRaw);
  }));

test.run();
