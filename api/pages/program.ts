/** Browsers name others, with which they are compatible, so the first match in this order is the browser itself. */
const BROWSERS = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

/**
 * Names the program of a session for the person, who wants to recognize it.
 *
 * @example programOf('Mozilla/5.0 (X11; Linux x86_64) … Chrome/140.0.0.0 Safari/537.36') // 'Chrome on Linux'
 * @returns the header itself when no known browser sends it
 */
export function programOf(userAgent: string): string {
  const found = (known: readonly (readonly [RegExp, string])[]) => known.find(([form]) => form.test(userAgent))?.[1];
  const browser = userAgent.startsWith('Mozilla/') ? found(BROWSERS) : undefined;
  if (browser === undefined) return userAgent || 'Unknown program';
  const system = found(SYSTEMS);
  return system === undefined ? browser : `${browser} on ${system}`;
}
