import { hash } from 'node:crypto';

const TAKEN_BY_GEMINI = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const LONGEST = 64;
const DIGITS = 8;

/**
 * The names of functions in one request, in both directions. Gemini allows fewer characters than the protocols; a name
 * that it would refuse is replaced by one of allowed characters and a digest, the same in every turn.
 */
export class ToolNames {
  private readonly wires = new Map<string, string>();
  private readonly clients = new Map<string, string>();

  /** Gemini's name for the client's function. */
  toGemini(name: string): string {
    const known = this.wires.get(name);
    if (known !== undefined) return known;
    let wire = TAKEN_BY_GEMINI.test(name) ? name : replaced(name, 0);
    for (let round = 1; this.clients.has(wire); round++) wire = replaced(name, round);
    this.wires.set(name, wire);
    this.clients.set(wire, name);
    return wire;
  }

  /** The client's name for it; if a model has invented the name, the client decides what to do with it. */
  toClient(wire: string): string {
    return this.clients.get(wire) ?? wire;
  }
}

function replaced(name: string, round: number): string {
  const digest = hash('sha256', `${round}:${name}`, 'hex').slice(0, DIGITS);
  const kept = name.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, LONGEST - DIGITS - 2);
  return `${/^[A-Za-z_]/.test(kept) ? '' : '_'}${kept}_${digest}`;
}
