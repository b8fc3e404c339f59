/** Lets real time pass, for what only a soak can wait for. */
export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
