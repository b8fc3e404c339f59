import type { JsonObject } from '../../../store/ground/json.js';
import { namedEvent, quoted } from '../translation/answer/sse.js';

/** The events of one stream of Responses, numbered in order. */
export class ResponseEvents {
  private count = 0;
  private text = '';

  get begun(): boolean {
    return this.count > 0;
  }

  /** @param type - without the `response.` that all types begin with */
  write(type: string, fields: JsonObject): void {
    const name = `response.${type}`;
    this.text += namedEvent(name, JSON.stringify({ type: name, sequence_number: this.count++, ...fields }));
  }

  /**
   * Writes a delta. Streams consist mostly of these, so it is put together from constant texts.
   *
   * @param within - JSON members that say which item it belongs to
   */
  writeDelta(type: string, within: string, delta: string): void {
    const name = `response.${type}.delta`;
    this.text += `event: ${name}\ndata: {"type":"${name}","sequence_number":${this.count++},${within},"delta":${quoted(delta)}}\n\n`;
  }

  /** The text written since the last call. */
  taken(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}
