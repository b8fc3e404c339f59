import { RegrantError } from '../ground/errors.js';

/** A setting that cannot be used, or a settings file that cannot be read. Exit status 2. */
export class SettingsError extends RegrantError {
  readonly code = 'SETTINGS';
}

/** The settings file cannot be written, and nothing was changed. Exit status 1; 3 where a start needs it. */
export class SettingsNotWritten extends SettingsError {}
