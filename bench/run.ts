/** `npm run bench -- scale …`: a bench by its name; without one, the road of a request. */
const [name] = process.argv.slice(2);
if (name === 'scale') await import('./scale.js');
else await import('./bench.js');
