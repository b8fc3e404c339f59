import * as v from 'valibot';
import type { SqlAnswer, SqlValue } from './connection.js';

/** Reads one row of an answer. */
export type RowSchema<Row> = v.GenericSchema<unknown, Row>;

/** What can be asked of the database. In a text, `{account}` stands for that table of the pool. */
export interface Statements {
  /** @throws {DatabaseAway} @throws {StatementFailed} */
  rows<Row>(row: RowSchema<Row>, text: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** @returns how many rows were hit @throws {DatabaseAway} @throws {StatementFailed} */
  run(text: string, values?: readonly SqlValue[]): Promise<number>;
}

const TABLE = /\{([a-z_]+)\}/g;

/** Statements with the tables of one schema. No search path is set: a pooler between would forget it. */
export const statementsOn = (
  schema: string,
  ask: (text: string, values: readonly SqlValue[]) => Promise<SqlAnswer>,
): Statements => {
  const inSchema = (text: string): string => text.replace(TABLE, `"${schema}"."$1"`);
  return {
    rows: async (row, text, values = []) => v.parse(v.array(row), (await ask(inSchema(text), values)).rows),
    run: async (text, values = []) => (await ask(inSchema(text), values)).count,
  };
};
