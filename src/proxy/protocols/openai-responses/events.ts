import type { JsonObject } from '../../../store/ground/json.js';
import { namedEvent, quoted } from '../translation/answer/sse.js';

/** The events of one stream of Responses, numbered as they are written. */
export class ResponseEvents {
  private count = 0;
  private text = '';

  get begun(): boolean {
    return this.count > 0;
  }

  /** @param type - without the `response.` that all have */
  write(type: string, fields: JsonObject): void {
    const name = `response.${type}`;
    this.text += namedEvent(name, JSON.stringify({ type: name, sequence_number: this.count++, ...fields }));
  }

  /**
   * A delta: the event that streams consist of, so it is put together from what never changes.
   *
   * @param within - JSON members that say which item it belongs to
   */
  writeDelta(type: string, within: string, delta: string): void {
    const name = `response.${type}.delta`;
    this.text += `event: ${name}\ndata: {"type":"${name}","sequence_number":${this.count++},${within},"delta":${quoted(delta)}}\n\n`;
  }

  /** What has been written since this was asked last. */
  taken(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}
