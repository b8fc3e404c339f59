/** Refuses to publish while package.json still has a placeholder where a reader looks for the project. Exits 1 and names it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** A placeholder address: RFC 2606 reserves this domain for that. */
const PLACEHOLDER = /\/\/[^/]*\.invalid(?=[/:]|$)/;

/** What keeps a package from being published, one line each. @param manifest - package.json, parsed */
export function faultsOf(manifest) {
  const addresses = {
    repository: manifest.repository?.url ?? manifest.repository,
    bugs: manifest.bugs?.url ?? manifest.bugs,
    homepage: manifest.homepage,
  };
  return Object.entries(addresses).flatMap(([key, url]) => {
    if (typeof url !== 'string' || url === '') return [`package.json names no ${key}`];
    return PLACEHOLDER.test(url) ? [`package.json's ${key} is still the placeholder ${url}`] : [];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = path.join(path.dirname(import.meta.dirname), 'package.json');
  const faults = faultsOf(JSON.parse(readFileSync(file, 'utf8')));
  for (const fault of faults) console.error(`not to be published: ${fault}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
