import fc from 'fast-check';

/** As fast-check's own unit `binary`, which takes two seconds of each process that so much as names it. */
export const character = fc
  .nat(0x10_ff_ff)
  .filter((point) => point < 0xd8_00 || point > 0xdf_ff)
  .map((point) => String.fromCodePoint(point));
