/**
 * The store beside a model of it that is just a few variables: patches, edits of another program, stale saves, a full
 * disk, reloads, restarts and crashes in any order have to end in what the model says.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../src/store/files/account-files.js';
import { NotSaved } from '../../src/store/accounts/stored-account.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { removeStrays } from '../../src/store/disk/durable.js';
import * as patches from '../../src/store/accounts/patches.js';
import { type DataDirectory, withDirectory } from './directory.js';
import { testDisk, type TestDisk } from './disk.js';

type Json = Record<string, unknown>;
type How = 'rename' | 'in-place';

const kinds = ['refresh', 'rotate', 'disable', 'late verdict', 'readd', 'toggle', 'project'] as const;
type Kind = (typeof kinds)[number];

export type Command =
  /** A change of ours; waited for or not. */
  | { readonly do: 'patch'; readonly kind: Kind; readonly wait: boolean }
  /** Another program adds a key of its own: now, or in the last moment before our next write takes the file's place. */
  | { readonly do: 'edit'; readonly how: How; readonly at: 'once' | 'last moment' }
  /** Another program, or a person, changes what is ours too. */
  | { readonly do: 'change'; readonly what: 'token' | 'enable' | 'on' | 'off'; readonly how: How }
  /** Another program reads the file, and later saves what it read with a key of its own. */
  | { readonly do: 'hold' }
  | { readonly do: 'save'; readonly how: How }
  /** No space is left, for this one change. */
  | { readonly do: 'full disk'; readonly kind: Kind }
  | { readonly do: 'reload' }
  /** The file goes away, alone or with its folder; these changes come, and then a re-add. */
  | { readonly do: 'vanish'; readonly what: 'file' | 'folder'; readonly kinds: readonly Kind[] }
  | { readonly do: 'restart' }
  /** The process ends before or after a call to the disk, with these changes on their way. */
  | { readonly do: 'crash'; readonly at: number; readonly when: 'before' | 'after'; readonly kinds: readonly Kind[] };

const kind = fc.constantFrom(...kinds);
const how = fc.constantFrom<How>('rename', 'in-place');
const when = fc.constantFrom<'before' | 'after'>('before', 'after');

const edit = fc.record({
  do: fc.constant('edit' as const),
  how,
  at: fc.constantFrom<'once' | 'last moment'>('once', 'last moment'),
});

/** Any sequence of commands; most of them are changes of ours, as in reality. */
export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('patch' as const), kind, wait: fc.boolean() }) },
    { weight: 4, arbitrary: edit },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('change' as const),
        what: fc.constantFrom('token' as const, 'enable' as const, 'on' as const, 'off' as const),
        how,
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: 'hold' as const }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('save' as const), how }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('full disk' as const), kind }) },
    { weight: 1, arbitrary: fc.constant({ do: 'reload' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('vanish' as const),
        what: fc.constantFrom('file' as const, 'folder' as const),
        kinds: fc.array(kind, { maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('crash' as const),
        at: fc.nat(8),
        when,
        kinds: fc.array(kind, { minLength: 1, maxLength: 3 }),
      }),
    },
  ),
  { maxLength: 25 },
);

/** All that the commands can change of an account. */
interface Model {
  readonly refresh: string;
  readonly access: string;
  readonly disabledAt: number | null;
  readonly offAt: number | null;
  readonly project: string;
}

const modelOf = (file: Json): Model => {
  const token = file.token as Json;
  return {
    refresh: String(token.refresh_token),
    access: String(token.access_token),
    disabledAt: file.disabled === true ? Number(file.disabled_at) : null,
    offAt: file.proxy_disabled === true ? Number(file.proxy_disabled_at) : null,
    project: String(token.project_id),
  };
};

/** What no command is about. */
function restOf(file: Json): Json {
  const { token, disabled: _d, disabled_at: _da, disabled_reason: _dr, x_theirs: _x, ...others } = file;
  const { proxy_disabled: _p, proxy_disabled_at: _pa, proxy_disabled_reason: _pr, ...rest } = others;
  const { refresh_token: _r, access_token: _a, project_id: _pi, expires_in: _e, ...kept } = token as Json;
  const { expiry_timestamp: _t, oauth_client_key: _o, ...inToken } = kept;
  return { ...rest, token: inToken };
}

const answer = (accessToken: string): patches.TokenAnswer => ({
  accessToken,
  expiresIn: 3599,
  expiresAt: 1_900_000_000,
  tokenType: 'Bearer',
  idToken: null,
});

/** Plays commands on a store of one account, and compares. */
class Play {
  private model: Model;
  private readonly rest: Json;
  private readonly theirs = new Set<string>();
  private held: string | null = null;
  private readonly late: (() => void)[] = [];
  private number = 0;
  private readonly file: string;

  private constructor(
    private readonly dir: DataDirectory,
    private disk: TestDisk,
    private store: AccountFiles,
    start: Json,
  ) {
    this.file = dir.at('accounts', 'a1.json');
    this.model = modelOf(start);
    this.rest = restOf(start);
    disk.before('exchange', this.actLate);
  }

  static async begin(dir: DataDirectory): Promise<Play> {
    const start = await dir.put({ id: 'a1' });
    const disk = testDisk();
    return new Play(dir, disk, await AccountFiles.open(dir.at('accounts'), systemClock, disk), start);
  }

  async run(all: readonly Command[]): Promise<void> {
    for (const command of all) {
      await this.take(command);
      const account = this.store.get('a1')?.account;
      const { refresh, disabledAt, offAt } = this.model;
      // memory is right at every moment, whatever happened to the disk
      assert.equal(
        [account?.refreshToken, account?.disabled?.at ?? null, account?.proxyDisabled?.at ?? null],
        [refresh, disabledAt, offAt],
        `memory after ${JSON.stringify(command)}`,
      );
    }
    await this.settle();
    this.store.close();
    const found = this.read();
    assert.equal(modelOf(found), this.model, 'what is ours');
    assert.equal(new Set(Object.keys((found.x_theirs as Json | undefined) ?? {})), this.theirs, 'what is theirs');
    assert.equal(restOf(found), this.rest, 'everything else');
  }

  private take(command: Command): Promise<void> | void {
    switch (command.do) {
      case 'patch':
        return this.patch(command);
      case 'edit':
        this.edit(command);
        return;
      case 'change':
        return this.change(command.what, command.how);
      case 'hold':
        this.held = readFileSync(this.file, 'utf8');
        return;
      case 'save':
        return this.save(command.how);
      case 'full disk':
        return this.fullDisk(command.kind);
      case 'reload':
        return this.store.reload();
      case 'vanish':
        return this.vanish(command);
      case 'restart':
        return this.restart();
      case 'crash':
        return this.crash(command);
    }
  }

  private async patch({ kind: wanted, wait }: Extract<Command, { do: 'patch' }>): Promise<void> {
    const saved = this.begin(wanted).catch(unlessNotSaved);
    if (wait) await saved;
  }

  /** Hands the store the next patch of this kind, and tells the model. */
  private begin(wanted: Kind): Promise<void> {
    const n = ++this.number;
    const { refresh, access: replaced, disabledAt, offAt } = this.model;
    const access = `ya29.${n}`;
    const next: Record<Kind, () => readonly [patches.Patch, Partial<Model>]> = {
      refresh: () => [patches.refreshed(refresh, answer(access), replaced), { access }],
      rotate: () => [
        patches.rotate(refresh, `1//0rotated-${n}`, answer(access)),
        { refresh: `1//0rotated-${n}`, access },
      ],
      disable: () => [patches.disable(refresh, n, 'invalid_grant: gone'), { disabledAt: disabledAt ?? n }],
      'late verdict': () => [patches.disable('1//0before', n, 'invalid_grant: gone'), {}],
      readd: () => {
        const credential = { email: 'anna@example.com', name: null, refreshToken: `1//0added-${n}` };
        const patch = patches.upsert({ ...credential, answer: answer(access), clientKey: 'default' });
        return [patch, { refresh: `1//0added-${n}`, access, disabledAt: null }];
      },
      toggle: () => {
        const at = offAt === null ? n : null;
        return [patches.setProxyDisabled(at === null ? null : { at, reason: 'by hand' }), { offAt: at }];
      },
      project: () => [patches.setProject(`p-${n}`), { project: `p-${n}` }],
    };
    const [patch, change] = next[wanted]();
    this.model = { ...this.model, ...change };
    return this.store.patch('a1', patch);
  }

  private edit({ how: by, at }: Extract<Command, { do: 'edit' }>): void {
    this.held = null;
    const key = `e${++this.number}`;
    this.theirs.add(key);
    const act = (): void => {
      const json = this.read();
      this.put({ ...json, x_theirs: { ...(json.x_theirs as Json | undefined), [key]: 1 } }, by);
    };
    if (at === 'once') act();
    else this.late.push(act);
  }

  /** The other program does what it has put off. */
  private readonly actLate = (): void => {
    // what other programs do to each other is not the store's concern
    if (this.late.length > 0) this.held = null;
    for (const act of this.late.splice(0)) act();
  };

  private async change(what: 'token' | 'enable' | 'on' | 'off', by: How): Promise<void> {
    await this.settle();
    this.held = null;
    const n = ++this.number;
    const json = this.read();
    const { disabled: _d, disabled_at: _da, disabled_reason: _dr, ...enabled } = json;
    const { proxy_disabled: _p, proxy_disabled_at: _pa, proxy_disabled_reason: _pr, ...on } = json;
    const next: Record<typeof what, readonly [Json, Partial<Model>]> = {
      token: [
        { ...json, token: { ...(json.token as Json), refresh_token: `1//0by-hand-${n}` } },
        { refresh: `1//0by-hand-${n}` },
      ],
      enable: [{ ...enabled, disabled: false }, { disabledAt: null }],
      on: [{ ...on, proxy_disabled: false }, { offAt: null }],
      off: [{ ...on, proxy_disabled: true, proxy_disabled_at: n }, { offAt: n }],
    };
    const [changed, change] = next[what];
    this.model = { ...this.model, ...change };
    this.put(changed, by);
    await this.store.reread();
  }

  private async save(by: How): Promise<void> {
    if (this.held === null) return;
    const json = JSON.parse(this.held) as Json;
    const key = `e${++this.number}`;
    this.held = null;
    // a write of ours now would come between the reading and the saving of something else, which this test is not about
    this.theirs.add(key);
    this.put({ ...json, x_theirs: { ...(json.x_theirs as Json | undefined), [key]: 1 } }, by);
    await this.store.reread();
  }

  private async fullDisk(wanted: Kind): Promise<void> {
    await this.settle();
    this.disk.fail('ENOSPC', 'write');
    const [text, before] = [readFileSync(this.file, 'utf8'), this.model];
    const saved = await this.begin(wanted).then(() => true, isNotSaved);
    // a change that changes nothing needs no space
    assert.is(saved, JSON.stringify(this.model) === JSON.stringify(before), `${wanted} on a full disk`);
    assert.is(readFileSync(this.file, 'utf8'), text);
    this.disk.mend();
    await this.settle();
  }

  /** A re-add is on disk when it says so, and a reload keeps it. The old file may come back later, by `save`. */
  private async vanish({ what, kinds: under }: Extract<Command, { do: 'vanish' }>): Promise<void> {
    await this.settle();
    this.held = readFileSync(this.file, 'utf8');
    rmSync(what === 'file' ? this.file : this.dir.at('accounts'), { recursive: true });
    await this.store.reread();
    const others = under.map((wanted) => this.begin(wanted).catch(unlessNotSaved));
    await this.begin('readd');
    assert.equal(modelOf(this.read()), this.model, `on disk once the re-add after a vanished ${what} says so`);
    await Promise.all(others);
    await this.store.reload();
  }

  private async restart(): Promise<void> {
    await this.settle();
    this.store.close();
    this.held = null;
    this.store = await AccountFiles.open(this.dir.at('accounts'), systemClock, this.disk);
  }

  private async crash({ at, when: moment, kinds: under }: Extract<Command, { do: 'crash' }>): Promise<void> {
    await this.settle();
    this.disk.crash(at, moment);
    const states = [this.model];
    let saved = 0;
    await Promise.all(
      under.map(async (wanted, index) => {
        const done = this.begin(wanted).then(() => true, isNotSaved);
        states.push(this.model);
        if (await done) saved = Math.max(saved, index + 1);
      }),
    );
    this.store.close();
    const found = modelOf(this.read());
    const reached = states.findLastIndex((state) => JSON.stringify(state) === JSON.stringify(found));
    assert.ok(
      reached >= saved,
      `after a crash: ${JSON.stringify(found)}, ${saved} of ${JSON.stringify(states)} were saved`,
    );
    this.model = found;
    this.held = null;
    await removeStrays(this.dir.at('accounts'));
    this.disk = testDisk();
    this.disk.before('exchange', this.actLate);
    this.store = await AccountFiles.open(this.dir.at('accounts'), systemClock, this.disk);
  }

  /** Everything that is under way has come to its end. */
  private async settle(): Promise<void> {
    await this.store.flush();
    this.actLate();
    for (let round = 0; round < 3; round++) {
      await this.store.flush();
      await this.store.reread();
    }
  }

  private read(): Json {
    return JSON.parse(readFileSync(this.file, 'utf8')) as Json;
  }

  private put(json: Json, by: How): void {
    const text = JSON.stringify(json, null, 2);
    if (by === 'in-place') {
      writeFileSync(this.file, text);
      return;
    }
    writeFileSync(`${this.file}.tmp`, text);
    renameSync(`${this.file}.tmp`, this.file);
  }
}

function unlessNotSaved(error: unknown): true {
  if (error instanceof NotSaved) return true;
  throw error;
}

function isNotSaved(error: unknown): false {
  unlessNotSaved(error);
  return false;
}

export const play = (all: readonly Command[]): Promise<void> =>
  withDirectory(async (dir) => (await Play.begin(dir)).run(all));
