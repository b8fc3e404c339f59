import type { AccountStore } from '../../store/accounts/account-store.js';
import { setProject } from '../../store/accounts/patches.js';
import type { CodeAssist } from './code-assist.js';
import type { Onboarding } from './onboarding.js';

/**
 * Looks up the quota projects of accounts whose files name none: once for all requests that wait for it; the project is
 * saved.
 */
export class Projects {
  private readonly underWay = new Map<string, Promise<string>>();

  constructor(
    private readonly codeAssist: Pick<CodeAssist, 'load'>,
    private readonly onboarding: Pick<Onboarding, 'project'>,
    private readonly store: Pick<AccountStore, 'get' | 'patch'>,
  ) {}

  /** @throws {CodeAssistFailed} */
  of(accountId: string, accessToken: string): Promise<string> {
    return this.once(accountId, () => this.find(accountId, accessToken, null));
  }

  /**
   * The new project of an account whose file names one that is gone: looked up once for all requests that wait for it,
   * and saved in the old one's place.
   *
   * @param gone - the project in the file
   * @throws {CodeAssistFailed}
   */
  anew(accountId: string, accessToken: string, gone: string): Promise<string> {
    return this.once(`${accountId}\n${gone}`, () => this.find(accountId, accessToken, gone));
  }

  private once(key: string, ask: () => Promise<string>): Promise<string> {
    let asking = this.underWay.get(key);
    if (asking === undefined) {
      asking = ask().finally(() => this.underWay.delete(key));
      this.underWay.set(key, asking);
    }
    return asking;
  }

  private async find(accountId: string, accessToken: string, gone: string | null): Promise<string> {
    const loaded = await this.codeAssist.load(accessToken);
    const project = loaded.cloudaicompanionProject ?? (await this.onboarding.project(accountId, accessToken, loaded));
    // Another program, or the operator, may have named a project meanwhile: that one is used.
    const named = this.store.get(accountId)?.account?.projectId ?? null;
    if (named !== null && named !== gone) return named;
    if (project === gone) return project;
    // If the write fails, the store keeps the change in memory and tries again.
    this.store.patch(accountId, setProject(project)).catch(() => undefined);
    return project;
  }
}
