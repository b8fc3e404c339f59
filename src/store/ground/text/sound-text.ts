/** The same text as a database takes it: that knows no NUL and no half of a pair of surrogates. */
export const soundText = (text: string): string => text.replace(/[\0\p{Surrogate}]/gu, '\ufffd');
