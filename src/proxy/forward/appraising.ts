import type { Member } from '../pool/member.js';
import type { GivenAnswer } from '../protocols/protocol.js';
import type { Trouble } from '../protocols/translation/answer/trouble.js';
import type { Candidate, Candidates } from './candidates.js';
import type { RequestContext } from './request-context.js';
import type { TranslatedReply } from './translated/translated-reply.js';
import type { Tries } from './tries.js';

/** Checks the good answers of a translated request before the client sees them: an empty one is asked for once more. */
export class Appraising {
  /** The account whose answer was empty. */
  private empty: { readonly member: Member; readonly why: string; isRepeated: boolean } | null = null;
  /** What the latest answer reported, if it broke off before the client saw any of it. */
  private trouble: Trouble | null = null;

  /** null: the request is not translated. */
  static of(context: RequestContext, tries: Tries): Appraising | null {
    return context.translated === null ? null : new Appraising(context, tries, context.translated);
  }

  private constructor(
    private readonly context: RequestContext,
    private readonly tries: Tries,
    private readonly translated: TranslatedReply,
  ) {}

  /**
   * @returns `good`: the answer goes to the client; `another`: another account has to be asked; `over`: the client was
   * told why there is no answer
   */
  async take({ exchange, member }: GivenAnswer): Promise<'good' | 'another' | 'over'> {
    const appraisal = await this.translated.appraise(exchange, this.context.request);
    if (appraisal.kind === 'good' && !this.context.hasLeft()) return 'good';
    const used = this.translated.forgo();
    if (used !== null) this.tries.spent = [...this.tries.spent, { account: member.email, used }];
    if (this.context.hasLeft() || appraisal.kind === 'good') return 'over';
    exchange.abort();
    if (appraisal.kind === 'failed') {
      this.trouble = appraisal.trouble;
      this.tries.unusable(member, 'broke off', appraisal.trouble.message);
      return 'another';
    }
    this.tries.unusable(member, 'empty', `an empty answer (${appraisal.why})`);
    const isSecond = this.empty !== null;
    this.empty = { member, why: appraisal.why, isRepeated: isSecond };
    if (!isSecond) return 'another';
    this.translated.failEmpty(appraisal.why);
    return 'over';
  }

  /** The account whose answer was empty, to be asked once more where no other account is left. */
  onceMore(candidates: Candidates): Candidate | null {
    const { empty } = this;
    if (empty === null || empty.isRepeated) return null;
    empty.isRepeated = true;
    candidates.again([empty.member.id]);
    return candidates.next();
  }

  /** Tells the client why there is no answer. @returns whether the reason is known here */
  giveUp(): boolean {
    if (this.empty !== null) this.translated.failEmpty(this.empty.why);
    else if (this.trouble !== null) this.translated.fail(this.trouble);
    else return false;
    return true;
  }
}
