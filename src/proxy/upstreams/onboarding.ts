import { BoundedMap } from '../../store/ground/bounded-map.js';
import type { Clock } from '../../store/ground/clock.js';
import { english, joinedSayings, read, saying } from '../../store/words/saying.js';
import type { Settings } from '../../store/settings/settings.js';
import type { AnswerCause } from '../contract/answer-causes.js';
import { CodeAssistFailed, type CodeAssist, type LoadedAccount, type OnboardOperation } from './code-assist.js';

/** Google offers this account no tier, or none without a project of its owner's: asking again does not help. */
export class AccountIneligible extends CodeAssistFailed {
  override readonly code = 'ACCOUNT_INELIGIBLE';

  constructor(
    override readonly cause: Extract<AnswerCause, 'subscription' | 'validation' | 'precondition' | 'project_denied'>,
    /** In Google's words, where it gave any. */
    readonly words: string,
    /** A page where its owner can do something about it; null: Google names none. */
    readonly url: string | null,
  ) {
    super(read(words), 403);
  }
}

export interface OnboardingParts {
  readonly codeAssist: Pick<CodeAssist, 'onboard' | 'operation'>;
  readonly clock: Clock;
  /** Whether accounts may be set up. */
  readonly rules: Pick<Settings['upstream'], 'onboard'>;
}

/** How often Google is asked for the progress, */
const ASK_EVERY_MS = 2_000;
/** and how many times for one request; the next request that needs the project goes on asking. */
const MOST_ASKED = 15;
/** Accounts that are being set up. */
const MOST_UNDER_WAY = 1_000;

/** Sets up accounts that never used Code Assist: each once, with Google's default tier. */
export class Onboarding {
  /** Account id → name of its set-up, which Google has not finished. */
  private readonly underWay = new BoundedMap<string, string>(MOST_UNDER_WAY);

  constructor(private readonly parts: OnboardingParts) {}

  /**
   * The project that Google makes for an account that has none.
   *
   * @throws {AccountIneligible} Google makes none
   * @throws {CodeAssistFailed} Google did not answer, or it takes longer
   */
  async project(accountId: string, accessToken: string, loaded: LoadedAccount): Promise<string> {
    const name = this.underWay.get(accountId);
    const begun =
      name === undefined
        ? await this.begin(accessToken, loaded)
        : await this.parts.codeAssist.operation(accessToken, name);
    try {
      return await this.finish(accountId, accessToken, begun);
    } catch (error) {
      // Google has forgotten the set-up: it is begun again
      if (error instanceof CodeAssistFailed && error.status === 404) this.underWay.delete(accountId);
      throw error;
    }
  }

  private begin(accessToken: string, loaded: LoadedAccount): Promise<OnboardOperation> {
    const tier = loaded.currentTier === null ? tierOf(loaded) : null;
    if (tier === null) throw ineligible(loaded);
    if (!this.parts.rules.onboard) {
      const words = english('it was never set up for Code Assist, and upstream.onboard forbids that here');
      throw new AccountIneligible('project_denied', words, null);
    }
    return this.parts.codeAssist.onboard(accessToken, tier);
  }

  private async finish(accountId: string, accessToken: string, begun: OnboardOperation): Promise<string> {
    const { codeAssist, clock } = this.parts;
    let operation = begun;
    for (let asked = 0; !operation.done && operation.name !== '' && asked < MOST_ASKED; asked++) {
      this.underWay.set(accountId, operation.name);
      await clock.wait(ASK_EVERY_MS);
      operation = await codeAssist.operation(accessToken, operation.name);
    }
    if (!operation.done) throw new CodeAssistFailed(saying('Google is still setting the account up for Code Assist'));
    this.underWay.delete(accountId);
    const project = operation.response?.cloudaicompanionProject ?? null;
    if (project !== null) return project;
    const words = operation.error?.message ?? '';
    const text = saying('{what} names no project for this account', { what: 'onboardUser' });
    throw new CodeAssistFailed(words === '' ? text : joinedSayings([text, read(words)], ': '), 200);
  }
}

/** The tier that Google offers by default, else the first one that needs no project of the owner's; null: there is none. */
function tierOf({ allowedTiers }: LoadedAccount): string | null {
  const usable = allowedTiers.filter((tier) => !tier.userDefinedCloudaicompanionProject);
  return (usable.find(({ isDefault }) => isDefault) ?? usable[0])?.id ?? null;
}

/** The cause by Google's code; any other code is about the account's right to the service. */
const causes: Readonly<Record<string, AccountIneligible['cause']>> = {
  VALIDATION_REQUIRED: 'validation',
  UNSUPPORTED_LOCATION: 'precondition',
  UNKNOWN_LOCATION: 'precondition',
  RESTRICTED_NETWORK: 'precondition',
};

function ineligible({ ineligibleTiers, allowedTiers, currentTier }: LoadedAccount): CodeAssistFailed {
  const told = ineligibleTiers.find(({ validationUrl }) => validationUrl !== null) ?? ineligibleTiers[0];
  if (told !== undefined) {
    const { reasonCode, reasonMessage, validationUrl } = told;
    const cause = Object.hasOwn(causes, reasonCode) ? causes[reasonCode] : undefined;
    return new AccountIneligible(
      cause ?? 'subscription',
      reasonMessage || reasonCode || english('Google says that it is not eligible'),
      validationUrl,
    );
  }
  if (allowedTiers.length === 0 && currentTier === null)
    return new CodeAssistFailed(saying('{what} names no project for this account', { what: 'loadCodeAssist' }), 200);
  const words = english('its tier of Code Assist wants a Google Cloud project of its owner: set token.project_id');
  return new AccountIneligible('project_denied', words, null);
}
