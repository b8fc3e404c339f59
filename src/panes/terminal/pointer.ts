/** What a mouse did, as terminals tell it since xterm's SGR mode (1006): of all that, what acts here. */

export interface Pointer {
  readonly what: 'click' | 'wheel-up' | 'wheel-down';
  /** Cells from the left upper corner, from 0. */
  readonly x: number;
  readonly y: number;
}

/** Button of the wheel, turned up; down is one more. */
const WHEEL = 64;

/** Null for what is no report of a mouse, or one that does nothing: a button let go, a movement, another button, one with something held. */
export function pointerOf(parameters: string, final: string): Pointer | null {
  const [, code = '', column = '', row = ''] = /^<(\d{1,4});(\d{1,4});(\d{1,4})$/.exec(parameters) ?? [];
  if (code === '' || final !== 'M' || Number(column) < 1 || Number(row) < 1) return null;
  const place = { x: Number(column) - 1, y: Number(row) - 1 };
  switch (Number(code)) {
    case 0:
      return { what: 'click', ...place };
    case WHEEL:
      return { what: 'wheel-up', ...place };
    case WHEEL + 1:
      return { what: 'wheel-down', ...place };
    default:
      return null;
  }
}
