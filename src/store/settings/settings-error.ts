import { RegrantError, type Saying } from '../ground/errors.js';
import { reason, saying } from '../words/saying.js';

/** A setting that cannot be used, or a settings file that cannot be read. Exit status 2. */
export class SettingsError extends RegrantError {
  readonly code = 'SETTINGS';
}

/** The settings file cannot be written, and nothing was changed. Exit status 1; 3 where a start needs it. */
export class SettingsNotWritten extends SettingsError {}

/** @param lost - what is lost by that */
export const notWritten = (file: string, error: unknown, lost: Saying): SettingsNotWritten =>
  new SettingsNotWritten(saying('{file} cannot be written: {why}; {lost}', { file, why: reason(error), lost }));

/** A file that was there while regrant runs is gone: what it said stays in effect. */
export class FileGone extends SettingsError {
  constructor(file: string) {
    super(saying('{file} is gone; write it again, or stop regrant to start anew', { file }));
  }
}
