/** Returns the value of a cookie in a request; undefined when there is none, or it has another form. */
export function cookieIn(headers: Headers, name: string, form: RegExp): string | undefined {
  for (const pair of headers.get('cookie')?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    return form.test(value) ? value : undefined;
  }
  return undefined;
}

/** Writes a cookie that scripts cannot read, and that browsers send from pages of the same site only. */
export const strictCookie = (name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`;
