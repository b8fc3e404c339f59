import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../store/ground/clock.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { reasonOf } from '../../store/ground/errors.js';
import { linesAround, type LogPart } from '../../store/records/log-history.js';
import type { Logger } from '../../store/records/log.js';
import type { TokenImports } from '../recovery/import.js';
import type { ClientSetUp } from '../recovery/client-set-up.js';
import type { Logins } from '../recovery/login.js';
import type { Recovery } from '../recovery/recover.js';
import type { OperatorTests } from '../grants/operator-tests.js';
import type { MassActs } from '../recovery/mass-acts.js';
import { AccountActs } from './account-acts.js';
import type { Lifting } from './lifting.js';
import type { Reloader } from './reload.js';
import type { KeyDesk } from '../clients/key-desk.js';
import type { SettingDesk } from './setting-desk.js';
import type { UsageBook } from '../reports/usage.js';
import type { Delivery } from '../notices/delivery.js';
import type { Undo } from '../recovery/undo.js';
import type {
  ImportRequest,
  ImportVerdict,
  InFlight,
  KeyRow,
  KeyRules,
  KeyShown,
  OAuthClientRequest,
  LoginOffer,
  LoginRequest,
  LoginTrouble,
  Operations,
  Progress,
  ReaddRequest,
  ReaddResult,
  Restarted,
  OperationReply,
  SettingsShown,
  StepQuestions,
  Stopping,
  TestResult,
  UsageName,
  UsageSum,
} from '../contract/operations.js';

export interface OperationParts {
  readonly store: AccountStore;
  readonly tests: OperatorTests;
  readonly recovery: Recovery;
  readonly imports: TokenImports;
  readonly logins: Logins;
  readonly clientSetUp: ClientSetUp;
  readonly reloader: Reloader;
  /** Reads settings and client keys again. @returns a line about what changed, or is wrong; null: nothing */
  readonly rereadSettings: () => OperationReply | null;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly undo: Undo;
  readonly lifting: Lifting;
  readonly acts: MassActs;
  readonly delivery: Pick<Delivery, 'ways' | 'nameOf' | 'deliver'>;
  readonly keys: KeyDesk;
  readonly settings: SettingDesk;
  readonly usage: UsageBook;
  /** Folder of the log's files. */
  readonly logs: string;
  /** Notes that somebody looks at the screen. */
  readonly looked: () => void;
  readonly inFlight: () => InFlight;
  /** Drains and stops the program. */
  readonly stop: () => Stopping;
  /** Has a successor take over. */
  readonly restart: () => Promise<Restarted>;
}

/** The operations, for the screen, the control socket and commands alike. */
export class SupervisorOperations implements Operations {
  private readonly accounts: AccountActs;

  constructor(private readonly parts: OperationParts) {
    this.accounts = new AccountActs(parts);
  }

  readd(request: ReaddRequest, progress: (news: Progress) => void): Promise<ReaddResult> {
    return this.parts.recovery.readd(request, progress);
  }

  resume(
    pending: string,
    decision: 'accept' | 'retry' | 'drop',
    progress: (news: Progress) => void,
  ): Promise<ReaddResult | OperationReply> {
    return this.parts.recovery.resume(pending, decision, progress);
  }

  importToken(request: ImportRequest, gone?: AbortSignal): Promise<ImportVerdict> {
    return this.parts.imports.take(request, gone);
  }

  setUpClient(request: OAuthClientRequest): Promise<OperationReply> {
    return this.parts.clientSetUp.save(request);
  }

  startLogin(request: LoginRequest): Promise<LoginOffer | OperationReply> {
    return this.parts.logins.start(request);
  }

  awaitLogin(login: string, progress: (news: Progress) => void): Promise<ReaddResult | LoginTrouble> {
    return this.parts.logins.wait(login, progress);
  }

  pasteLogin(login: string, text: string): Promise<OperationReply> {
    return Promise.resolve(this.parts.logins.paste(login, text));
  }

  cancelLogin(login: string): Promise<OperationReply> {
    return Promise.resolve(this.parts.logins.cancel(login));
  }

  async testNow(accountIds: readonly string[], gone?: AbortSignal): Promise<readonly TestResult[]> {
    return this.lifted(await this.parts.tests.run(accountIds, gone));
  }

  async checkNow(accountIds: readonly string[], gone?: AbortSignal): Promise<readonly TestResult[]> {
    return this.lifted(await this.parts.tests.run(accountIds, gone, 'check'));
  }

  private lifted(results: readonly TestResult[]): readonly TestResult[] {
    for (const { accountId, ok } of results) if (ok) this.parts.lifting.clear(accountId);
    return results;
  }

  clear(accountIds: readonly string[]): Promise<OperationReply> {
    return this.accounts.clear(accountIds);
  }

  stopTests(): Promise<OperationReply> {
    const { tests, acts } = this.stopActs();
    const untested =
      tests === 0 ? '' : `testing stopped: ${tests} account${tests === 1 ? ' was' : 's were'} not asked about`;
    const said = [untested, acts === 0 ? '' : `stopping: about ${acts} not come to`].filter((text) => text !== '');
    return Promise.resolve({ ok: true, text: said.join('; ') || 'no test waits' });
  }

  /** What acts on many accounts comes to no further one. @returns how many are left out */
  stopActs(): { readonly tests: number; readonly acts: number } {
    return { tests: this.parts.tests.stop(), acts: this.parts.acts.stop() };
  }

  setProxyDisabled(accountIds: readonly string[], disabled: boolean): Promise<OperationReply> {
    return this.accounts.putOff(accountIds, disabled);
  }

  remove(accountIds: readonly string[]): Promise<OperationReply> {
    return this.parts.undo.remove(accountIds);
  }

  undo(): Promise<OperationReply> {
    return this.parts.undo.undo();
  }

  redo(): Promise<OperationReply> {
    return this.parts.undo.redo();
  }

  stepQuestions(): Promise<StepQuestions> {
    return this.parts.undo.questions();
  }

  restoreTrashed(name: string): Promise<OperationReply> {
    return this.parts.undo.restoreTrashed(name);
  }

  async reload(): Promise<OperationReply> {
    const { reloader, lifting } = this.parts;
    const settings = this.parts.rereadSettings();
    const pool = `pool reloaded: ${await reloader.reload()}`;
    lifting.unblockAll();
    const text = settings === null ? pool : `${settings.text}; ${pool}`;
    return { ok: reloader.held === null && settings?.ok !== false, text };
  }

  keys(): Promise<readonly KeyRow[]> {
    return Promise.resolve(this.parts.keys.list());
  }

  addKey(name: string, rules: KeyRules): Promise<KeyShown> {
    return this.parts.keys.add(name, rules);
  }

  setKey(name: string, rules: KeyRules): Promise<OperationReply> {
    return this.parts.keys.set(name, rules);
  }

  rotateKey(name: string, graceSeconds: number): Promise<KeyShown> {
    return this.parts.keys.rotate(name, graceSeconds);
  }

  revokeKey(name: string): Promise<OperationReply> {
    return this.parts.keys.revoke(name);
  }

  settings(): Promise<SettingsShown> {
    return Promise.resolve(this.parts.settings.shown());
  }

  setSetting(key: string, value: string | number | boolean): Promise<OperationReply> {
    return Promise.resolve(this.parts.settings.set(key, value));
  }

  undoSetting(): Promise<OperationReply> {
    return Promise.resolve(this.parts.settings.undo());
  }

  async testNotice(): Promise<OperationReply> {
    const { delivery, clock } = this.parts;
    if (delivery.ways.length === 0) return { ok: false, text: 'nobody is told: set notify.url or notify.command' };
    const text = 'a test: whoever reads this is told when something is wrong';
    const notice = { event: 'test', at: clock.now(), account: null, client: null, cause: null, text } as const;
    const told = await Promise.all(
      delivery.ways.map(async (way) => ({ name: delivery.nameOf(way), fault: await delivery.deliver(way, notice) })),
    );
    const words = told.map(({ name, fault }) =>
      fault === null ? `${name} was told` : `${name} was not told: ${fault}`,
    );
    return { ok: told.every(({ fault }) => fault === null), text: words.join('; ') };
  }

  usage(since: string, until: string, by: readonly UsageName[]): Promise<readonly UsageSum[]> {
    return this.parts.usage.summedBy(since, until, by);
  }

  flight(): Promise<InFlight> {
    return Promise.resolve(this.parts.inFlight());
  }

  looked(): Promise<void> {
    this.parts.looked();
    return Promise.resolve();
  }

  async saveView(lines: readonly string[]): Promise<OperationReply> {
    const { logs, clock } = this.parts;
    // beside the folders of everything that is ours
    const folder = path.join(path.dirname(logs), 'views');
    const stamp = new Date(clock.now()).toISOString().replace(/[-:]/g, '').replace(/\..*/, '');
    const file = path.join(folder, `log-${stamp}-${process.pid}.jsonl`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    } catch (error) {
      return { ok: false, text: `the view is not saved: ${reasonOf(error)}` };
    }
    return { ok: true, text: `${lines.length} line${lines.length === 1 ? '' : 's'} saved to ${file}` };
  }

  logAround(time: number): Promise<LogPart> {
    return linesAround(this.parts.logs, time);
  }

  restart(): Promise<Restarted> {
    return this.parts.restart();
  }

  stop(): Promise<Stopping> {
    return Promise.resolve(this.parts.stop());
  }
}
