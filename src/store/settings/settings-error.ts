import { RegrantError } from '../ground/errors.js';

/** A setting that cannot be used, or a settings file that cannot be read. Exit status 2. */
export class SettingsError extends RegrantError {
  readonly code = 'SETTINGS';
}
