/** The screen's life on a terminal: in, out, size, hang-up, a terminal that takes nothing. */
import { createRequire } from 'node:module';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { hostile } from '../../support/hostile.js';
import { night } from '../../support/scene.js';
import { TestScreen, withScreen, type Cell, type TestScreenOptions } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

const onNight = async (
  use: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>,
  options: TestScreenOptions = {},
): Promise<void> => {
  const clock = setClock();
  const supervisor = night(clock);
  await withScreen(supervisor, { clock, ...options }, (screen) => use(screen, supervisor));
};

const modes = (screen: TestScreen): { alt: boolean; paste: boolean; raw: boolean } => ({
  alt: screen.terminal.buffer.active.type === 'alternate',
  paste: screen.terminal.modes.bracketedPasteMode,
  raw: screen.input.isRaw,
});

test('the first picture shows every account with state word and e-mail in one run', () =>
  onNight(async (screen) => {
    for (const words of [
      'DISABLED  kim.ops@example.com',
      'file      hana@example.com',
      'refused   gus@corp.example',
      'ready     anna@example.com',
      'cooling   dora@example.com',
      'off       finn@example.com',
    ]) {
      assert.ok(screen.has(words), words);
    }
    await Promise.resolve();
  }));

test('opening enters the alternate screen with bracketed paste, closing gives everything back', () =>
  onNight(async (screen) => {
    assert.equal(modes(screen), { alt: true, paste: true, raw: true });
    screen.open.close();
    screen.open.close();
    await screen.settle();
    assert.equal(modes(screen), { alt: false, paste: false, raw: false });
  }));

test('closing leaves no listener, no timer and no handler behind', async () => {
  const signals = ['exit', 'SIGCONT', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'uncaughtException'];
  const listeners = (): number[] => signals.map((name) => process.listenerCount(name));
  const before = listeners();
  const clock = setClock();
  const supervisor = night(clock);
  await withScreen(supervisor, { clock }, async (screen) => {
    await screen.press('r');
    assert.is(supervisor.listeners, 1);
  });
  assert.is(supervisor.listeners, 0);
  assert.equal(clock.due, []);
  assert.equal(listeners(), before);
});

test('a screen can be opened again after it was closed', async () => {
  for (let round = 0; round < 3; round++) {
    await onNight(async (screen) => {
      assert.ok(screen.has('kim.ops@example.com'));
      await Promise.resolve();
    });
  }
});

test('input that ends is a lost terminal: the screen closes and draws no more', () =>
  onNight(async (screen, supervisor) => {
    screen.input.end();
    await screen.settle();
    assert.ok(screen.lost);
    const { writes } = screen.output;
    supervisor.log('something');
    await screen.advance(5000);
    assert.is(screen.output.writes, writes);
  }));

test('an output error is a lost terminal and harms nobody', () =>
  onNight(async (screen, supervisor) => {
    screen.output.emit('error', new Error('write EIO'));
    await screen.settle();
    assert.ok(screen.lost);
    supervisor.log('something');
    await screen.advance(5000);
  }));

test('while the terminal takes nothing, no frame is queued; afterwards the picture is right', () =>
  onNight(async (screen, supervisor) => {
    screen.output.stall();
    for (let i = 0; i < 100; i++) {
      supervisor.access({ account: 'anna@example.com', ms: i });
      await screen.advance(50);
    }
    const queued = screen.output.writableLength;
    assert.ok(queued < 20_000, `${queued} bytes wait`);
    supervisor.log('the last line');
    await screen.advance(2000);
    assert.is(screen.output.writableLength, queued);
    screen.output.drain();
    await screen.settle();
    await screen.advance(1000);
    assert.ok(screen.has('the last line'));
    assert.ok(screen.has('the terminal took nothing for'));
  }));

test('a resize storm is drawn once, at the last size', () =>
  onNight(async (screen) => {
    const before = screen.output.bytes;
    for (let cols = 60; cols < 110; cols++) {
      screen.output.columns = cols;
      screen.output.emit('resize');
      screen.clock.advance(10);
    }
    await screen.resize(100, 30);
    assert.ok(screen.output.bytes - before < 20_000, String(screen.output.bytes - before));
    const rows = screen.rows();
    assert.is(rows.length, 30);
    assert.match(rows[2]?.text ?? '', /^╔═ 1 Accounts .*╗$/);
  }));

test('a terminal that is too small says what it needs and has, and comes back', () =>
  onNight(async (screen) => {
    for (const [cols, rows] of [
      [59, 20],
      [80, 14],
      [16, 3],
    ] as const) {
      await screen.resize(cols, rows);
      assert.is(screen.text().trim().replace(/\s+/g, ' '), `regrant needs 60x15, has ${cols}x${rows}`);
    }
    await screen.resize(80, 24);
    assert.ok(screen.has('kim.ops@example.com'));
  }));

test('nothing is sent while nothing changes but the clock, and that is little', () =>
  onNight(async (screen) => {
    await screen.advance(2000);
    const { bytes, writes } = screen.output;
    await screen.advance(900);
    assert.ok(screen.output.writes - writes <= 1);
    await screen.advance(10_000);
    const perSecond = (screen.output.bytes - bytes) / 11;
    assert.ok(perSecond < 1500, `${perSecond} bytes a second`);
  }));

test('full traffic stays under 10 KiB a second at 120x40', () =>
  onNight(async (screen, supervisor) => {
    await screen.advance(1000);
    const before = screen.output.bytes;
    for (let i = 0; i < 500; i++) {
      supervisor.access({ account: 'anna@example.com', ms: 100 + (i % 700), stream: i % 2 === 0, ttfbMs: 50 });
      await screen.advance(10);
    }
    const perSecond = (screen.output.bytes - before) / 5;
    assert.ok(perSecond < 10_240, `${perSecond} bytes a second`);
  }));

test('suspending gives the terminal back, stops the process, and SIGCONT brings the picture back', () =>
  onNight(
    async (screen) => {
      await screen.press('C-z');
      assert.is(screen.suspensions, 1);
      assert.equal(modes(screen), { alt: false, paste: false, raw: false });
      process.emit('SIGCONT');
      await screen.settle();
      assert.equal(modes(screen), { alt: true, paste: true, raw: true });
      assert.ok(screen.has('kim.ops@example.com'));
    },
    { attached: true },
  ));

test('an attached screen of another version says so', () =>
  onNight(
    async (screen) => {
      assert.ok(screen.has('this screen is regrant 9.9.9, the supervisor is 0.1.0'));
      await Promise.resolve();
    },
    { attached: true, version: '9.9.9' },
  ));

test('hostile text leaves the terminal in the same state as plain text', async () => {
  const clock = setClock();
  const accounts = hostile.map(([, text], at) =>
    account(`${text}@x`, { id: String(at), name: text, reason: text, file: text, client: text }),
  );
  const supervisor = new TestSupervisor(clock, accounts, {
    hint: hostile.map(([, text]) => text).join(' '),
    banners: hostile.slice(0, 3).map(([code, text]) => ({ code, severity: 'warning', text })),
    alarm: { at: 0, accountId: '0', email: hostile[0]?.[1] ?? '', text: hostile[3]?.[1] ?? '', count: 2 },
  });
  for (const [, text] of hostile) {
    supervisor.log(text, { source: text, level: 50 });
    supervisor.event('disabled', text, { text, detail: text, accountId: '0' });
  }
  await withScreen(supervisor, { clock }, async (screen) => {
    const titles: string[] = [];
    screen.terminal.onTitleChange((title) => titles.push(title));
    for (const keys of [
      ['j'],
      ['Enter', 'Escape'],
      ['r', 'Escape'],
      ['2', 'k', 'Enter', 'Escape'],
      ['3', 'j', 'Enter', 'Escape'],
    ]) {
      await screen.press(...keys);
      assert.equal(modes(screen), { alt: true, paste: true, raw: true });
      for (const { text } of screen.rows()) assert.not.match(text, /[\x00-\x1f\x7f-\x9f]/);
    }
    await screen.press('1');
    const right = screen.rows().map(({ text }) => text.at(-1));
    for (const [y, char] of right.entries()) {
      if (y >= 7 && y < 38) assert.match(char ?? '', /[╗║╝┐│┘]/, `row ${y}`);
    }
    for (const title of titles) assert.match(title, /^regrant/);
  });
});

test('the screen speaks another language as soon as the settings say so', () =>
  onNight(async (screen, supervisor) => {
    const { ui } = supervisor.snapshot();
    /** The catalogue is a file that is read first. */
    const shows = async (words: string): Promise<void> => {
      for (let turns = 0; turns < 200 && !screen.has(words); turns++) await screen.news();
      assert.ok(screen.has(words), screen.text());
    };
    await shows('1 Accounts');
    await screen.press('?');
    supervisor.set({ ui: { ...ui, language: 'ko' } });
    await shows('선택한 계정에 새 refresh_token 붙여 넣기');
    await screen.press('Escape');
    await shows('1 계정');
    supervisor.set({ ui: { ...ui, language: 'en' } });
    await shows('1 Accounts');
    assert.not.match(screen.text(), /[가-힣]/);
  }));

test('the alarm rings and flashes the row and the border in six phases, then stays', () =>
  onNight(async (screen, supervisor) => {
    await screen.advance(468 + 40);
    let bells = 0;
    screen.terminal.onBell(() => (bells += 1));
    supervisor.set({ ui: { theme: 'auto', glyphs: 'auto', language: 'auto', flash: true, bell: true, mouse: false } });
    await screen.news();
    const reason = 'invalid_grant: Token has been expired or revoked.';
    supervisor.update('anna@example.com', { state: 'disabled', serves: false, reason, since: screen.clock.now() });
    const phases: string[] = [];
    await screen.news();
    for (let ms = 0; ms < 1600; ms += 200) {
      const row = screen.accountRow('anna@example.com');
      const word = row.cells[row.text.indexOf('DISABLED')];
      const border = screen.row('1 Accounts').cells[0];
      assert.is(word?.red, true);
      phases.push(`${word?.bg === '160' ? 'reverse' : 'plain'}${border?.red === true ? '+border' : ''}`);
      await screen.advance(200);
    }
    assert.equal(phases, [
      'reverse+border',
      'plain',
      'reverse+border',
      'plain',
      'reverse+border',
      'plain',
      'plain',
      'plain',
    ]);
    assert.is(bells, 1);
  }));

test('a row that came back is green for a moment and never red', () =>
  onNight(async (screen, supervisor) => {
    supervisor.update(
      'kim.ops@example.com',
      { state: 'ready', serves: true, reason: '', since: null, cause: null },
      { alarm: null },
    );
    await screen.news();
    const green = screen.accountRow('kim.ops@example.com');
    assert.is(green.cells[green.text.indexOf('ready')]?.bg, '28');
    assert.is(green.red, '');
    await screen.advance(3000);
    const after = screen.accountRow('kim.ops@example.com');
    assert.not.equal(after.cells[after.text.indexOf('ready')]?.bg, '28');
    assert.is(
      screen
        .rows()
        .map(({ red }) => red)
        .join(''),
      '',
    );
  }));

test('only the disabled row and its alarm are red', () =>
  onNight(async (screen) => {
    for (const { text, red } of screen.rows()) {
      assert.is(red !== '', /DISABLED {2}kim|✖ .*invalid_grant, Google/.test(text), text);
    }
    await Promise.resolve();
  }));

test('the selection goes to an account that dies while nobody is at the keys, and stays where someone is', () =>
  onNight(async (screen, supervisor) => {
    const die = async (email: string): Promise<void> => {
      supervisor.update(email, {
        state: 'disabled',
        serves: false,
        reason: 'invalid_grant: x',
        since: screen.clock.now(),
      });
      await screen.news();
    };
    await die('choi@example.com');
    assert.match(screen.accountRow('choi@example.com').text, /▶/);
    await screen.press('k');
    const chosen = screen.row('▶').text;
    await die('anna@example.com');
    assert.is(screen.row('▶').text.slice(0, 40), chosen.slice(0, 40));
    await screen.advance(31_000);
    await die('eun@example.com');
    assert.match(screen.accountRow('eun@example.com').text, /▶/);
  }));

test('a terminal that draws our glyphs two cells wide gets ASCII, one that does not keeps them', async () => {
  await onNight(async (screen) => {
    await screen.send('\x1b[1;7R');
    assert.ok(screen.has('● ready'));
    // asked once: what else looks like an answer is F3 with something held
    await screen.send('\x1b[1;13R');
    assert.ok(screen.has('● ready'));
  });
  await onNight(async (screen) => {
    await screen.send('\x1b[1;13R');
    assert.ok(screen.has('* ready'), screen.text());
    for (const { text } of screen.rows()) assert.match(text, /^[ -~]*$/);
  });
});

test('what died since somebody last looked is said and flashes at the start, once', async () => {
  const clock = setClock();
  const supervisor = night(clock);
  supervisor.set({ lastLooked: clock.now() - 3600_000 });
  await withScreen(supervisor, { clock }, async (screen) => {
    assert.match(screen.text(), /since the last look \(1h00m\): kim\.ops@example\.com \d\d:\d\d disabled/);
    const row = screen.accountRow('kim.ops@example.com');
    assert.is(row.cells[row.text.indexOf('DISABLED')]?.bg, '160');
    assert.is(supervisor.looks, 1);
    await screen.press('j', 'k');
    assert.not.ok(screen.has('since the last look'));
    assert.is(supervisor.looks, 1);
    await screen.advance(61_000);
    await screen.press('j');
    assert.is(supervisor.looks, 2);
  });
  supervisor.set({ lastLooked: clock.now() });
  await withScreen(supervisor, { clock }, async (screen) => {
    assert.not.ok(screen.has('since the last look'));
    await Promise.resolve();
  });
});

/** The cells of the status line's sparkline, with the colour of each. */
const sparkline = (screen: TestScreen): Cell[] =>
  (screen.rows()[0]?.cells ?? []).filter(({ char }) => '▁▂▃▄▅▆▇█'.includes(char));

/** How many sparklines of blessed-contrib were put on a screen meanwhile. */
async function sparklinesMade(during: () => Promise<void>): Promise<number> {
  const { prototype } = createRequire(import.meta.url)('blessed-contrib/lib/widget/sparkline.js') as {
    prototype: { setData: (this: object, ...data: unknown[]) => void };
  };
  const { setData } = prototype;
  const made = new Set<object>();
  prototype.setData = function (...data) {
    made.add(this);
    setData.apply(this, data);
  };
  await during();
  prototype.setData = setData;
  return made.size;
}

test('the sparkline of blessed-contrib takes the place of the drawn one, and seconds with errors are yellow in both', async () => {
  const made = await sparklinesMade(() =>
    onNight(async (screen, supervisor) => {
      const perSecond = [1, 8, 4, 8, 2, 6];
      const { traffic } = supervisor.snapshot();
      const looks: string[] = [];
      for (const errorsPerSecond of [
        [0, 0, 0, 3, 0, 0],
        [0, 0, 0, 0, 0, 6],
      ]) {
        supervisor.set({ traffic: { ...traffic, perSecond, errorsPerSecond } });
        await screen.advance(1000);
        const cells = sparkline(screen).slice(-6);
        looks.push(cells.map(({ char }) => char).join(''));
        const yellow = cells.map(({ fg }) => fg !== cells[0]?.fg);
        assert.equal(
          yellow,
          errorsPerSecond.map((errors) => errors > 0),
        );
      }
      assert.is(looks[0], looks[1]);
    }),
  );
  assert.is(made, 1);
});

test('where the system does not stop the program, the screen comes back by itself and says why', () => {
  const clock = setClock();
  return withScreen(night(clock), { clock, attached: true }, async (screen) => {
    await screen.press('C-z');
    assert.is(screen.suspensions, 1);
    assert.is(screen.terminal.buffer.active.type, 'normal');
    await screen.advance(200);
    assert.is(screen.terminal.buffer.active.type, 'alternate');
    assert.ok(screen.has('nothing was suspended'));
    await screen.press('j');
    assert.ok(screen.has('1 Accounts'));
  });
});

test('a terminal whose background nobody tells is asked; what it says within half a second decides, and nothing else', async () => {
  const dim = (screen: TestScreen): string => {
    const row = screen.row('sort state');
    return row.cells[row.text.indexOf('sort')]?.fg ?? '';
  };
  const light = '\x1b]11;rgb:ffff/ffff/ffff\x1b\\';
  await onNight(async (screen) => {
    const dark = dim(screen);
    await screen.send('\x1b]11;rgb:1e1e/1e1e/1e1e\x07');
    assert.is(dim(screen), dark);
    await screen.send(light);
    assert.is(dim(screen), dark, 'asked once, answered once');
  });
  await onNight(async (screen) => {
    const dark = dim(screen);
    await screen.send(light);
    assert.is.not(dim(screen), dark);
  });
  await onNight(async (screen) => {
    const dark = dim(screen);
    await screen.advance(501);
    await screen.send(light);
    assert.is(dim(screen), dark);
  });
});

test('of the first rows of very many, what died meanwhile is said once all are there, and the selection is the first of all', async () => {
  const clock = setClock();
  const supervisor = night(clock);
  const { accounts, counts } = supervisor.snapshot();
  const first = accounts.filter(({ state }) => state !== 'disabled').slice(0, 3);
  supervisor.set({ lastLooked: clock.now() - 3600_000, counts, accounts: first });
  await withScreen(supervisor, { clock }, async (screen) => {
    assert.ok(screen.has(`1 Accounts  ${accounts.length}`), screen.text());
    assert.not.ok(screen.has('since the last look'));
    // somebody looks now
    supervisor.set({ lastLooked: clock.now(), accounts });
    await screen.advance(1_000);
    assert.match(screen.text(), /since the last look \(1h00m\): kim\.ops@example\.com \d\d:\d\d disabled/);
    assert.match(screen.accountRow('kim.ops@example.com').text, /[║│] ▶/);
  });
});

test.run();
