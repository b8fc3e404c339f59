/**
 * The text of a file as the bytes that were read: of tens of thousands most are never asked for, and to make texts of
 * them takes longer than all else that a start does with them.
 */
export class KeptText {
  /** @param buffer - of a whole text in UTF-8, others beside it */
  constructor(
    private readonly buffer: ArrayBuffer,
    private readonly from: number,
    private readonly length: number,
  ) {}

  read(): string {
    return Buffer.from(this.buffer, this.from, this.length).toString('utf8');
  }
}
