/** What a check found: what was looked at, how it is, and what to do where it is not good. */
export interface Finding {
  readonly mark: 'ok' | 'warn' | 'bad';
  readonly what: string;
  readonly text: string;
}

const marks = { ok: '✔', warn: '▲', bad: '✖' } as const;

export const findingLine = ({ mark, what, text }: Finding): string => `${marks[mark]} ${what}: ${text}`;
