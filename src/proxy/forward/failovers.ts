import type { UpstreamFailed } from '../transport/exchange.js';
import type { Member } from '../pool/member.js';

/** What the log tells about a request that did not go straight through. */
export class Failovers {
  private left: { readonly member: Member; readonly why: string }[] = [];
  private broke: string | null = null;

  /** Notes that an account was left for the next one. */
  leave(member: Member, why: string): void {
    this.left.push({ member, why });
  }

  /** Notes that this account's answer is the client's after all. */
  answered(member: Member): void {
    this.left = this.left.filter((left) => left.member !== member);
  }

  brokeOff({ receivedBytes, message }: UpstreamFailed): void {
    this.broke = `the answer broke off after ${receivedBytes} bytes: ${message}`;
  }

  /** Why each account before the one that answered was left, and how the answer broke off if it did. */
  get lines(): readonly string[] {
    const lines = this.left.map(({ member, why }) => `${localPart(member.email)}: ${why}`);
    return this.broke === null ? lines : [...lines, this.broke];
  }
}

/** The lines of a request that went straight through. */
export const NO_FAILOVERS: readonly string[] = [];

const localPart = (email: string): string => email.slice(0, Math.max(1, email.indexOf('@')) || undefined);
