/**
 * Imported before anything else. By itself Node opens its debugger at SIGUSR1, on a port of this machine where every
 * local user can read the refresh tokens in memory, and ends at SIGUSR2; with a listener for them neither happens.
 */
for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);

export {};
