import { hash } from 'node:crypto';

const TAKEN_BY_GEMINI = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const LONGEST = 64;
const DIGITS = 8;

/**
 * The names of functions in one request, there and back. Gemini takes fewer than the protocols do; one that it would
 * refuse gets another, made of its own characters and a digest, so that it is the same in every turn.
 */
export class ToolNames {
  private readonly wires = new Map<string, string>();
  private readonly clients = new Map<string, string>();

  /** What Gemini knows the client's function by. */
  toGemini(name: string): string {
    const known = this.wires.get(name);
    if (known !== undefined) return known;
    let wire = TAKEN_BY_GEMINI.test(name) ? name : replaced(name, 0);
    for (let round = 1; this.clients.has(wire); round++) wire = replaced(name, round);
    this.wires.set(name, wire);
    this.clients.set(wire, name);
    return wire;
  }

  /** What the client calls it; a name that a model has invented is the client's to judge. */
  toClient(wire: string): string {
    return this.clients.get(wire) ?? wire;
  }
}

function replaced(name: string, round: number): string {
  const digest = hash('sha256', `${round}:${name}`, 'hex').slice(0, DIGITS);
  const kept = name.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, LONGEST - DIGITS - 2);
  return `${/^[A-Za-z_]/.test(kept) ? '' : '_'}${kept}_${digest}`;
}
