import type { ScanResult } from './folder-scan.js';

/** An event of a probe file proves for so long that events arrive. */
const PROOF_MS = 60_000;
/** A change that no event told of casts doubt on them for so long. */
const DOUBT_MS = 60_000;
/**
 * Linux holds 16,384 events that were not read yet and drops what comes then, without a word that reaches us: fewer than
 * half as many since the folder was last listed are all that there were.
 */
const SURELY_ALL = 8_192;

/**
 * Whether the system's events about a folder can be relied on: they can where a file of our own making was told by one
 * lately, all files lie here, and no pass found a change that none had told of.
 */
export class ProvenEvents {
  private provenAt = -Infinity;
  private doubtedAt = -Infinity;
  /** The probe file that an event may still tell of. */
  private probe: string | null = null;
  private isAllHere = false;
  /** Whom events have told of since the last whole pass. */
  private heard = new Set<string>();
  /** Those of them since the pass under way began: it may have looked at them before. */
  private heardMeanwhile = new Set<string>();
  /** How many events came since the folder was last listed. */
  private told = 0;
  /** How many of them since the pass under way began, and between its begin and that of the one before. */
  private toldMeanwhile = 0;
  private toldBefore = 0;
  /** The folder was touched by the last pass, and no event had told of anything by then. */
  private isUntold = false;
  /** Nor did one by the next pass. */
  private hasMissed = false;
  /** What the last whole pass found and no event had told of by then; its event may only have come behind it. */
  private unheard: readonly string[] = [];

  /** An event told of this name. @param now - monotonic, ms */
  tells(name: string, now: number): void {
    this.told++;
    this.toldMeanwhile++;
    if (name === this.probe) this.provenAt = now;
    else {
      this.heard.add(name);
      this.heardMeanwhile.add(name);
    }
  }

  /** A pass begins, and none is under way. */
  begins(): void {
    this.heardMeanwhile = new Set();
    this.toldBefore = this.toldMeanwhile;
    this.toldMeanwhile = 0;
  }

  /** Whom events have told of since the last whole pass. */
  get names(): readonly string[] {
    return [...this.heard];
  }

  /** Takes in what a pass over the folder found. */
  compare({ differs, isAllHere, isTouched, isWhole, isListed }: ScanResult, now: number): void {
    const isSilent = this.toldBefore + this.toldMeanwhile === 0;
    this.hasMissed = this.isUntold && isSilent && !isWhole;
    this.isUntold = isTouched && isSilent && !isWhole;
    if (this.unheard.some((name) => !this.heard.has(name))) this.doubtedAt = now;
    this.unheard = [];
    this.isAllHere = isAllHere;
    if (!isWhole) return;
    if (isListed) this.told = 0;
    this.unheard = differs.filter((name) => !this.heard.has(name));
    // what changed while the pass went on is found by the next one
    this.heard = new Set(this.heardMeanwhile);
  }

  /** The folder is another one now, or is watched anew: what was proven was about the one before. */
  forget(): void {
    this.provenAt = -Infinity;
    this.probe = null;
    this.unheard = [];
    this.isUntold = false;
    this.hasMissed = false;
  }

  /** So many came that some may have been dropped, or one did not come at all: a whole pass is due. */
  get mayLackSome(): boolean {
    return this.told >= SURELY_ALL || this.hasMissed;
  }

  areProven(now: number): boolean {
    return this.isAllHere && now - this.provenAt < PROOF_MS && now - this.doubtedAt >= DOUBT_MS;
  }

  /** Whether a probe file is due: events may be reliable, and the last proof is over at the next pass or soon after. */
  wantsProbe(now: number, nextPassMs: number): boolean {
    return this.isAllHere && now + 2 * nextPassMs - this.provenAt >= PROOF_MS;
  }

  /** @param name - of the probe file that the next pass makes */
  probes(name: string): void {
    this.probe = name;
  }
}
