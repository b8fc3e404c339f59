/**
 * Where Node's own warnings go (`NODE_TLS_REJECT_UNAUTHORIZED`, deprecations, leaks): by itself it writes them to
 * standard error, and so over a screen.
 */
export function nodeWarningsGoTo(tell: (text: string) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => tell(`Node warns: ${name}: ${message}`));
}

/** Keeps them from the screen. @returns those that came, once the screen has ended */
export function holdNodeWarnings(): readonly string[] {
  const held: string[] = [];
  nodeWarningsGoTo((text) => held.push(text));
  return held;
}
