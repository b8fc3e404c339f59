/**
 * The same text without what it was cut from: V8 keeps a long string alive as long as a piece of it is held, so that 16
 * letters of a body of 8 MB would hold all of it. For what is kept of a foreign text; a lone surrogate becomes U+FFFD.
 */
export const ownText = (piece: string): string => Buffer.from(piece, 'utf8').toString('utf8');
