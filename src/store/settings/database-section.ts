import * as v from 'valibot';
import { isUrl, section, text, allowed } from './checks.js';

/** Whether each part, by comma, is the URL of a PostgreSQL; a comma in a password is %2C. */
const areDatabaseUrls = (value: string): boolean =>
  value.split(',').every((one) => isUrl(one.trim(), ({ protocol }) => /^postgres(?:ql)?:$/.test(protocol)));

const databaseUrls = v.pipe(
  text,
  v.check(
    (value) => value === '' || areDatabaseUrls(value),
    allowed(
      'empty, or one or more URLs such as postgres://user:password@db.example:5432/regrant, by comma (in a password write , as %2C, # as %23, % as %25, @ as %40 and / as %2F)',
    ),
  ),
);

const KEY_FORM = allowed('empty, or base64:…, file:/path or command:… that gives 32 bytes, raw or as base64');
const databaseKey = v.pipe(text, v.regex(/^(?:|(?:base64|file|command):[\s\S]+)$/, KEY_FORM));

/** As PostgreSQL takes a name without quotes, and short enough for the channel that is named by it. */
const schemaName = v.pipe(
  text,
  v.regex(
    /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/,
    allowed('a name of at most 40 of a-z, 0-9 and _, which does not begin with pg_ or a digit'),
  ),
);
const boxName = v.pipe(
  text,
  v.regex(/^[A-Za-z0-9._-]{0,63}$/, allowed('empty for the host name, or at most 63 of A-Z, a-z, 0-9, ., _ and -')),
);

/** The settings `database.*`. */
export const DatabaseSection = section({
  url: databaseUrls,
  key: databaseKey,
  oldKeys: v.array(databaseKey, allowed('a list of keys')),
  schema: schemaName,
  box: boxName,
});

/** The settings `database.*`, all present. */
export type DatabaseSettings = v.InferOutput<typeof DatabaseSection>;
